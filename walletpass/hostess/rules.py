"""Which occasions the owner wants a sentence for, and which comes first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete
from sqlmodel import Session, col, select

from walletpass.errors import Malformed
from walletpass.hostess import words
from walletpass.hostess.models import SentenceRule

LONGEST_DAYS = 3650


@dataclass(frozen=True)
class Occasion:
    """``days``: of an absence how long it is at least, of a birthday how near it is. ``words`` are the owner's own, by language."""

    kind: str
    active: bool = True
    days: int = 0
    words: Mapping[str, str] = field(default_factory=dict)


# What is particular to this guest and evening comes before what may be said to many.
DEFAULTS = (
    Occasion("review"),
    Occasion("absence", days=60),
    Occasion("coat_here"),
    Occasion("coat_kept"),
    Occasion("birthday", days=7),
    Occasion("first_visit"),
    Occasion("booking_note"),
    Occasion("usual_waiter"),
    Occasion("vip"),
    Occasion("regular"),
    Occasion("again"),
)
KINDS = tuple(occasion.kind for occasion in DEFAULTS)


def occasions(session: Session, program_id: str) -> list[Occasion]:
    """All of them, the first first; an occasion that the owner has not spoken of yet comes last."""
    rows = session.exec(select(SentenceRule).where(col(SentenceRule.program_id) == program_id).order_by(col(SentenceRule.position))).all()
    chosen = [Occasion(row.kind, row.active, row.days, row.words) for row in rows if row.kind in KINDS]
    return [*chosen, *(one for one in DEFAULTS if one.kind not in {row.kind for row in rows})]


def set_occasions(session: Session, program_id: str, wanted: Sequence[Occasion]) -> None:
    """In this order from now on; an empty list is the order of a first start. Raises Malformed, with ``field``."""
    if len({one.kind for one in wanted}) < len(wanted) or any(one.kind not in KINDS for one in wanted):
        raise Malformed(f"Name each occasion once, of {', '.join(KINDS)}.", field="kind")
    if any(not 0 <= one.days <= LONGEST_DAYS for one in wanted):
        raise Malformed(f"Days are 0 to {LONGEST_DAYS}.", field="days")
    rows = [
        SentenceRule(
            program_id=program_id,
            kind=one.kind,
            position=position,
            active=one.active,
            days=one.days,
            words=words.checked(one.kind, one.words),
        )
        for position, one in enumerate(wanted, 1)
    ]
    session.execute(delete(SentenceRule).where(col(SentenceRule.program_id) == program_id))
    session.add_all(rows)
    session.flush()
