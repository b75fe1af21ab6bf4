"""The shapes of the hostess's board."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

from walletpass.api.schemas import At, CardRef, CheckId, Id, In, Out, Reason, Words

VenueRef = Annotated[
    str,
    StringConstraints(strict=True, max_length=26),
    Field(description="A venue's id. May be left out where there is one venue, or the key is one venue's."),
]
SpotName = Annotated[str, StringConstraints(strict=True, max_length=20)]
SignalId = Annotated[CheckId, Field(description="The sender's own name of the signal: told again, it is the same.")]
PhoneText = Annotated[str, StringConstraints(strict=True, min_length=3, max_length=40)]
Via = Literal["door", "nfc", "wifi", "beacon", "booking", "hostess"]
Language = Literal["en", "uk", "ru"]
Party = Annotated[StrictInt, Field(ge=1, le=500)]
WHEN = "When it happened, with its zone, if not just now; at most eight hours ago."


class ArrivalIn(In):
    """Exactly one of card, phone, token and booking says who."""

    card: CardRef | None = Field(None, description="A scanned code, a typed card number, a card id: any way that identify knows.")
    phone: PhoneText | None = Field(
        None, description="In any form. Of several guests with one number it is who proved it, or who is known longest."
    )
    token: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)] | None = Field(
        None, description="A bound token, as a reader gives it."
    )
    booking: CheckId | None = Field(None, description="A booking's id: they checked in by it, with a card or without.")
    via: Via
    venue: VenueRef = ""
    at: At | None = Field(None, description=WHEN)
    id: SignalId | None = None


class ArrivalDone(Out):
    """Says nothing of the guest: a reader at the door need not know who passes."""

    arrival: str
    new: bool = Field(description="False for another signal of a visit that is known.")
    at: datetime
    venue: str


class PhoneCallIn(In):
    phone: PhoneText = Field(description="The number that calls, in any form.")
    venue: VenueRef = ""
    at: At | None = Field(None, description=WHEN)
    id: SignalId | None = None


class PhoneCallDone(Out):
    call: str
    at: datetime
    venue: str


class BoardQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    venue: str = Field("", max_length=26)
    language: Language | None = Field(None, description="Of the sentences; left out, the program's own.")


class StreamQuery(BoardQuery):
    program: str = Field(
        "", max_length=40, description="A browser's EventSource sends no headers: the program's id, where the header is not there."
    )


class TableQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    card: str = Field("", max_length=200, description="A scanned code, a typed card number, or a card id. Or:")
    booking: str = Field("", max_length=64)
    venue: str = Field("", max_length=26)


class ArrivalRef(In):
    arrival: Id


class SeatIn(ArrivalRef):
    place: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=20)]
    waiter: Words = Field("", description="Who serves them; left out, as before.")


class NotSeatedIn(ArrivalRef):
    place: SpotName = Field("", description="The table that was said; refused where they sit at another one by now.")


class SaidIn(ArrivalRef):
    kind: Annotated[str, StringConstraints(strict=True, max_length=16)] = Field(description="Of the sentence on the board, with its about.")
    about: Annotated[str, StringConstraints(strict=True, max_length=64)] = ""


class NoteIn(In):
    card: CardRef
    text: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=300)]
    venue: VenueRef = Field("", description="Only for colleagues in this venue; left out, for all.")


class NoteRef(In):
    note: Id


class MannerIn(In):
    """What is left out stays as it is."""

    card: CardRef
    say_name: Annotated[str, StringConstraints(strict=True, max_length=80)] | None = Field(None, description="How the name is said.")
    place: SpotName | None = Field(None, description="The table that they like.")
    vip: StrictBool | Literal["rule"] | None = Field(None, description="By hand, or as the program's rules say.")


class GiveIn(In):
    reason: Reason
    party: Party = 2
    place: SpotName = ""
    card: CardRef | None = None
    venue: VenueRef = ""


class CallRef(In):
    call: Id


class DoneOut(Out):
    id: str = Field(description="Of what was written, or of the arrival that it was about.")


class GivenOut(Out):
    number: int
    left: int = Field(description="Tables still kept at this hour.")


class NoteOut(Out):
    id: str
    text: str
    everywhere: bool
    by: str
    at: datetime


class SentenceOut(Out):
    kind: str
    about: str
    text: str


class PersonOut(Out):
    card: str
    name: str
    say_name: str
    language: str
    first_visit: bool
    regular: bool
    vip: bool
    visits: int
    last_visit: datetime | None
    place: str = Field(description="The table that they like.")
    usual_waiter: str
    usual_waiter_here: bool = Field(description="Signed in on some till now: let them greet, and suggest their table.")
    coats: list[str] = Field(description="The hooks on which their things hang.")
    notes: list[NoteOut]


class CallOut(Out):
    call: str
    at: datetime
    phone: str = Field(description="Masked for a guest whom we know; whole for a new one.")
    guest: PersonOut | None = Field(description="Null for a new guest.")
    booking: "ExpectedOut | None" = Field(description="The next one under this number, or of this guest; null where there is none.")


class ExpectedOut(Out):
    booking: str
    at: datetime
    party: int
    name: str
    masked_phone: str
    place: str
    notes: str
    late: bool = Field(description="Their hour is more than a quarter of an hour ago.")
    guest: PersonOut | None


class HereOut(Out):
    arrival: str
    at: datetime
    via: str
    place: str
    waiter: str
    seated_at: datetime | None
    paid: bool = Field(description="A check of theirs was paid since they came.")
    booking: str
    party: int | None
    name: str = Field(description="Of the booking, where nobody of ours is known.")
    notes: str = Field(description="Of the booking.")
    guest: PersonOut | None
    sentence: SentenceOut | None = Field(description="The one to say; null where nothing is left to say.")


class PeakOut(Out):
    kept: int
    left: int
    ends: str = Field(description="By the restaurant's clock: 22:30; 25:00 is one in the morning.")
    given: list["GivenTableOut"]


class GivenTableOut(Out):
    number: int
    place: str
    party: int
    reason: str
    at: datetime


class BoardOut(Out):
    venue: str
    day: date
    calls: list[CallOut]
    expected: list[ExpectedOut]
    door: list[HereOut]
    inside: list[HereOut]
    tables: list[PeakOut]


class DishOut(Out):
    name: str
    quantity: int
    available: bool = Field(description="Can be had today.")


class TableOut(Out):
    """What a waiter should know before the guest sits down."""

    guest: PersonOut | None
    dishes: list[str] = Field(description="Liked best, and can be had today.")
    drinks: list[str]
    last: list[DishOut] = Field(description="What was on the table last time.")
    sent_back: list[str]
    average_check: int | None
