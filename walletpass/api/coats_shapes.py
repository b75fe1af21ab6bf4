"""The shapes of coats in the API. Staff see a first name and hooks of a guest, and nothing else. Prices are whole minor units (cents)."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, StrictInt, StringConstraints

from walletpass.api.schemas import At, CardRef, Id, In, Out, Reason, Words
from walletpass.coatcheck import ItemKind, State

TicketRef = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[A-Za-z0-9._:-]{1,64}$"),
    Field(description="A ticket's id. A device may make one of its own, so that what it does offline speaks of the same ticket."),
]
RoomRef = Annotated[Id, Field(description="A cloakroom's id.")]
Four = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=20), Field(description="Four digits, said to a guest without a card.")
]
Label = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z]{1,2}[0-9]{1,3}$"), Field(description="A hook, like A17.")]
Number = Annotated[StrictInt, Field(ge=1, le=1_000_000, description="Counts the things of a ticket from 1; never given twice.")]
Numbers = Annotated[list[Number], Field(min_length=1, max_length=50)]
Where = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=80)]
OFFLINE = (
    "When it happened, where the device could not send it then. Such a deed is never refused: what cannot be is answered 202 and listed "
    "in conflicts. It needs a ticket id of the device's own, and a number for each thing."
)


class CoatIn(In):
    kind: ItemKind = ItemKind.COAT
    hook: Label | None = Field(None, description="We choose when left out. An offline device says where it hangs.")
    description: Words = ""
    number: Number | None = Field(None, description="Only of what was hung offline: the device's own number on the ticket.")


class CheckInIn(In):
    room: RoomRef
    card: CardRef | None = Field(
        None, description="The guest's card or wallet ticket; or a code, a wallet_ticket, or an open ticket alone."
    )
    code: Four | None = None
    wallet_ticket: StrictBool = Field(False, description="Make a ticket for a wallet, for a guest without a card.")
    ticket: TicketRef | None = None
    items: Annotated[list[CoatIn], Field(min_length=1, max_length=20)]
    description: Words = Field("", description="By what a guest without a card is known.")
    at: At | None = Field(None, description=OFFLINE)


class OfTicketIn(In):
    ticket: TicketRef
    items: Numbers | None = Field(None, description="All that it can be done with when left out.")
    how: Literal["scan", "code", "number", "hand"] = Field("scan", description="How it was known whose it is.")


class LaterIn(OfTicketIn):
    room: RoomRef | None = Field(None, description="Goes with at.")
    at: At | None = Field(None, description=OFFLINE)


class HandBackIn(LaterIn):
    pass


class KeepIn(LaterIn):
    where: Where = Field(description="Where everybody finds it tomorrow.")


class LoseIn(LaterIn):
    pass


class DisposeIn(OfTicketIn):
    pass


class PullIn(OfTicketIn):
    pass


class LeavingIn(In):
    ticket: TicketRef


class HookMoveIn(BaseModel):
    model_config = {"extra": "forbid", "populate_by_name": True}

    source: Label = Field(alias="from")
    target: Label = Field(alias="to")


class MovesIn(In):
    room: RoomRef
    moves: Annotated[list[HookMoveIn], Field(min_length=1, max_length=100)]


class CoatLookIn(In):
    room: RoomRef
    code: CardRef = Field(description="A scanned code, a typed card number, something bound to a guest, or four digits.")


class RoomIn(In):
    room: RoomRef


class CoatReleaseIn(In):
    ticket: TicketRef
    phone: Annotated[str, StringConstraints(strict=True, max_length=40)] = Field("", description="The guest's full number, as they say it.")
    description: Annotated[str, StringConstraints(strict=True, min_length=3, max_length=120)] = Field(
        description="What they left, as they describe it."
    )
    reason: Reason
    lost: StrictBool = Field(True, description="The card on the phone ends. False for a phone that is only off: its card gets a new code.")
    manager: Id = Field(description="The staff id of the manager who stands here.")
    pin: Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{4,6}$")] = Field(description="The manager's own PIN.")


class SettleIn(In):
    room: RoomRef
    deed: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)] = Field(description="As conflicts name it.")
    conflict: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=20)] = Field(description="The conflict's code.")
    number: Annotated[StrictInt, Field(ge=0, le=1_000_000)] = 0
    how: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)] = Field(description="What was found.")
    hook: Label | None = Field(None, description="Where it hangs now, of hook_taken and hook_unknown.")


class RoomPath(BaseModel):
    room_id: Id


class ShiftPath(BaseModel):
    shift_id: Id


class PhotoPath(BaseModel):
    ticket: TicketRef
    number: Annotated[int, Field(ge=1, le=1_000_000)]


class CoatOut(Out):
    number: int
    kind: str
    hook: str = Field(description="Where it hangs, or hung.")
    state: State
    price: int
    doubtful: bool = Field(False, description="A device says that it hangs on this hook, and the books have given that to something else.")


class CoatSeenOut(CoatOut):
    description: str
    hung_at: datetime
    kept_where: str
    photo: bool = Field(description="Whether there is a photo of it.")


class CoatEndOut(Out):
    """How a thing ended, as far as the books know."""

    became: State
    at: datetime
    till: str
    by: str = Field(description="First name.")


class CoatConflictOut(Out):
    deed: str = Field(description="The Idempotency-Key that the device sent it with.")
    code: str = Field(description="For programs.")
    sentence: str = Field(description="For people.")
    ticket: str
    number: int = Field(description="Of the thing; 0: of the ticket.")
    listed_at: datetime
    kind: str | None = Field(None, description="Of the thing, or of the only one of the ticket.")
    hook: str | None = Field(None, description="Where that hangs, or hung.")
    ended: CoatEndOut | None = Field(None, description="Where that is here no more. Only in a room's list, and in no answer that is kept.")


class CoatsDone(Out):
    """Ids, numbers and hooks: what is kept with an Idempotency-Key names nobody."""

    ticket: str
    state: Literal["open", "closed", "unknown"] = Field(description="unknown: nobody has said yet that it was taken in.")
    items: list[CoatOut] = Field(description="All things of the ticket.")
    done: list[int] = Field(description="The numbers that this request was about.")
    price: int = Field(0, description="Of what was taken in now.")
    code: str = ""
    card: str | None = Field(None, description="The id of the card or wallet ticket.")
    url: str = Field("", description="Of a new wallet ticket, or a new pass: the page that puts it on a phone, to be shown as a QR.")
    conflicts: list[CoatConflictOut] = Field(default_factory=list, description="Of an offline deed: what is not as it said.")


class HooksMovedOut(Out):
    moved: list[str] = Field(description="The tickets whose things hang elsewhere now.")


class CoatTicketOut(Out):
    ticket: str
    first_name: str = Field(description="Empty for a guest without a card.")
    wallet: bool = Field(description="A card or a wallet ticket, which shows the hooks.")
    code: str
    description: str
    opened_at: datetime
    called_at: datetime | None = Field(description="When the guest said that they are leaving.")
    items: list[CoatSeenOut]


class ReturnedOut(Out):
    ticket: str
    at: datetime
    till: str
    by: str = Field(description="First name.")


class CoatLookOut(Out):
    first_name: str
    wallet: bool
    regular: bool = Field(description="At least as many visits as the program asks of a regular.")
    tickets: list[CoatTicketOut] = Field(description="Open here; usually none or one.")
    doubtful: bool = Field(description="Two tickets have this code: ask what was left before anything is given back.")
    returned: ReturnedOut | None = Field(description="Where nothing is here any more: who gave it back lately.")
    proposed: list[str] = Field(description="The hook for one coat; none when no hook is free.")


class ProposalIn(In):
    room: RoomRef
    kinds: Annotated[list[ItemKind], Field(min_length=1, max_length=20)]


class ProposalOut(Out):
    hooks: list[str] = Field(description="One for each kind, in their order. Nothing is reserved: the check-in decides.")


class CoatCodeOut(Out):
    code: str


class HookOut(Out):
    label: str
    kinds: list[str] = Field(description="What it takes; none: anything.")
    capacity: int
    taken: int


class ZoneOut(Out):
    zone: str
    capacity: int
    taken: int
    hooks: list[HookOut] = Field(description="From the counter outwards.")


class CoatShiftOut(Out):
    """carried + in = out + lost + disposed + here."""

    id: str
    room: str
    opened_at: datetime
    closed_at: datetime | None
    carried: int = Field(description="In the house before this shift.")
    taken_in: int
    out: int
    kept: int = Field(description="Kept over night, in this shift.")
    lost: int
    disposed: int
    here: int = Field(description="Hanging or kept at its end, or now.")
    kept_here: int = Field(description="Of those, kept.")
    money: int = Field(description="What was taken in cost so much.")


class CoatRoomOut(Out):
    id: str
    name: str
    venue_id: str
    zones: list[ZoneOut]
    shift: CoatShiftOut | None = Field(description="The open one. The first deed of an evening opens it.")


class KindOut(Out):
    kind: ItemKind
    price: int = Field(description="0: free.")


class CoatRoomsOut(Out):
    rooms: list[CoatRoomOut]
    kinds: list[KindOut]
    queue: int = Field(description="How many guests may wait after calling their coats, in one cloakroom.")
    days: int = Field(description="How long what stayed is kept.")


class DueOut(Out):
    ticket: str
    number: int
    kind: str
    kept_where: str
    kept_since: datetime


class RoomNowOut(Out):
    tickets: list[CoatTicketOut] = Field(description="Everything that is here, oldest first; also what is kept.")
    called: list[str] = Field(description="Tickets of guests who are leaving, in their order.")
    conflicts: list[CoatConflictOut]
    due: list[DueOut] = Field(description="Kept long enough to be disposed of.")
