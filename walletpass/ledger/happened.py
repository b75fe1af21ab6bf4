"""What points really did in a time: the books, summed."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from walletpass.ledger.models import Entry, EntryType

EARNED = (EntryType.EARN, EntryType.EARN_REVERSAL)
SPENT = (EntryType.REDEEM, EntryType.REDEEM_REVERSAL)
# Fewer points than this say nothing about guests.
ENOUGH = 1_000


@dataclass(frozen=True)
class Happened:
    """Whole points, what was taken back left out."""

    earned: int
    spent: int


def happened(session: Session, program_id: str, since: datetime | None = None) -> Happened:
    """Since a moment, or ever."""
    wanted = [col(Entry.program_id) == program_id, col(Entry.type).in_([*EARNED, *SPENT])]
    if since is not None:
        wanted.append(col(Entry.event_at) >= since)
    sums = dict(session.exec(select(Entry.type, func.sum(col(Entry.delta))).where(*wanted).group_by(col(Entry.type))).all())
    return Happened(sum(int(sums.get(kind, 0)) for kind in EARNED), -sum(int(sums.get(kind, 0)) for kind in SPENT))


def spent_share(session: Session, program_id: str) -> int | None:
    """Of a hundred points that were ever earned, how many were spent; None where too few were, or none yet."""
    ever = happened(session, program_id)
    return min(100, ever.spent * 100 // ever.earned) if ever.earned >= ENOUGH and ever.spent > 0 else None
