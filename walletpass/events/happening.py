"""Writing events: the last thing that a transaction does.

Numbers without a gap need one row per program that every writer locks until its commit. Taken in the middle of a deed that lock
would make all tills of a restaurant queue for the rest of it, and would meet the locks of cards in either order, which is a
deadlock. So events wait in the session until everything else is done, and are then numbered and written together, by two
statements however many they are. `cards.changes.next_tag` has a row of its own for that reason: it is locked in the middle.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Executable
from sqlmodel import Session

from walletpass.database import after_commit, before_commit, new_id, now, prepared, table
from walletpass.events.following import following
from walletpass.events.kinds import Kind
from walletpass.events.models import Event, EventCount

WAITING = "events"
# Ids, codes and states. Names have spaces and other letters, numbers of phones a plus sign, addresses of mail an @.
PLAIN = re.compile(r"[A-Za-z0-9._:-]{0,64}")
NAME = re.compile(r"[a-z_]{1,20}")


def happened(
    session: Session,
    program_id: str,
    kind: Kind | str,
    *,
    card_id: str = "",
    check_id: str = "",
    venue_id: str = "",
    staff_id: str = "",
    device_id: str = "",
    source: str = "",
    at: datetime | None = None,
    data: Mapping[str, int | str | None] | None = None,
) -> None:
    """Write an event in the caller's transaction, at its end. ``data`` holds ids and numbers only.

    A value that looks like something else is a fault of ours and raises ValueError: the feed leaves the house.
    """
    values = dict(data or {})
    for name, value in values.items():
        if not NAME.fullmatch(name) or not (value is None or isinstance(value, int) or PLAIN.fullmatch(value)):
            raise ValueError(f"{kind} cannot say {name}: events hold ids and numbers only")
    row = {
        "program_id": program_id, "kind": str(Kind(kind)), "card_id": card_id, "check_id": check_id, "venue_id": venue_id,
        "staff_id": staff_id, "device_id": device_id, "source": source, "data": values, "at": at or now(),
    }  # fmt: skip
    waiting: list[dict[str, Any]] = session.info.setdefault(WAITING, [])
    if not waiting:
        before_commit(session, lambda: write(session))
    waiting.append(row)


def write(session: Session) -> None:
    """Number what waits, and write it."""
    rows: list[dict[str, Any]] = session.info.pop(WAITING)
    session.flush()
    # Of several programs always the same one first.
    for program_id, count in sorted(Counter(row["program_id"] for row in rows).items()):
        last = number(session, program_id, count)
        moment = now()
        ours: Sequence[dict[str, Any]] = [row for row in rows if row["program_id"] == program_id]
        for place, row in enumerate(ours):
            row.update(number=last - count + 1 + place, id=new_id(), recorded_at=moment)
        session.execute(_append(session), ours)
        after_commit(session, partial(following.told, program_id, last))


def number(session: Session, program_id: str, count: int) -> int:
    """The last of the program's next ``count`` numbers. Its row is ours until commit: a lower number never appears after a higher one."""
    return int(session.execute(_count_on(session), {"program_id": program_id, "value": count, "forgotten": 0}).scalar_one())


@prepared
def _append(dialect: Any) -> Executable:
    statement: Executable = dialect.insert(table(Event))
    return statement


@prepared
def _count_on(dialect: Any) -> Executable:
    counts = table(EventCount)
    first = dialect.insert(counts)
    upsert = first.on_conflict_do_update(index_elements=["program_id"], set_={"value": counts.c.value + first.excluded.value})
    statement: Executable = upsert.returning(counts.c.value)
    return statement
