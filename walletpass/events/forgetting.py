"""What is old leaves the feed, oldest first."""

from datetime import timedelta
from typing import ClassVar

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from walletpass import config
from walletpass.database import now
from walletpass.events.models import Event, EventCount
from walletpass.programs import Program, ProgramRounds

BATCH = 1_000


def forget(session: Session, program_id: str, days: int, *, most: int = BATCH) -> int:
    """Take the oldest events out that were written more than ``days`` ago, ``most`` of them at once. Returns how many."""
    before = now() - timedelta(days=days)
    ours = col(Event.program_id) == program_id
    oldest = session.exec(select(Event.number, Event.recorded_at).where(ours).order_by(col(Event.number)).limit(most)).all()
    # Up to the first that is young: a clock that went back leaves no hole.
    until, gone = 0, 0
    for number, recorded_at in oldest:
        if recorded_at >= before:
            break
        until, gone = number, gone + 1
    if gone:
        session.execute(delete(Event).where(ours, col(Event.number) <= until))
        session.execute(
            update(EventCount).where(col(EventCount.program_id) == program_id, col(EventCount.forgotten) < until).values(forgotten=until)
        )
    return gone


class Forgetting(ProgramRounds):
    """Once an hour, a thousand events in a transaction."""

    name: ClassVar[str] = "events.forgetting"
    every: ClassVar[float] = 3600.0

    def some(self, session: Session, program: Program) -> bool:
        return forget(session, program.id, config.current().events_days) == BATCH
