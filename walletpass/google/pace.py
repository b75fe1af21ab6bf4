"""Turns at Google: never more than 20 requests in a second, over all threads, processes and machines of a service account.

The database keeps when the next request may leave, by its own clock, so that machines need not agree on the time. Turns lie
GAP apart also after idle times: there is no burst. Twenty requests that follow each other take 20 x GAP; what that has
beyond a second is how much one may be later on its way than another.
"""

import threading
import time

from sqlalchemy import TextClause, text

from walletpass.database import retrying, transaction
from walletpass.errors import Postponed

# Milliseconds: 18 requests a second.
GAP = 56
# A turn that is further away was given by a clock that has been set back since.
LONGEST_QUEUE = 60_000
# Seconds. A request that would leave later than this after its turn takes another one, far enough ahead to be in time for it.
LATE = 0.04
AHEAD = (0, 50, 100, 200, 400, 800)
# Seconds that a caller waits who sets no end.
PATIENCE = 10.0

CLOCKS = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
}
# One statement: rivals wait for the row, and look at the clock when they have it. No row comes back for a turn too far away.
RESERVE = """
    INSERT INTO google_pace (account, next_ms) VALUES (:account, {clock} + :ahead + :gap)
    ON CONFLICT (account) DO UPDATE SET next_ms = :gap + CASE
        WHEN google_pace.next_ms BETWEEN {clock} + :ahead AND {clock} + :longest THEN google_pace.next_ms ELSE {clock} + :ahead END
    WHERE google_pace.next_ms <= {clock} + :patience OR google_pace.next_ms > {clock} + :longest
    RETURNING next_ms - :gap - {clock}
"""


def turn(account: str, *, until: float | None = None, stopping: threading.Event | None = None) -> None:
    """Wait for the account's next turn.

    Raises Postponed, and then nothing may be sent: the turn would come after ``until`` (of the monotonic clock), or
    ``stopping`` was set meanwhile.
    """
    until = time.monotonic() + PATIENCE if until is None else until
    stopping = stopping or threading.Event()
    for ahead in AHEAD:
        moment = _reserve(account, ahead, until - time.monotonic())
        if moment is None:
            break
        if stopping.wait(max(0.0, moment - time.monotonic())):
            raise Postponed("Delivery is being stopped; the card waits for the next start.")
        if time.monotonic() <= moment + LATE:
            return
    raise Postponed("Google takes twenty requests a second, and others have the next turns.")


def _reserve(account: str, ahead: int, patience: float) -> float | None:
    """When the turn is, by the monotonic clock."""
    values = {"account": account, "ahead": ahead, "gap": GAP, "longest": LONGEST_QUEUE, "patience": int(patience * 1000)}

    def work() -> float | None:
        with transaction() as session:
            statement = _statement(session.get_bind().dialect.name)
            left = session.execute(statement, values).scalar_one_or_none()
            # Before the commit, which may take its time.
            return None if left is None else time.monotonic() + left / 1000

    return retrying(work) if patience > 0 else None


def _statement(dialect: str) -> TextClause:
    return text(RESERVE.format(clock=CLOCKS[dialect]))
