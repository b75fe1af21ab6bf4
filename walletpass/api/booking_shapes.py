"""The shapes of bookings."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from walletpass.api.hostess_shapes import Party, SpotName, VenueRef
from walletpass.api.schemas import At, CheckId, Id, In, Out, Words


class WishIn(In):
    """What is left out stays as it is. A number or address that cannot be read is left out, and the table is booked all the same."""

    at: At | None = Field(None, description="When they come, with its zone.")
    party: Party | None = None
    name: Annotated[str, StringConstraints(strict=True, max_length=120)] | None = None
    phone: Annotated[str, StringConstraints(strict=True, max_length=40)] | None = None
    email: Annotated[str, StringConstraints(strict=True, max_length=254)] | None = None
    place: SpotName | None = Field(None, description="The table.")
    notes: Annotated[str, StringConstraints(strict=True, max_length=600)] | None = Field(
        None, description="What they wish; 300 letters are kept."
    )


class BookingIn(WishIn):
    id: CheckId | None = Field(None, description="The booking system's own name of it; made here where a person at a till leaves it out.")
    at: At | None = Field(None, description="When they come, with its zone; left out by a person at a till: now, they stand at the door.")
    party: Party = 2
    venue: VenueRef = ""
    call: Id | None = Field(
        None, description="The call by which they book, for people at a till: its number is the booking's, and it leaves the board."
    )


class BookingPath(BaseModel):
    booking_id: CheckId


class BookingDone(Out):
    """Says nothing of the guest, whom a booking system need not know."""

    id: str
    state: str = Field(description="booked, seated, cancelled or missed: nobody came.")
    at: datetime
    party: int
    place: str
    venue: str


class BookingOut(BookingDone):
    """All of it, for people at a till."""

    name: str
    phone: str
    email: str
    notes: str
    card: str = Field(description="The card of the guest whose it is, as far as the number or address says; empty for a new guest.")


class SeatBookingIn(In):
    place: SpotName = Field("", description="Another table than the one that was booked.")
    waiter: Words = ""
