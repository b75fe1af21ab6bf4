"""The shapes of checks in the API. Amounts are whole minor units (cents)."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StrictBool, StrictInt, StringConstraints

from walletpass.api.schemas import MOST, Amount, BalanceOut, CardRef, CheckId, EntryOut, In, Out, Reason
from walletpass.checks import MOST_LINES, Ordered
from walletpass.checks.lines import MOST_QUANTITY
from walletpass.ledger.bill import LineKind

Sku = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9._:-]{1,40}$"), Field(description="The POS's own name of the item.")
]
Label = Annotated[str, StringConstraints(strict=True, max_length=120)]
Short = Annotated[str, StringConstraints(strict=True, max_length=40)]
Position = Annotated[StrictInt, Field(ge=1, le=10**6, description="Counts the lines of a check from 1; never given twice.")]
Paid = Annotated[StrictInt, Field(ge=1, le=MOST)]


class OrderedIn(In):
    amount: Amount
    name: Label = ""
    sku: Sku | None = Field(None, description="One that is not on the menu yet comes on it by this name.")
    category: Short = ""
    kind: LineKind = "item"
    quantity: Annotated[StrictInt, Field(ge=1, le=MOST_QUANTITY)] = Field(1, description="The amount is for all of them.")
    discount: Amount = 0
    tax: Amount = Field(0, description="The part of the amount that is tax.")
    earns: StrictBool = True
    redeemable: StrictBool = True
    drink: StrictBool = Field(False, description="Of an item that comes on the menu by this line.")

    def ordered(self) -> Ordered:
        return Ordered(**{**self.model_dump(), "sku": self.sku or ""})


Lines = Annotated[list[OrderedIn], Field(min_length=1, max_length=MOST_LINES)]


class OpenIn(In):
    check_id: CheckId | None = Field(None, description="The till's own name of the check. Made by us when left out.")
    venue_id: Annotated[str, StringConstraints(strict=True, max_length=26)] = Field("", description="The till's own when left out.")
    place: Annotated[str, StringConstraints(strict=True, max_length=20)] = Field("", description="The table, as people call it.")
    waiter: Short = Field("", description="Who serves: a staff id or the POS's own name. At a till, whoever is signed in.")
    lines: Lines | None = None
    card: CardRef | None = None


class LinesIn(In):
    lines: Lines
    instead: StrictBool = Field(False, description="These are all lines of the check; those that stood on it go.")


class AttachIn(In):
    card: CardRef


class CloseIn(In):
    amount: Paid | None = Field(None, description="Of a check without lines. Otherwise what they must add up to, less the discount.")
    discount: Amount = Field(0, description="On the whole check.")
    gift_card: Amount = Field(0, description="The part that gift cards pay.")


class CheckRefundIn(In):
    lines: Annotated[list[Position], Field(min_length=1, max_length=MOST_LINES)] | None = None
    amount: Paid | None = Field(None, description="Or an amount; or neither, for all that is left.")
    reason: Reason


class VoidIn(In):
    reason: Reason


class TakeOffIn(In):
    position: Position


class CheckPath(BaseModel):
    check_id: CheckId


class VenueQuery(BaseModel):
    venue_id: str = Field("", max_length=26, description="Of one venue. A till sees its own.")


class GuestOfCheck(Out):
    card_id: str
    name: str = Field(description="Short: the first name and an initial.")


class LineOut(Out):
    position: int
    sku: str
    name: str
    category: str
    kind: str
    quantity: int
    amount: int
    discount: int
    refunded: int


class CheckOut(Out):
    id: str
    state: str = Field(description="open, closed, refunded, voided, or taken_back: its earn was undone.")
    venue_id: str
    place: str
    waiter: str
    amount: int
    opened_at: datetime
    first_line_at: datetime | None
    billed_at: datetime | None
    closed_at: datetime | None
    guest: GuestOfCheck | None
    ask_for_card: bool = Field(description="Something was ordered, and nobody knows yet whose check it is.")


class CheckList(Out):
    checks: list[CheckOut]


class CheckView(CheckOut):
    discount: int
    gift_card: int
    refunded: int
    lines: list[LineOut]
    join_url: str = Field(description="A guest who gets a card by it has this check at once. Empty where no invitation is there.")


class CheckStands(Out):
    """Ids and numbers alone: this is kept with the key."""

    id: str
    state: str
    card_id: str
    amount: int
    refunded: int
    closed_at: datetime | None


class CheckDone(Out):
    check: CheckStands
    positions: list[int] = Field(description="Of the lines that were added.")
    entries: list[EntryOut] = Field(description="What was written in the ledger, on whatever cards.")
    points: int = Field(description="What the guest of this check gained by it; negative: lost.")
    balance: BalanceOut | None = Field(description="Of that guest's card.")
    amount: int = Field(description="What was taken back of the check.")
    money: int = Field(description="Of that, what is to be paid out; the rest came back as points.")


class ItemIn(In):
    sku: Sku
    name: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=120)]
    category: Short = ""
    drink: StrictBool = False
    available: StrictBool = True


class ItemsIn(In):
    items: Annotated[list[ItemIn], Field(min_length=1, max_length=2_000)]


class AvailableIn(In):
    available: StrictBool


class SkuPath(BaseModel):
    sku: Sku


class ItemOut(Out):
    sku: str
    name: str
    category: str
    drink: bool
    available: bool


class ItemList(Out):
    items: list[ItemOut]


class ItemsDone(Out):
    new: int
    changed: int
