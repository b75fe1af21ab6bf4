"""The shapes of requests and answers. Amounts are whole minor units (cents), points whole points."""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)

from walletpass.ledger.bill import LineKind

MOST = 10**12
MOST_LINES, MOST_OF_ONE = 500, 10_000
SHORTEST_REASON = 3
FIRST_YEAR, LAST_YEAR = 2000, 9000
Amount = Annotated[StrictInt, Field(ge=0, le=MOST, description="Whole minor units of the program's currency (cents).")]
CheckId = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
CardRef = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=200),
    Field(description="A scanned code, a typed card number, or a card id."),
]


def _readable(text: str) -> str:
    """Without control and bidi characters: a reason is read by whoever looks at the entry later."""
    seen = "".join(char for char in text if char.isprintable()).strip()
    if len(seen) < SHORTEST_REASON:
        raise ValueError(f"at least {SHORTEST_REASON} letters that can be read")
    return seen


Reason = Annotated[
    str, StringConstraints(strict=True, strip_whitespace=True, min_length=SHORTEST_REASON, max_length=200), AfterValidator(_readable)
]


def _visible(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


# A word of the point of sale's own: no control and bidi characters, no line breaks.
Word = Annotated[str, StringConstraints(strict=True, max_length=40), AfterValidator(_visible)]
Words = Annotated[str, StringConstraints(strict=True, max_length=120), AfterValidator(_visible)]


def _text(value: Any) -> Any:
    # A number of seconds, even as text, has no zone that anybody wrote down.
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt ]", value):
        raise ValueError("a time is text, as 2026-11-29T20:15:00+01:00")
    return value


def _in_utc(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise ValueError("a time between the years 2000 and 9000")
    return moment.astimezone(UTC)


At = Annotated[AwareDatetime, BeforeValidator(_text), AfterValidator(_in_utc)]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class KeyHeader(BaseModel):
    key: str = Field(
        "",
        alias="Idempotency-Key",
        description="Required on every write. The same key with the same request gets the first answer again; without a key: 400.",
    )

    @classmethod
    @cache
    def model_json_schema(cls, **options: Any) -> dict[str, Any]:  # type: ignore[override]  # the names of its options are pydantic's
        """Made once: flask-openapi asks for it with every request, and to make it cost a tenth of an earn."""
        return super().model_json_schema(**options)


class CodeIn(In):
    code: CardRef


class LineIn(In):
    amount: Amount
    discount: Amount = 0
    kind: LineKind = "item"
    earns: StrictBool = True
    redeemable: StrictBool = True
    category: Word = Field("", description="Of the menu, as the program's rules name it.")
    quantity: Annotated[StrictInt, Field(ge=1, le=MOST_OF_ONE)] = Field(1, description="How many; the amount is for all of them.")
    tax: Amount = Field(0, description="The part of the amount that is tax.")
    sku: Word = Field("", description="The point of sale's own name of the item.")
    name: Words = Field("", description="What a guest calls it.")


class PaidIn(In):
    """What is paid: an amount, or lines."""

    amount: Annotated[StrictInt, Field(ge=1, le=MOST)] | None = Field(None, description="The whole check. Or give lines.")
    lines: list[LineIn] | None = Field(None, max_length=MOST_LINES)
    discount: Amount = Field(0, description="On the whole check; goes with lines.")
    gift_card: Amount = Field(0, description="The part of the check that gift cards pay.")


class WhoseIn(In):
    card: CardRef
    check_id: CheckId | None = Field(
        None, description="The till's own name of the check; one earn stands per check. Made from the key when left out."
    )


class BillIn(PaidIn, WhoseIn):
    pass


class LateIn(BillIn):
    at: At | None = Field(
        None,
        description="When it happened, ISO 8601 with its zone, where the till could not send it then. What is older than the program allows "
        "(a day, unless it says otherwise) is answered 202 and waits for a manager; a time more than five minutes ahead counts as now.",
    )


class EarnIn(LateIn):
    pass


class SpendIn(BillIn):
    points: Annotated[StrictInt, Field(ge=1, le=MOST)]
    proof: Annotated[str, StringConstraints(strict=True, max_length=80)] = Field(
        "", description="From the guest view, or from second-factor. What the guest proved is good for five minutes and once."
    )
    reason: Reason | None = Field(None, description="Only from a manager at a till, instead of the guest's proof.")


class RedeemIn(SpendIn, LateIn):
    pass


Id = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-z]{26}$")]
EntryRef = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=64), Field(description="An entry's id, as answers name it.")
]


class UndoIn(In):
    entry: EntryRef
    reason: Reason


class AdjustIn(In):
    card: CardRef
    points: Annotated[StrictInt, Field(ge=-MOST, le=MOST, description="Up or down, not zero.")]
    reason: Reason


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class BalanceOut(Out):
    points: int = Field(description="What the card shows and the guest can spend.")
    pending: int
    held: int
    debt: int


class CardBalanceOut(BalanceOut):
    card: str = Field(description="The card's id.")


class LateOut(Out):
    late: str = Field(description="It happened too long ago to be booked silently: a manager finds it listed by this id.")


class CardsOut(Out):
    balances: list[CardBalanceOut] = Field(description="Of every card that was touched, once.")


class EntryOut(Out):
    id: str = Field(description="The card's id, a dash, and the number of the entry on it.")
    type: str
    points: int = Field(
        validation_alias=AliasChoices("delta", "points"), description="What the guest gained; negative: spent or taken back."
    )
    check_id: str
    at: datetime = Field(validation_alias=AliasChoices("event_at", "at"))


class RecentOut(EntryOut):
    reversible: bool


class WriteOut(Out):
    entry: EntryOut
    balance: BalanceOut


class CardOut(BalanceOut):
    id: str
    number: str


class GuestOut(Out):
    id: str
    name: str
    masked_phone: str = Field(description="Empty where there is none.")


class GoogleDeliveryOut(Out):
    """How far the card's newest state has come on its way to Google. What the phone shows of it, Google tells nobody."""

    state: Literal["sent", "waiting", "refused", "removed"] = Field(
        description="sent: Google has it; waiting: on its way; refused: Google did not take the newest change; removed: the guest took the "
        "card out of Google Wallet."
    )
    at: datetime | None = Field(description="When that was; of a waiting change, when Google last took one.")
    paused: bool = Field(description="Whether everything to Google waits until an operator has mended something.")


class DeliveryOut(Out):
    """How far the card's newest state has come, of the phone that is furthest behind."""

    devices: int = Field(description="iPhones, watches and iPads that listen for changes of this card.")
    lagging: bool = Field(description="Whether one of them has not fetched the card as it stands now.")
    version: int = Field(description="The version of the card that the phone fetched last; 0: none since it was added.")
    points: int | None = Field(description="What the phone shows, as far as we know.")
    fetched_at: datetime | None
    sent_at: datetime | None = Field(description="When Apple took the push for the newest state; null while it is on its way.")
    google: GoogleDeliveryOut | None = Field(description="The same for Google Wallet; null for a card that Google says nobody saved there.")


class ProblemOut(BaseModel):
    """RFC 9457. Some codes add members: ``maximum``, ``minimum``, ``available``, ``entry``, ``scope``, ``fields``."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str = Field(description="One sentence for the person in front of the screen.")
    code: str = Field(description="For programs; it does not change.")


FAULTS: dict[int | str, Any] = dict.fromkeys((400, 401, 403, 404, 409, 410, 413, 422, 429, 503), ProblemOut)
