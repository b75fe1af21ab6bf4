"""The telephone rings: whose number it is stands on the board for some minutes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import union
from sqlmodel import Session, col, select

from walletpass import events, guests
from walletpass.database import now
from walletpass.errors import NotFound
from walletpass.events import Kind
from walletpass.hostess import signals
from walletpass.hostess.by import NOBODY, By
from walletpass.hostess.matching import whose
from walletpass.hostess.models import Booking, IncomingCall
from walletpass.hostess.moments import NEAR, RINGS, lately
from walletpass.hostess.signals import Sender
from walletpass.programs import Program


def call(
    session: Session, program: Program, venue_id: str, phone: str, *, at: datetime | None = None, sender: Sender | None = None
) -> IncomingCall:
    """Somebody calls. A number that is nobody's here is a new guest's; the same signal again is the same call. Raises Malformed."""
    number, moment = guests.clean_phone(phone, program.country), lately(at)
    signal = signals.take(session, program.id, sender or Sender(), "call")
    if signal.ended_in:
        return _get(session, program.id, signal.ended_in)
    # A telephone rings again and again: one that is on the board, and that nobody took, is the same call.
    guests.lock_phones(session, program.id, [number])
    made = _ringing(session, program.id, venue_id, number, moment)
    if made is not None:
        signals.end(session, signal, made.id)
        return made
    guest = whose(session, program.id, number, "")
    made = IncomingCall(program_id=program.id, venue_id=venue_id, phone=number, guest_id=guest.id if guest else "", at=moment)
    session.add(made)
    session.flush()
    signals.end(session, signal, made.id)
    _tell(session, made, Kind.CALL_INCOMING, moment)
    return made


def answer_call(session: Session, program_id: str, call_id: str, by: By = NOBODY) -> IncomingCall:
    """Somebody took it, and it leaves the board; said twice, it is the first time. Raises NotFound."""
    found = _get(session, program_id, call_id, lock=True)
    if found.answered_at is None:
        found.answered_at, found.answered_by = now(), by.staff_id
        session.add(found)
        session.flush()
        _tell(session, found, Kind.CALL_ANSWERED, found.answered_at, by)
    return found


def booked_by(session: Session, program_id: str, venue_id: str, calls: Sequence[IncomingCall]) -> dict[str, Booking]:
    """The next booking that is open here of each who calls, by the ids of the calls: their number stands on it, or they are its guest."""
    if not calls:
        return {}
    numbers, guest_ids = {call.phone for call in calls}, {call.guest_id for call in calls if call.guest_id}
    ours = col(Booking.program_id) == program_id, col(Booking.at) > now() - NEAR
    waits = select(Booking).where(*ours, col(Booking.state) == "booked", col(Booking.arrival_id) == "")
    # Each part has its index: for "either", or with the venue, SQLite would read far more than these.
    either = union(waits.where(col(Booking.phone).in_(numbers)), waits.where(col(Booking.guest_id).in_(guest_ids)))
    waiting = sorted(session.scalars(select(Booking).from_statement(either)), key=lambda booking: (booking.at, booking.id))
    theirs = {call.id: next((one for one in waiting if one.venue_id == venue_id and _has(call, one)), None) for call in calls}
    return {call_id: booking for call_id, booking in theirs.items() if booking is not None}


def _has(call: IncomingCall, booking: Booking) -> bool:
    return booking.phone == call.phone or bool(call.guest_id and booking.guest_id == call.guest_id)


def _ringing(session: Session, program_id: str, venue_id: str, number: str, at: datetime) -> IncomingCall | None:
    here = col(IncomingCall.program_id) == program_id, col(IncomingCall.venue_id) == venue_id, col(IncomingCall.at) > at - RINGS
    waits = col(IncomingCall.phone) == number, col(IncomingCall.answered_at).is_(None)
    return session.exec(select(IncomingCall).where(*here, *waits).order_by(col(IncomingCall.at)).limit(1)).first()


def _get(session: Session, program_id: str, call_id: str, *, lock: bool = False) -> IncomingCall:
    found = session.get(IncomingCall, (program_id, call_id), with_for_update=lock or None, populate_existing=True)
    if found is None:
        raise NotFound("This call is not known here.")
    return found


def _tell(session: Session, call: IncomingCall, kind: Kind, at: datetime, by: By = NOBODY) -> None:
    events.happened(
        session, call.program_id, kind, venue_id=call.venue_id, staff_id=by.staff_id, device_id=by.till_id, at=at, data={"call": call.id}
    )
