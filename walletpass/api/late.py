"""Deeds that a till could not send when they happened: booked with their own time, or listed for a manager."""

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlmodel import Session

from walletpass import cards, checks, ledger, staff
from walletpass.api.once import answer, origin, tell
from walletpass.api.schemas import LateOut
from walletpass.cards import Card
from walletpass.database import now
from walletpass.ledger import Answer, Bill, Entry, LateDeed, Line, Origin
from walletpass.programs import Program
from walletpass.staff import Actor

# A till's clock may be ahead of ours by this much.
AHEAD = timedelta(minutes=5)


def event_time(program: Program, at: datetime | None) -> datetime | None:
    """The time to book a deed with; None for one that is too late to be booked silently."""
    moment = now()
    if at is None or at > moment + AHEAD:
        return moment
    return at if moment - at <= timedelta(hours=program.late_hours) else None


def list_late(
    session: Session, program: Program, route: str, card: Card, bill: Bill, key: str, at: datetime, points: int = 0
) -> Answer:  # fmt: skip
    """202: kept for a manager, who books or refuses it. Raises Malformed for a bill that could never be booked."""
    bill.check(program.max_amount)
    body = {"card": card.id, "bill": asdict(bill), "amount": bill.amount, "points": points}
    deed = ledger.list_late(session, program.id, route, body, origin(key, event_at=at))
    return answer(LateOut(late=deed.id), 202)


def book(session: Session, program: Program, deed: LateDeed, actor: Actor) -> Entry:
    """Do what was listed, with its own time and in the name of whoever did it; ``actor`` has decided so.

    Raises Conflict where somebody decided before, and as `ledger.earn` and `ledger.redeem` do: then it stays listed.
    """
    ledger.decide_late(session, deed, "booked", actor.staff_id)
    card = cards.find(session, program.id, deed.body["card"])
    bill = bill_of(deed)
    source, own = ("till", staff.person(session, program.id, deed.staff_id).card_id) if deed.staff_id else ("api", "")
    then = Origin(source, deed.key, deed.venue_id, deed.staff_id, deed.device_id, f"late deed {deed.id}", deed.event_at, own)
    if deed.route == "earn":
        entry = ledger.earn(session, program, card, bill, then)
        lines = bill if len(bill.lines) > 1 or bill.lines[0].category else None
        checks.record(session, card, bill.check_id, bill.amount, deed.venue_id, entry.event_at, bill=lines, waiter=deed.staff_id)
    else:
        entry = ledger.redeem(session, program, card, bill, deed.body["points"], then)
    tell(session, program.id, card.id)
    return entry


def bill_of(deed: LateDeed) -> Bill:
    kept = deed.body["bill"]
    return Bill(kept["check_id"], tuple(Line(**line) for line in kept["lines"]), kept["discount"], kept["gift_card"])
