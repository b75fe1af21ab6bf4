"""Who is forgotten, and what is old."""

from datetime import timedelta
from typing import Any, ClassVar, cast

from sqlalchemy import CursorResult, delete, or_, update
from sqlmodel import Session, col, select

from walletpass.database import now
from walletpass.events import Kind
from walletpass.guests import Guest
from walletpass.hostess.booking import tell
from walletpass.hostess.models import Arrival, Booking, GuestNote, IncomingCall, Manner, Said, Signal, TableGiven
from walletpass.hostess.moments import NEAR, VISIT
from walletpass.programs import Program, ProgramRounds

BOOKINGS_NAMED = timedelta(days=90)
# A number that is nobody's here has no reason to stay longer than the shift that wants to call back.
STRANGERS_KEPT = timedelta(days=1)
SIGNALS_KEPT = timedelta(days=30)
AT_ONCE = 500
NAMELESS: dict[str, Any] = {"name": "", "phone": "", "email": "", "notes": "", "guest_id": "", "card_id": ""}


def forget(session: Session, guest: Guest, card_ids: list[str]) -> None:
    """What this room knows of a guest, as long as the guest's number and address are known. Part of erasing a guest.

    That somebody was here on an evening stays: it names nobody.
    """
    theirs: list[Any] = [col(Booking.guest_id) == guest.id]
    theirs += [col(Booking.phone) == guest.phone] if guest.phone else []
    theirs += [col(Booking.email) == guest.email] if guest.email else []
    session.execute(update(Booking).where(col(Booking.program_id) == guest.program_id, or_(*theirs)).values(**NAMELESS, forgotten_at=now()))
    for kind in (Said, GuestNote, Manner):
        session.execute(delete(kind).where(col(kind.program_id) == guest.program_id, col(kind.guest_id) == guest.id))
    calls = [col(IncomingCall.guest_id) == guest.id, *([col(IncomingCall.phone) == guest.phone] if guest.phone else [])]
    session.execute(delete(IncomingCall).where(col(IncomingCall.program_id) == guest.program_id, or_(*calls)))
    given = col(TableGiven.program_id) == guest.program_id, col(TableGiven.card_id).in_(card_ids)
    session.execute(update(TableGiven).where(*given).values(reason="", card_id=""))


def age(session: Session, program_id: str) -> int:
    """Some of what is old: bookings lose their names, those that nobody came to are missed, visits end. How many rows changed."""
    moment = now()
    old = col(Booking.program_id) == program_id, col(Booking.forgotten_at).is_(None), col(Booking.at) < moment - BOOKINGS_NAMED
    # Who is still waited for is missed first.
    over = or_(col(Booking.state) != "booked", col(Booking.arrival_id) != "")
    some = select(Booking.id).where(*old, over).order_by(col(Booking.at)).limit(AT_ONCE)
    nameless = (
        update(Booking).where(col(Booking.program_id) == program_id, col(Booking.id).in_(some)).values(**NAMELESS, forgotten_at=moment)
    )
    strangers = or_(col(IncomingCall.guest_id) == "", col(IncomingCall.at) < moment - BOOKINGS_NAMED)
    calls = col(IncomingCall.program_id) == program_id, col(IncomingCall.at) < moment - STRANGERS_KEPT, strangers
    signals = col(Signal.program_id) == program_id, col(Signal.at) < moment - SIGNALS_KEPT
    changed = _missed(session, program_id)
    changed += _count(session, nameless)
    changed += _ended(session, program_id)
    changed += _count(session, delete(IncomingCall).where(*calls))
    return changed + _count(session, delete(Signal).where(*signals))


def _missed(session: Session, program_id: str) -> int:
    past = col(Booking.program_id) == program_id, col(Booking.forgotten_at).is_(None), col(Booking.at) < now() - NEAR
    waits = col(Booking.state) == "booked", col(Booking.arrival_id) == ""
    found = session.exec(select(Booking).where(*past, *waits).order_by(col(Booking.at)).limit(AT_ONCE).with_for_update()).all()
    for booking in found:
        booking.state, booking.changed_at = "missed", now()
        session.add(booking)
        tell(session, booking, Kind.BOOKING_MISSED)
    session.flush()
    return len(found)


def _ended(session: Session, program_id: str) -> int:
    over = col(Arrival.program_id) == program_id, col(Arrival.gone_at).is_(None), col(Arrival.at) < now() - VISIT
    found = session.exec(select(Arrival).where(*over).order_by(col(Arrival.at)).limit(AT_ONCE).with_for_update()).all()
    for arrival in found:
        arrival.gone_at = arrival.at + VISIT
    session.add_all(found)
    session.flush()
    return len(found)


def _count(session: Session, statement: Any) -> int:
    return cast(CursorResult[Any], session.execute(statement.execution_options(synchronize_session=False))).rowcount


class Ageing(ProgramRounds):
    """Each quarter of an hour."""

    name: ClassVar[str] = "hostess"
    every: ClassVar[float] = 900.0

    def some(self, session: Session, program: Program) -> bool:
        return age(session, program.id) >= AT_ONCE
