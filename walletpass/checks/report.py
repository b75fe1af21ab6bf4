"""Who asks for the card, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlmodel import Session, col

from walletpass.cards import Card
from walletpass.checks.models import Check
from walletpass.checks.summary import name_of


@dataclass(frozen=True)
class Counts:
    """Checks that were closed, those with a guest, those whose guest was known before the bill was printed, and those whose guest
    got the card while the check was open. ``waiter`` is a name, empty where nobody is named."""

    waiter: str
    checks: int = 0
    identified: int = 0
    before_bill: int = 0
    enrolled: int = 0

    @property
    def identified_share(self) -> float:
        return self.identified / self.checks if self.checks else 0.0

    @property
    def before_bill_share(self) -> float:
        return self.before_bill / self.checks if self.checks else 0.0


@dataclass(frozen=True)
class Report:
    total: Counts
    waiters: Sequence[Counts]


def report(session: Session, program_id: str, since: datetime, until: datetime, venue_id: str = "") -> Report:
    """Checks closed from ``since`` to before ``until``; those that served most come first. A refunded check was served all the same."""
    known = col(Check.card_id) != ""
    in_time = and_(known, col(Check.attached_at) < func.coalesce(col(Check.billed_at), col(Check.closed_at)))
    card = and_(col(Card.program_id) == col(Check.program_id), col(Card.id) == col(Check.card_id))
    new = and_(known, col(Card.created_at) >= col(Check.opened_at), col(Card.created_at) <= col(Check.closed_at))
    counted = select(col(Check.waiter), func.count(), _sum(known), _sum(in_time), _sum(new)).outerjoin(Card, card)
    ours = [col(Check.program_id) == program_id, col(Check.closed_at) >= since, col(Check.closed_at) < until, col(Check.state) != "voided"]
    if venue_id:
        ours.append(col(Check.venue_id).in_([venue_id, ""]))
    rows = session.execute(counted.where(*ours).group_by(col(Check.waiter))).all()
    waiters = [Counts(name_of(session, program_id, waiter), *map(int, numbers)) for waiter, *numbers in rows]
    waiters.sort(key=lambda one: (-one.checks, one.waiter))
    return Report(Counts("", *(sum(column) for column in zip(*map(_numbers, waiters), strict=True))), waiters)


def _numbers(one: Counts) -> tuple[int, int, int, int]:
    return one.checks, one.identified, one.before_bill, one.enrolled


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
