"""The shapes of bookings."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from walletpass.api.hostess_shapes import ExpectedOut, Party, SpotName, VenueRef
from walletpass.api.schemas import FIRST_YEAR, LAST_YEAR, At, CheckId, Id, In, Out, Words

STATE = "booked; arrived: they are here, and do not sit yet; seated; cancelled; or missed: nobody came."


def _written(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("a day is text, as 2026-12-01")
    return value


def _near(day: date) -> date:
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        raise ValueError("a day between the years 2000 and 9000")
    return day


Day = Annotated[date, BeforeValidator(_written), AfterValidator(_near)]


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
    state: str = Field(description=STATE)
    at: datetime
    party: int
    place: str = Field(description="The table that was booked; answering that they sit, the one at which they do.")
    venue: str


class DayQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    venue: str = Field("", max_length=26)
    day: Day | None = Field(None, description="By the restaurant's clock, from five in the morning on; left out, today.")


class DayBookingOut(ExpectedOut):
    state: str = Field(description=STATE)


class DayOut(Out):
    venue: str
    day: date
    bookings: list[DayBookingOut] = Field(description="The earliest first, 500 at the most; those that were cancelled or missed too.")


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
