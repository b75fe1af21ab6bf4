"""What each person did with points, by the clock of the tills; and cards that were seen too often."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from walletpass.ledger.models import Entry, EntryType
from walletpass.ledger.reversing import REVERSAL
from walletpass.programs import Program, day_of


@dataclass(frozen=True)
class Deeds:
    """Of one person. ``taken_back`` are earns and redemptions of theirs that somebody undid or refunded, be it in part."""

    earns: int = 0
    points_earned: int = 0
    redeems: int = 0
    points_redeemed: int = 0
    corrections: int = 0
    points_corrected: int = 0
    taken_back: int = 0


@dataclass(frozen=True)
class BusyCard:
    """A card on more checks than is usual in one day of the restaurant, and the ids of those who booked them."""

    card_id: str
    day: date
    checks: int
    points: int
    staff_ids: tuple[str, ...]


def deeds(session: Session, program_id: str, since: datetime, until: datetime) -> dict[str, Deeds]:
    """By the id of the person; what integrations did has none."""
    kinds = (EntryType.EARN, EntryType.REDEEM, EntryType.ADJUST)
    rows = session.execute(
        select(col(Entry.staff_id), col(Entry.type), func.count(), func.coalesce(func.sum(col(Entry.delta)), 0))
        .where(*_between(program_id, since, until), col(Entry.type).in_(kinds))
        .group_by(col(Entry.staff_id), col(Entry.type))
    ).all()
    found: dict[str, Deeds] = defaultdict(Deeds)
    for staff_id, kind, times, points in rows:
        if kind == EntryType.EARN:
            found[staff_id] = replace(found[staff_id], earns=times, points_earned=int(points))
        elif kind == EntryType.REDEEM:
            found[staff_id] = replace(found[staff_id], redeems=times, points_redeemed=-int(points))
        else:
            found[staff_id] = replace(found[staff_id], corrections=times, points_corrected=int(points))
    for staff_id, times in _taken_back(session, program_id, since, until):
        found[staff_id] = replace(found[staff_id], taken_back=times)
    return dict(found)


def _taken_back(session: Session, program_id: str, since: datetime, until: datetime) -> list[tuple[str, int]]:
    reversal = aliased(Entry)
    same = (
        col(reversal.program_id) == col(Entry.program_id), col(reversal.card_id) == col(Entry.card_id), col(reversal.reverses) == col(Entry.seq)
    )  # fmt: skip
    rows = session.execute(
        select(col(Entry.staff_id), func.count())
        .where(*_between(program_id, since, until), col(Entry.type).in_(list(REVERSAL)), exists().where(*same))
        .group_by(col(Entry.staff_id))
    ).all()
    return [(staff_id, times) for staff_id, times in rows]


def seen_often(session: Session, program: Program, since: datetime, until: datetime) -> list[BusyCard]:
    """Cards on more than `Program.many_checks` checks in one day, the busiest first."""
    earns = *_between(program.id, since, until), col(Entry.type) == EntryType.EARN
    often = (
        select(col(Entry.card_id))
        .where(*earns)
        .group_by(col(Entry.card_id))
        .having(func.count(func.distinct(col(Entry.check_id))) > program.many_checks)
    )
    rows = session.execute(
        select(col(Entry.card_id), col(Entry.event_at), col(Entry.check_id), col(Entry.delta), col(Entry.staff_id)).where(
            *earns, col(Entry.card_id).in_(often)
        )
    ).all()
    days: dict[tuple[str, date], list[tuple[str, int, str]]] = defaultdict(list)
    for card_id, event_at, check_id, points, staff_id in rows:
        days[card_id, day_of(program, event_at)].append((check_id, points, staff_id))
    found = [
        BusyCard(card_id, day, len({check for check, _, _ in done}), sum(points for _, points, _ in done), tuple(sorted({who for _, _, who in done})))
        for (card_id, day), done in days.items()
    ]  # fmt: skip
    return sorted((one for one in found if one.checks > program.many_checks), key=lambda one: (-one.checks, one.day, one.card_id))


def _between(program_id: str, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(Entry.program_id) == program_id, col(Entry.event_at) >= since, col(Entry.event_at) < until
