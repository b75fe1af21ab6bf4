from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from walletpass.cards import Card
from walletpass.checks.models import Check
from walletpass.database import now


@dataclass(frozen=True)
class Summary:
    """``average`` is minor units, rounded half up; None before the first visit."""

    visits: int
    average: int | None
    last_visit: datetime | None

    @property
    def days_since(self) -> int | None:
        return max(0, (now() - self.last_visit).days) if self.last_visit else None


def record(session: Session, card: Card, check_id: str, amount: int, venue_id: str, at: datetime) -> Check:
    """A check was closed. Recorded again after it was taken back, it counts again."""
    check = session.get(Check, (card.program_id, check_id)) or Check(
        program_id=card.program_id, id=check_id, card_id=card.id, amount=amount, closed_at=at
    )
    check.card_id, check.venue_id, check.amount, check.closed_at, check.taken_back_at = card.id, venue_id, amount, at, None
    session.add(check)
    session.flush()
    return check


def take_back(session: Session, program_id: str, check_id: str) -> None:
    """The check's earn was undone: it is no visit any more."""
    check = session.get(Check, (program_id, check_id))
    if check is not None:
        check.taken_back_at = now()
        session.add(check)
        session.flush()


def summary(session: Session, card: Card) -> Summary:
    count, total, last = session.exec(
        select(func.count(), func.coalesce(func.sum(col(Check.amount)), 0), func.max(col(Check.closed_at))).where(
            col(Check.program_id) == card.program_id, col(Check.card_id) == card.id, col(Check.taken_back_at).is_(None)
        )
    ).one()
    return Summary(count, (2 * int(total) + count) // (2 * count) if count else None, last)
