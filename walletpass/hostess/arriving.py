"""Somebody is here, and has gone: one arrival for a visit, however many readers see the card."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable
from sqlmodel import Session, col, select

from walletpass import cards, events
from walletpass.cards import Card
from walletpass.checks.words import plain
from walletpass.database import new_id, now, prepared, table
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.events import Kind
from walletpass.hostess import signals
from walletpass.hostess.by import NOBODY, By
from walletpass.hostess.matching import expected, lock
from walletpass.hostess.models import VIAS, Arrival, Booking
from walletpass.hostess.moments import LINGER, VISIT, lately
from walletpass.hostess.signals import Sender
from walletpass.programs import Program

# Readers that see a phone pass, in either direction.
PASSING = frozenset({"wifi", "beacon"})


@dataclass(frozen=True)
class Arrived:
    """``new`` is False for a signal of a visit that is known."""

    arrival: Arrival
    new: bool


def arrived(
    session: Session, program: Program, venue_id: str, card: Card | None, via: str, *, booking: Booking | None = None,
    at: datetime | None = None, sender: Sender | None = None, by: By = NOBODY,
) -> Arrived:  # fmt: skip
    """A guest is here, says a reader, a system or a person: by the card, by the booking, or both.

    All signals of one visit are one arrival: that of the card in the venue that has not ended, or, for what only passes the door, has just
    done so. The guest's booking of the hour goes along with it. Raises Malformed, or Conflict for a booking that was cancelled.
    """
    if via not in VIAS:
        raise Malformed(f"An arrival comes by {', '.join(VIAS)}.", field="via")
    moment = lately(at)
    signal = signals.take(session, program.id, sender or Sender(), "arrival")
    if signal.ended_in:
        return Arrived(get(session, program.id, signal.ended_in), False)
    # A booking's row is locked before an arrival's, here and wherever a guest is seated.
    if booking is not None:
        found, claimed = _by_booking(session, program, booking, card, via, moment)
    elif card is not None:
        waits = expected(session, program.id, venue_id, card, moment)
        found = _by_card(session, program.id, venue_id, card, via, moment)
        claimed = _claim(session, found.arrival, waits)
    else:
        raise Malformed("Say who is here: a card, or a booking.")
    signals.end(session, signal, found.arrival.id)
    if found.new:
        tell(session, found.arrival, Kind.GUEST_ARRIVED, moment, by=by, via=via)
    elif claimed:
        tell(session, found.arrival, Kind.BOOKING_CHANGED, moment, by=by)
    return found


def gone(session: Session, program_id: str, arrival_id: str, by: By = NOBODY) -> Arrival:
    """They have left; said twice, it is the first time. Raises NotFound."""
    arrival = get(session, program_id, arrival_id, lock=True)
    if arrival.gone_at is None:
        arrival.gone_at = max(arrival.at, now())
        _keep(session, arrival)
        tell(session, arrival, Kind.GUEST_GONE, arrival.gone_at, by=by)
    return arrival


def seat(session: Session, program: Program, arrival_id: str, place: str, waiter: str = "", by: By = NOBODY) -> Arrival:
    """They sit at this table, served by this waiter; again for another table. Raises NotFound, Malformed, Conflict once they have gone."""
    arrival = get(session, program.id, arrival_id)
    booking = lock(session, program.id, arrival.booking_id) if arrival.booking_id else None
    arrival = get(session, program.id, arrival_id, lock=True)
    if arrival.gone_at is not None or arrival.at + VISIT <= now():
        raise Conflict("This guest has gone. Say that they are here again first.")
    arrival.place = plain(place, 20)
    if not arrival.place:
        raise Malformed("Say which table.", field="place")
    arrival.waiter = plain(waiter, 40) or arrival.waiter
    arrival.seated_at = arrival.seated_at or now()
    _keep(session, arrival)
    if booking is not None:
        booking.state, booking.changed_at = "seated", now()
        session.add(booking)
    tell(session, arrival, Kind.GUEST_SEATED, now(), by=by)
    session.flush()
    return arrival


def get(session: Session, program_id: str, arrival_id: str, *, lock: bool = False) -> Arrival:
    """Raises NotFound."""
    arrival = session.get(Arrival, (program_id, arrival_id), with_for_update=lock or None, populate_existing=True)
    if arrival is None:
        raise NotFound("This arrival is not known here.")
    return arrival


def tell(session: Session, arrival: Arrival, kind: Kind, at: datetime, *, by: By = NOBODY, via: str = "") -> None:
    data: dict[str, int | str | None] = {"arrival": arrival.id, **({"via": via} if via else {})}
    if arrival.booking_id:
        data["booking"] = arrival.booking_id
    events.happened(
        session, arrival.program_id, kind, card_id=arrival.card_id, venue_id=arrival.venue_id, staff_id=by.staff_id, device_id=by.till_id, at=at, data=data
    )  # fmt: skip


def newest(session: Session, program_id: str, venue_id: str, card_ids: list[str]) -> Arrival | None:
    """The last arrival by any of these cards; its row is ours until commit."""
    ours = col(Arrival.program_id) == program_id, col(Arrival.card_id).in_(card_ids), col(Arrival.venue_id) == venue_id
    last = select(Arrival).where(*ours).order_by(col(Arrival.at).desc(), col(Arrival.id).desc()).limit(1)
    return session.exec(last.with_for_update().execution_options(populate_existing=True)).first()


def _by_card(session: Session, program_id: str, venue_id: str, card: Card, via: str, at: datetime) -> Arrived:
    last = newest(session, program_id, venue_id, cards.ids_of(session, card))
    if last is not None and _same_visit(last, via, at):
        return Arrived(last, False)
    if last is not None and last.gone_at is None:
        last.gone_at = last.at + VISIT
        _keep(session, last)
    made = _insert(session, program_id, venue_id=venue_id, card_id=card.id, via=via, at=at)
    if made is not None:
        return Arrived(made, True)
    # A rival was quicker, and has committed: what we could not see before is there now.
    there = newest(session, program_id, venue_id, [card.id])
    if there is None or there.gone_at is not None:
        raise Conflict("This guest is coming and going at this moment. Please try again.")
    return Arrived(there, False)


def _by_booking(session: Session, program: Program, booking: Booking, card: Card | None, via: str, at: datetime) -> tuple[Arrived, bool]:
    """The booking's row is ours: of two check-ins one makes the arrival."""
    booking = lock(session, program.id, booking.id)
    if booking.arrival_id:
        return Arrived(get(session, program.id, booking.arrival_id), False), False
    if booking.state == "cancelled":
        raise Conflict("This booking was cancelled.", state=booking.state)
    card = card or (cards.survivor(session, program.id, booking.card_id) if booking.card_id else None)
    if card is not None and card.state == "active":
        found = _by_card(session, program.id, booking.venue_id, card, via, at)
    else:
        made = _insert(session, program.id, venue_id=booking.venue_id, booking_id=booking.id, via=via, at=at)
        assert made is not None, "the booking's row is locked"  # noqa: S101
        found = Arrived(made, True)
    return found, _claim(session, found.arrival, booking)


