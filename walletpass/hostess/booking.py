"""Tables that guests ask for, as a booking system or a person writes them down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable
from sqlmodel import Session

from walletpass import cards, events, guests
from walletpass.checks.words import plain
from walletpass.database import now, prepared, table
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.events import Kind
from walletpass.hostess.arriving import arrived, seat
from walletpass.hostess.by import NOBODY, By
from walletpass.hostess.matching import lock, whose
from walletpass.hostess.models import Arrival, Booking
from walletpass.programs import Program

LARGEST_PARTY = 500
AHEAD = timedelta(days=730)
BEHIND = timedelta(days=1)
DETAILS = ("at", "party", "name", "phone", "email", "place", "notes")
OVER = {
    "arrived": "These guests are here already.",
    "cancelled": "This booking was cancelled.",
    "seated": "These guests sit at their table already.",
    "missed": "Nobody came to this booking.",
}


@dataclass(frozen=True)
class Wish:
    """What a booking says; None leaves as it is. A number or address may be typed in any form."""

    at: datetime | None = None
    party: int | None = None
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    place: str | None = None
    notes: str | None = None


def book(session: Session, program: Program, venue_id: str, booking_id: str, wish: Wish, by: By = NOBODY) -> Booking:
    """Keep a booking, and find whose it is. The same one again is the same; raises Conflict for the same id with something else in it,
    with its ``state``: a booking that is over, or whose guests are here, is not made anew under its old id.

    Raises Malformed, with ``field``.
    """
    if wish.at is None:
        raise Malformed("Say when they come.", field="at")
    said = _said(program, wish)
    booking = Booking(program_id=program.id, id=booking_id, venue_id=venue_id, **said)
    _match(session, booking)
    # Of the same booking sent twice at one moment, one is kept; the other waits here for its commit.
    new = session.execute(_once(session), booking.model_dump()).first() is not None
    standing = lock(session, program.id, booking_id)
    if new:
        tell(session, standing, Kind.BOOKING_MADE, by)
        return standing
    # What is left out of one that is open is as it was; of one that is over, it is another booking.
    told = said if standing.standing == "booked" else DETAILS
    if standing.venue_id == venue_id and all(getattr(standing, name) == getattr(booking, name) for name in told):
        return standing
    if standing.standing == "booked":
        raise Conflict("A booking of this id was made before. Send what changes to /change.", state=standing.state)
    raise Conflict(f"{OVER[standing.standing]} Give another booking an id of its own.", state=standing.standing)


def change_booking(session: Session, program: Program, booking_id: str, wish: Wish, by: By = NOBODY) -> Booking:
    """Raises NotFound, Malformed, and Conflict for one that is over. What changes nothing is told to nobody."""
    booking = _open(session, program.id, booking_id)
    said = {name: value for name, value in _said(program, wish).items() if getattr(booking, name) != value}
    if not said:
        return booking
    booking.sqlmodel_update({**said, "changed_at": now()})
    if {"phone", "email"} & said.keys():
        _match(session, booking)
    return _kept(session, booking, Kind.BOOKING_CHANGED, by)


def cancel_booking(session: Session, program_id: str, booking_id: str, by: By = NOBODY) -> Booking:
    """They do not come; said twice, it is the first time. Raises NotFound, and Conflict once they are here."""
    booking = lock(session, program_id, booking_id)
    if booking.state == "cancelled":
        return booking
    _must_be_open(booking)
    booking.state, booking.changed_at = "cancelled", now()
    return _kept(session, booking, Kind.BOOKING_CANCELLED, by)


def seat_booking(session: Session, program: Program, booking_id: str, place: str = "", waiter: str = "", by: By = NOBODY) -> Arrival:
    """They are here and sit, at the table that was booked unless another is named, or they sit elsewhere already.

    Raises NotFound, Malformed, and Conflict for one that is over, or whose guest is here by another booking.
    """
    booking = lock(session, program.id, booking_id)
    arrival = arrived(session, program, booking.venue_id, None, "hostess" if by.staff_id else "booking", booking=booking, by=by).arrival
    if arrival.booking_id != booking.id:
        raise Conflict("This guest is here already, by another booking.", booking=arrival.booking_id)
    return seat(session, program, arrival.id, place or arrival.place or booking.place, waiter, by)


def get_booking(session: Session, program_id: str, booking_id: str) -> Booking:
    """Raises NotFound."""
    booking = session.get(Booking, (program_id, booking_id))
    if booking is None:
        raise NotFound("This booking is not known here.")
    return booking


def tell(session: Session, booking: Booking, kind: Kind, by: By = NOBODY) -> None:
    events.happened(
        session, booking.program_id, kind, card_id=booking.card_id, venue_id=booking.venue_id, staff_id=by.staff_id, device_id=by.till_id, data={"booking": booking.id}
    )  # fmt: skip


def _said(program: Program, wish: Wish) -> dict[str, Any]:
    """The members that are given, as they are kept. Raises Malformed."""
    said: dict[str, Any] = {}
    if wish.at is not None:
        if not now() - BEHIND < wish.at < now() + AHEAD:
            raise Malformed("A booking is for the next two years.", field="at")
        said["at"] = wish.at
    if wish.party is not None:
        if not 1 <= wish.party <= LARGEST_PARTY:
            raise Malformed(f"A party is 1 to {LARGEST_PARTY} people.", field="party")
        said["party"] = wish.party
    for name, longest in (("name", 80), ("place", 20), ("notes", 300)):
        if (text := getattr(wish, name)) is not None:
            said[name] = plain(text, longest)
    # What cannot be read is left out, not refused: the table is booked all the same.
    if wish.phone is not None:
        said["phone"] = _or_nothing(lambda: guests.clean_phone(wish.phone or "", program.country))
    if wish.email is not None:
        said["email"] = _or_nothing(lambda: guests.clean_email(wish.email or ""))
    return said


def _or_nothing(read: Callable[[], str]) -> str:
    try:
        return read()
    except Malformed:
        return ""


@prepared
def _once(dialect: Any) -> Executable:
    bookings = table(Booking)
    statement: Executable = dialect.insert(bookings).on_conflict_do_nothing().returning(bookings.c.id)
    return statement


def _match(session: Session, booking: Booking) -> None:
    guest = whose(session, booking.program_id, booking.phone, booking.email)
    card = cards.of_guest(session, booking.program_id, guest.id) if guest else None
    booking.guest_id, booking.card_id = guest.id if guest else "", card.id if card else ""


def _open(session: Session, program_id: str, booking_id: str) -> Booking:
    booking = lock(session, program_id, booking_id)
    _must_be_open(booking)
    return booking


def _must_be_open(booking: Booking) -> None:
    if booking.standing != "booked":
        raise Conflict(OVER[booking.standing], state=booking.standing)


def _kept(session: Session, booking: Booking, kind: Kind, by: By) -> Booking:
    session.add(booking)
    session.flush()
    tell(session, booking, kind, by)
    return booking
