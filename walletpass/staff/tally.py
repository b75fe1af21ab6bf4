"""Counting what staff do where nothing else is written: scans, prompts shown and passed over, refusals.

A scan is a look: it waits for nobody, and 100 of them a second must stay possible where one writer at a time is. A durable
transaction for each would double the writes of a busy evening for a figure of a report. So they are counted in memory and written
together every few seconds, one row for a quarter of an hour, person, till and kind; who pulls the plug loses those seconds of a
statistic, and no point of anybody. What belongs to a deed that is written anyway is counted in its transaction by `count`.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass.database import now, retrying, transaction
from walletpass.rounds import Rounds
from walletpass.staff.actors import Actor
from walletpass.staff.models import Tally

SCAN, PROMPT, SKIP, ENROLLED = "scan", "prompt", "skip", "enrolled"
QUARTER = 15
# Of different persons, tills, kinds and quarters; far above what a server sees between two writings.
MOST_IN_MEMORY = 100_000


class Mark(NamedTuple):
    program_id: str
    at: datetime
    staff_id: str
    till_id: str
    kind: str


_marks: Counter[Mark] = Counter()
_lock = threading.Lock()


def noticed(actor: Actor, kind: str) -> None:
    """Count it for whoever did it, in memory."""
    mark = _mark(actor.program_id, actor.staff_id, actor.till_id, kind)
    with _lock:
        if mark in _marks or len(_marks) < MOST_IN_MEMORY:
            _marks[mark] += 1


def count(session: Session, actor: Actor, kind: str, times: int = 1) -> None:
    """Count it in the caller's transaction, with the deed that it belongs to."""
    _add(session, {_mark(actor.program_id, actor.staff_id, actor.till_id, kind): times})


def write_down() -> int:
    """Write what was noticed since the last time; how many rows. What cannot be written now is kept for the next time."""
    with _lock:
        taken = Counter(_marks)
        _marks.clear()
    if not taken:
        return 0

    def work() -> None:
        with transaction() as session:
            _add(session, taken)

    try:
        retrying(work)
    except Exception:
        with _lock:
            _marks.update(taken)
        raise
    return len(taken)


def tallied(session: Session, program_id: str, since: datetime, until: datetime) -> dict[str, Counter[str]]:
    """How often each person did what, by the id of the person; integrations have none."""
    rows = session.exec(
        select(Tally.staff_id, Tally.kind, func.sum(col(Tally.count)))
        .where(col(Tally.program_id) == program_id, col(Tally.at) >= since, col(Tally.at) < until)
        .group_by(col(Tally.staff_id), col(Tally.kind))
    ).all()
    found: dict[str, Counter[str]] = {}
    for staff_id, kind, times in rows:
        found.setdefault(staff_id, Counter())[kind] = int(times)
    return found


class Bookkeeper(Rounds):
    """Writes down what was noticed, every few seconds and at the end."""

    name: ClassVar[str] = "tally"
    every: ClassVar[float] = 5.0

    def round(self) -> None:
        write_down()

    def stop(self, timeout: float = 1.0) -> None:
        super().stop(timeout)
        self.look()


def _mark(program_id: str, staff_id: str, till_id: str, kind: str) -> Mark:
    moment = now()
    quarter = moment.replace(minute=moment.minute // QUARTER * QUARTER, second=0, microsecond=0)
    return Mark(program_id, quarter, staff_id, till_id, kind[:40])


def _add(session: Session, marks: Mapping[Mark, int]) -> None:
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    # In one order, so that two servers that write the same rows wait for each other and no more.
    for mark, times in sorted(marks.items()):
        row = dialect.insert(Tally).values(**mark._asdict(), count=times)
        key = ["program_id", "at", "staff_id", "till_id", "kind"]
        session.execute(row.on_conflict_do_update(index_elements=key, set_={"count": col(Tally.count) + times}))
