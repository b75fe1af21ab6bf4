"""Limits of a guest's day, by the restaurant's calendar; and nobody gives points to themselves."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from walletpass.cards import Card
from walletpass.database import now
from walletpass.errors import NotAllowed, TooOften
from walletpass.ledger.entries import Origin
from walletpass.ledger.models import Entry, EntryType
from walletpass.programs import Program


def not_their_own(card: Card, origin: Origin) -> None:
    """Raises NotAllowed for a member of staff who gives points to their own card."""
    if origin.own_card and origin.own_card == card.id:
        raise NotAllowed("This is your own card. Ask a colleague to do it.")


def may_earn(session: Session, program: Program, card_id: str, points: int, origin: Origin) -> None:
    """Raises TooOften, with the limit as ``maximum``. What was undone counts as well: it was a scan."""
    if not (program.earns_per_day or program.points_per_day):
        return
    times, total = _today(session, program, card_id, EntryType.EARN, origin)
    if program.earns_per_day and times >= program.earns_per_day:
        raise TooOften("This card has earned as often today as this restaurant allows.", maximum=program.earns_per_day)
    if program.points_per_day and total + points > program.points_per_day:
        raise TooOften("This would be more points than a card may earn here in one day.", maximum=program.points_per_day)


def may_redeem(session: Session, program: Program, card_id: str, origin: Origin) -> None:
    """Raises TooOften, with the limit as ``maximum``."""
    if program.redeems_per_day and _today(session, program, card_id, EntryType.REDEEM, origin)[0] >= program.redeems_per_day:
        raise TooOften("This card has paid as often today as this restaurant allows.", maximum=program.redeems_per_day)


def _today(session: Session, program: Program, card_id: str, kind: EntryType, origin: Origin) -> tuple[int, int]:
    """How often on the local day of the deed, and how many points. The newest entries are looked at, not all of them."""
    zone = ZoneInfo(program.timezone)
    day = (origin.event_at or now()).astimezone(zone).date()
    start = datetime.combine(day, time(), zone)
    count = select(func.count(), func.coalesce(func.sum(func.abs(col(Entry.delta))), 0)).where(
        col(Entry.program_id) == program.id, col(Entry.card_id) == card_id, col(Entry.type) == kind, col(Entry.event_at) >= start
    )
    times, total = session.exec(count).one()
    return times, int(total)
