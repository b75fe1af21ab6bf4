"""How many checks had a guest, and whose they were."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from walletpass.checks.models import Check
from walletpass.ledger import Entry, EntryType


@dataclass(frozen=True)
class Share:
    """``identified`` of ``checks`` had a card on them."""

    checks: int = 0
    identified: int = 0


def identified(session: Session, program_id: str, since: datetime, until: datetime) -> dict[str, Share]:
    """By the id of the person whose check it was: who put the card on it, else who closed it, else who booked its points. Checks
    that a POS closed by itself have nobody."""
    booked = (
        select(col(Entry.staff_id))
        .where(col(Entry.program_id) == col(Check.program_id), col(Entry.check_id) == col(Check.id), col(Entry.type) == EntryType.EARN)
        .order_by(col(Entry.recorded_at).desc())
        .limit(1)
        .scalar_subquery()
    )
    person = func.coalesce(func.nullif(col(Check.attached_by), ""), func.nullif(col(Check.closed_by), ""), booked, "")
    whose: Any = select(person.label("person"), col(Check.card_id).label("card_id")).where(
        col(Check.program_id) == program_id,
        col(Check.closed_at) >= since,
        col(Check.closed_at) < until,
        col(Check.state).in_(("closed", "refunded")),
    )
    rows = whose.subquery()
    counted = session.execute(select(rows.c.person, func.count(), func.count(func.nullif(rows.c.card_id, ""))).group_by(rows.c.person))
    return {staff_id: Share(int(every), int(known)) for staff_id, every, known in counted}
