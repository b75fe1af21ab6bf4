"""A wrong tap on the board is taken back, as long as nothing has gone on from it."""

from datetime import datetime

from sqlmodel import Session, col, select

from walletpass import cards, staff
from walletpass.checks import Check
from walletpass.checks.words import plain
from walletpass.database import now
from walletpass.errors import Conflict, NotFound, NotTakenBack
from walletpass.events import Kind
from walletpass.hostess import signals
from walletpass.hostess.arriving import get, newest, tell
from walletpass.hostess.by import NOBODY, By
from walletpass.hostess.matching import lock
from walletpass.hostess.models import Arrival, Booking
from walletpass.hostess.moments import TAKES_BACK, VISIT


def not_here(session: Session, program_id: str, arrival_id: str, by: By = NOBODY) -> None:
    """They are not here after all: as if nobody had said so, and their booking is expected again. Said twice, it is the first time.

    Only for what a person said. Raises NotFound; NotTakenBack for whom a reader saw as well, who sit or have gone, and later.
    """
    try:
        arrival, booking = _both(session, program_id, arrival_id)
    except NotFound:
        if signals.senders(session, program_id, arrival_id, now() - 2 * TAKES_BACK):
            return
        raise
    if arrival.gone_at is not None:
        raise NotTakenBack("They have gone. Take that back first.", why="gone")
    if arrival.seated_at is not None:
        raise NotTakenBack("They sit at a table. Take that back first.", why="seated")
    _must_be_young(arrival.at)
    people = {"", *(till.id for till in staff.tills(session, program_id))}
    if arrival.via != "hostess" or signals.senders(session, program_id, arrival_id, arrival.at) - people:
        raise NotTakenBack("A reader saw this guest come. If they went away again, say that they have gone.", why="seen")
    if booking is not None:
        booking.arrival_id, booking.changed_at = "", now()
        session.add(booking)
    tell(session, arrival, Kind.GUEST_NOT_HERE, now(), by=by)
    session.delete(arrival)
    session.flush()


def not_seated(session: Session, program_id: str, arrival_id: str, place: str = "", by: By = NOBODY) -> Arrival:
    """They do not sit yet, and stand at the door as before; said twice, it is the first time.

    ``place`` is the table that was said: raises NotTakenBack where they sit elsewhere by now, have paid or gone, and later. Raises
    NotFound.
    """
    arrival, booking = _both(session, program_id, arrival_id)
    if arrival.seated_at is None:
        return arrival
    if arrival.gone_at is not None:
        raise NotTakenBack("They have gone. Take that back first.", why="gone")
    if place and plain(place, 20) != arrival.place:
        raise NotTakenBack("They were given another table since.", why="moved")
    _must_be_young(arrival.seated_at)
    if _have_paid(session, arrival, arrival.seated_at):
        raise NotTakenBack("A check of this table was paid since they sat down.", why="paid")
    arrival.seated_at, arrival.place, arrival.waiter = None, booking.place if booking else "", ""
    session.add(arrival)
    if booking is not None:
        booking.state, booking.changed_at = "booked", now()
        session.add(booking)
    session.flush()
    tell(session, arrival, Kind.GUEST_NOT_SEATED, now(), by=by)
    return arrival


def not_gone(session: Session, program_id: str, arrival_id: str, by: By = NOBODY) -> Arrival:
    """They are still here, where they were; said twice, it is the first time.

    Raises NotFound; NotTakenBack for who has come again meanwhile, for a visit that ended by itself, and later.
    """
    arrival = get(session, program_id, arrival_id, lock=True)
    if arrival.gone_at is None:
        return arrival
    _must_be_young(arrival.gone_at)
    if arrival.at + VISIT <= now():
        raise NotTakenBack("This visit is over. If they are here, say so anew.", why="late")
    card = cards.survivor(session, program_id, arrival.card_id) if arrival.card_id else None
    last = newest(session, program_id, arrival.venue_id, cards.ids_of(session, card)) if card else None
    if last is not None and last.id != arrival.id:
        raise NotTakenBack("This guest has come again since.", why="again")
    arrival.gone_at = None
    session.add(arrival)
    session.flush()
    tell(session, arrival, Kind.GUEST_NOT_GONE, now(), by=by)
    return arrival


def _both(session: Session, program_id: str, arrival_id: str) -> tuple[Arrival, Booking | None]:
    """The arrival and its booking, both ours until commit. Raises NotFound, Conflict."""
    arrival = get(session, program_id, arrival_id)
    booking = lock(session, program_id, arrival.booking_id) if arrival.booking_id else None
    arrival = get(session, program_id, arrival_id, lock=True)
    if arrival.booking_id != (booking.id if booking else ""):
        raise Conflict("Somebody is busy with this guest at this moment. Please try again.")
    return arrival, booking


def _must_be_young(at: datetime) -> None:
    if at + TAKES_BACK <= now():
        minutes = TAKES_BACK.seconds // 60
        raise NotTakenBack(f"This is more than {minutes} minutes ago.", why="late")


def _have_paid(session: Session, arrival: Arrival, since: datetime) -> bool:
    """By a check of the guest's own, or by one without a guest that was opened at their table since."""
    card = cards.survivor(session, arrival.program_id, arrival.card_id) if arrival.card_id else None
    theirs = cards.ids_of(session, card) if card else []
    ours = col(Check.program_id) == arrival.program_id, col(Check.closed_at) >= since, col(Check.state) == "closed"
    here = col(Check.venue_id).in_(("", arrival.venue_id)), col(Check.card_id).in_(["", *theirs])
    return any(
        check.card_id or (check.opened_at >= since and _alike(check.place, arrival.place))
        for check in session.exec(select(Check).where(*ours, *here))
    )


def _alike(one: str, other: str) -> bool:
    return "".join(one.casefold().split()) == "".join(other.casefold().split())
