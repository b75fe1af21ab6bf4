"""The shapes of requests and answers. Amounts are whole minor units (cents), points whole points."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

from walletpass.ledger import Bill, Line
from walletpass.ledger.bill import LineKind

MOST = 10**12
SHORTEST_REASON = 3
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


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class KeyHeader(BaseModel):
    key: str = Field(
        "",
        alias="Idempotency-Key",
        description="Required on every write. The same key with the same request gets the first answer again; without a key: 400.",
    )


class CodeIn(In):
    code: CardRef


class LineIn(In):
    amount: Amount
    discount: Amount = 0
    kind: LineKind = "item"
    earns: StrictBool = True
    redeemable: StrictBool = True


class BillIn(In):
    card: CardRef
    check_id: CheckId | None = Field(
        None, description="The till's own name of the check; one earn stands per check. Made from the key when left out."
    )
    amount: Annotated[StrictInt, Field(ge=1, le=MOST)] | None = Field(None, description="The whole check. Or give lines.")
    lines: list[LineIn] | None = Field(None, max_length=500)
    discount: Amount = Field(0, description="On the whole check; goes with lines.")

    def bill(self, check_id: str) -> Bill | None:
        """None unless exactly one of amount and lines was given."""
        if (self.amount is None) == (self.lines is None) or (self.amount is not None and self.discount):
            return None
        if self.amount is not None:
            return Bill.of(check_id, self.amount)
        lines = tuple(Line(**line.model_dump()) for line in self.lines or ())
        return Bill(check_id, lines, self.discount)


class EarnIn(BillIn):
    pass


class RedeemIn(BillIn):
    points: Annotated[StrictInt, Field(ge=1, le=MOST)]
    proof: Annotated[str, StringConstraints(strict=True, max_length=80)] = Field(
        "", description="From the guest view of a code that changes, where redeeming asks for it. Good for five minutes."
    )
    reason: Reason | None = Field(None, description="Only from a manager at a till who has seen no code that changes.")


class UndoIn(In):
    entry: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]
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


class EntryOut(Out):
    id: str
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


class RulesOut(Out):
    currency: str
    earn_bps: int = Field(description="Points x 10,000 for one minor unit.")
    point_value: int = Field(description="Minor units that one point pays.")
    cap_percent: int
    minimum_points: int
    minimum_money: int
    max_amount: int


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


class RedeemingOut(Out):
    """What paying with points asks for besides points."""

    needs: Literal["nothing", "proof", "reason"] = Field(
        description="nothing; proof: the code that changes in the guest's Google Wallet must be scanned; reason: the same, but you "
        "may say why it was not."
    )
    proof: str = Field(description="That it was scanned now: send it along with redeem. Empty otherwise.")


class GuestView(Out):
    card: CardOut
    guest: GuestOut
    redeeming: RedeemingOut
    delivery: DeliveryOut
    visits: int
    average_check: int | None
    last_visit: datetime | None
    days_since_last_visit: int | None
    rules: RulesOut
    recent: list[RecentOut]


class Fault(BaseModel):
    model_config = ConfigDict(extra="allow")

    code: str
    message: str


class FaultOut(BaseModel):
    error: Fault


FAULTS: dict[int | str, Any] = dict.fromkeys((400, 401, 403, 404, 409, 422, 429, 503), FaultOut)
