"""Who has booked for a day, whatever became of it."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import Session, col, select

from walletpass import programs
from walletpass.hostess.board import Expected
from walletpass.hostess.models import Booking
from walletpass.hostess.people import people
from walletpass.programs import Program

MOST = 500


def bookings(session: Session, program: Program, venue_id: str, day: date) -> Sequence[Expected]:
    """Those of a day as the restaurant counts it, from five in the morning on; the earliest first, and no more than 500."""
    here = col(Booking.program_id) == program.id, col(Booking.venue_id) == venue_id
    theirs = col(Booking.at) >= programs.day_begins(program, day), col(Booking.at) < programs.day_begins(program, day + timedelta(days=1))
    found = session.exec(select(Booking).where(*here, *theirs).order_by(col(Booking.at), col(Booking.id)).limit(MOST)).all()
    known = people(
        session, program, venue_id, card_ids=[booking.card_id for booking in found], guest_ids=[booking.guest_id for booking in found]
    )  # fmt: skip
    return [Expected(booking, known.find(booking.card_id, booking.guest_id)) for booking in found]