def _claim(session: Session, arrival: Arrival, booking: Booking | None) -> bool:
    """The booking, whose row is ours, ends in this arrival, unless either has another."""
    if booking is None or booking.arrival_id or arrival.booking_id not in ("", booking.id) or arrival.gone_at is not None:
        return False
    booking.arrival_id, booking.changed_at = arrival.id, now()
    booking.card_id = booking.card_id or arrival.card_id
    arrival.booking_id, arrival.place = booking.id, arrival.place or booking.place
    session.add(booking)
    _keep(session, arrival)
    return True


def _same_visit(last: Arrival, via: str, at: datetime) -> bool:
    if last.gone_at is None:
        return at < last.at + VISIT
    return at <= last.gone_at or (via in PASSING and at < last.gone_at + LINGER)


def _insert(session: Session, program_id: str, **values: Any) -> Arrival | None:
    """None where the card is here already."""
    row = {"program_id": program_id, "id": new_id(), "card_id": "", "booking_id": "", "place": "", "waiter": "", **values}
    if session.execute(_append(session), row).first() is None:
        return None
    return session.get_one(Arrival, (program_id, row["id"]))


def _keep(session: Session, arrival: Arrival) -> None:
    session.add(arrival)
    session.flush()


@prepared
def _append(dialect: Any) -> Executable:
    arrivals = table(Arrival)
    statement: Executable = dialect.insert(arrivals).on_conflict_do_nothing().returning(arrivals.c.id)
    return statement
