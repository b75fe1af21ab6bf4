"""Whose booking it is, and which booking somebody has who is here."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from walletpass import guests
from walletpass.cards import Card
from walletpass.errors import NotFound
from walletpass.guests import Guest
from walletpass.hostess.models import Booking
from walletpass.hostess.moments import NEAR


def whose(session: Session, program_id: str, phone: str, email: str) -> Guest | None:
    """The guest with this number (E.164), or else with this address; of several, as `guests.known` has them."""
    found = guests.known(session, program_id, phone)
    if found is None and email:
        found = next(iter(guests.by_email(session, program_id, email)), None)
    return found


def expected(session: Session, program_id: str, venue_id: str, card: Card, at: datetime) -> Booking | None:
    """The booking nearest to this hour that is this guest's, by whatever it was made; its row is ours until commit."""
    guest = guests.get(session, program_id, card.owner_id)
    theirs: list[Any] = [col(Booking.guest_id) == guest.id]
    theirs += [col(Booking.phone) == guest.phone] if guest.phone and (guest.vouched or guest.verified_at) else []
    theirs += [col(Booking.email) == guest.email] if guest.email else []
    waits = col(Booking.state) == "booked", col(Booking.arrival_id) == ""
    near = col(Booking.at) > at - NEAR, col(Booking.at) < at + NEAR
    here = col(Booking.program_id) == program_id, col(Booking.venue_id) == venue_id
    found = session.exec(select(Booking.id, Booking.at).where(*here, *waits, *near, or_(*theirs))).all()
    for booking_id, _ in sorted(found, key=lambda one: (abs(one[1] - at), one[0])):
        booking = lock(session, program_id, booking_id)
        if booking.state == "booked" and not booking.arrival_id:
            return booking
    return None


def lock(session: Session, program_id: str, booking_id: str) -> Booking:
    """Raises NotFound."""
    booking = session.get(Booking, (program_id, booking_id), with_for_update=True, populate_existing=True)
    if booking is None:
        raise NotFound("This booking is not known here.")
    return booking
