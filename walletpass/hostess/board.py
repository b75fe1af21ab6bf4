"""The board: who calls, who is expected, who stands at the door, who sits inside; a handful of statements, however many they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from walletpass import events
from walletpass.checks import Check
from walletpass.database import now
from walletpass.hostess.calling import booked_by
from walletpass.hostess.models import Arrival, Booking, IncomingCall
from walletpass.hostess.moments import NEAR, RINGS, VISIT
from walletpass.hostess.people import People, Person, people
from walletpass.hostess.rules import occasions
from walletpass.hostess.sentences import Meeting, Sentence, sentence
from walletpass.hostess.tables import Peak, tables_kept
from walletpass.programs import Program

# The evening that is under way, and no more of the next one.
AHEAD = timedelta(hours=16)
MOST = 200


@dataclass(frozen=True)
class Expected:
    booking: Booking
    person: Person | None


@dataclass(frozen=True)
class Ringing:
    """``expected`` is the next booking of whoever calls."""

    call: IncomingCall
    person: Person | None
    expected: Expected | None


@dataclass(frozen=True)
class Here:
    """Somebody who came: ``person`` is None where nobody of ours is known, ``paid`` whether a check of theirs was paid since."""

    arrival: Arrival
    booking: Booking | None
    person: Person | None
    sentence: Sentence | None
    paid: bool


@dataclass(frozen=True)
class Board:
    """``number`` is that of the newest event that it tells of. Newest calls first, the longest waiting guest first."""

    number: int
    calls: Sequence[Ringing]
    expected: Sequence[Expected]
    door: Sequence[Here]
    inside: Sequence[Here]
    peaks: Sequence[Peak]


def board(session: Session, program: Program, venue_id: str, language: str = "") -> Board:
    """As it stands at this moment, with sentences in this language, or the program's own."""
    number = events.last(session, program.id)
    arrivals, calls = _arrivals(session, program.id, venue_id), _calls(session, program.id, venue_id)
    expected = _expected(session, program.id, venue_id)
    booked = _booked(session, program.id, [arrival.booking_id for arrival in arrivals if arrival.booking_id])
    theirs = booked_by(session, program.id, venue_id, calls)
    every = [*expected, *booked.values(), *theirs.values()]
    known = people(
        session, program, venue_id,
        card_ids=[*(arrival.card_id for arrival in arrivals), *(booking.card_id for booking in every)],
        guest_ids=[*(call.guest_id for call in calls), *(booking.guest_id for booking in every)],
    )  # fmt: skip
    here = _here(session, program, arrivals, booked, known, language)
    return Board(
        number,
        [Ringing(call, known.find("", call.guest_id), _of(theirs[call.id], known) if call.id in theirs else None) for call in calls],
        [_of(booking, known) for booking in expected],
        [one for one in here if one.arrival.seated_at is None],
        [one for one in here if one.arrival.seated_at is not None],
        tables_kept(session, program, venue_id),
    )


def _here(
    session: Session, program: Program, arrivals: Sequence[Arrival], booked: Mapping[str, Booking], known: People, language: str
) -> list[Here]:
    rules, paid = occasions(session, program.id), _paid(session, program.id, arrivals, known)
    found = []
    for arrival in arrivals:
        booking = booked.get(arrival.booking_id)
        person = known.find(arrival.card_id, booking.guest_id if booking else "")
        said = None
        if person is not None and arrival.card_id:
            said = sentence(rules, Meeting.now(program, person, arrival, booking, paid=arrival.id in paid, language=language))
        found.append(Here(arrival, booking, person, said, arrival.id in paid))
    return found


def _of(booking: Booking, known: People) -> Expected:
    return Expected(booking, known.find(booking.card_id, booking.guest_id))


def _arrivals(session: Session, program_id: str, venue_id: str) -> Sequence[Arrival]:
    here = col(Arrival.program_id) == program_id, col(Arrival.venue_id) == venue_id, col(Arrival.gone_at).is_(None)
    young = col(Arrival.at) > now() - VISIT
    return session.exec(select(Arrival).where(*here, young).order_by(col(Arrival.at), col(Arrival.id)).limit(MOST)).all()


def _expected(session: Session, program_id: str, venue_id: str) -> Sequence[Booking]:
    here = col(Booking.program_id) == program_id, col(Booking.venue_id) == venue_id
    tonight = col(Booking.at) > now() - NEAR, col(Booking.at) < now() + AHEAD
    waits = col(Booking.state) == "booked", col(Booking.arrival_id) == ""
    return session.exec(select(Booking).where(*here, *tonight, *waits).order_by(col(Booking.at), col(Booking.id)).limit(MOST)).all()


def _booked(session: Session, program_id: str, ids: Sequence[str]) -> dict[str, Booking]:
    ours = col(Booking.program_id) == program_id, col(Booking.id).in_(ids)
    return {booking.id: booking for booking in session.exec(select(Booking).where(*ours))}


def _calls(session: Session, program_id: str, venue_id: str) -> Sequence[IncomingCall]:
    here = col(IncomingCall.program_id) == program_id, col(IncomingCall.venue_id) == venue_id
    rings = col(IncomingCall.at) > now() - RINGS, col(IncomingCall.answered_at).is_(None)
    return session.exec(
        select(IncomingCall).where(*here, *rings).order_by(col(IncomingCall.at).desc(), col(IncomingCall.id)).limit(MOST)
    ).all()


def _paid(session: Session, program_id: str, arrivals: Sequence[Arrival], known: People) -> set[str]:
    """The arrivals of which a check was paid since."""
    since = min((arrival.at for arrival in arrivals), default=now())
    ids = {person.card_id for arrival in arrivals if (person := known.by_card.get(arrival.card_id))}
    ours = col(Check.program_id) == program_id, col(Check.card_id).in_(ids), col(Check.closed_at) >= since, col(Check.state) == "closed"
    closed = session.exec(select(Check.card_id, Check.closed_at).where(*ours)).all()
    return {
        arrival.id
        for arrival in arrivals
        if (person := known.by_card.get(arrival.card_id))
        and any(card_id == person.card_id and closed_at is not None and closed_at >= arrival.at for card_id, closed_at in closed)
    }
