"""The rows between a commit and a phone."""

import random
import threading
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from walletpass.database import after_commit, new_id, now
from walletpass.delivery.channel import Notice
from walletpass.delivery.models import Outbox, State
from walletpass.errors import DeliveryError

LEASE = timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(hours=24)
LONGEST_WAIT = 900.0

# Rung when this process commits an outbox row, so that its own workers need not wait for their next look.
bell = threading.Condition()


def enqueue(session: Session, program_id: str, card_id: str, version: int, channels: Iterable[str]) -> None:
    """Put the card's newest version on its way, in the caller's transaction: one pending row per channel."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    for channel in channels:
        moment = now()
        row = dialect.insert(Outbox).values(
            program_id=program_id, id=new_id(), card_id=card_id, channel=channel, version=version,
            state=State.PENDING, due_at=moment, created_at=moment, owner="", attempts=0, reason="",
        )  # fmt: skip
        session.execute(
            row.on_conflict_do_update(
                index_elements=["program_id", "card_id", "channel"],
                # In so many words: with a parameter PostgreSQL does not recognise the index in a plan it keeps.
                index_where=text("state = 'pending'"),
                set_={"version": row.excluded.version},
            )
        )
        after_commit(session, ring)


def ring() -> None:
    with bell:
        bell.notify_all()


def is_due(session: Session, channel: str) -> bool:
    """A cheap look without a lock: is there anything for `claim`?"""
    open_rows = select(Outbox.id).where(
        col(Outbox.channel) == channel,
        col(Outbox.due_at) <= now(),
        or_(col(Outbox.state) == State.PENDING, and_(col(Outbox.state) == State.SENDING, col(Outbox.lease_until) <= now())),
    )
    return session.exec(open_rows.limit(1)).first() is not None


def claim(session: Session, channel: str, owner: str, limit: int) -> Sequence[Notice]:
    """Take up to ``limit`` due rows under a lease, oldest first; rows whose lease ran out are taken up again.

    A card that is being sent is left alone until that is settled, so that an older state cannot arrive after a newer one.
    """
    moment = now()
    rival = aliased(Outbox)
    busy = exists().where(
        col(rival.program_id) == col(Outbox.program_id),
        col(rival.card_id) == col(Outbox.card_id),
        col(rival.channel) == col(Outbox.channel),
        col(rival.state) == State.SENDING,
    )
    due = and_(col(Outbox.state) == State.PENDING, col(Outbox.due_at) <= moment, ~busy)
    stuck = and_(col(Outbox.state) == State.SENDING, col(Outbox.lease_until) <= moment)
    found = session.exec(
        select(Outbox)
        .where(col(Outbox.channel) == channel, or_(due, stuck))
        .order_by(col(Outbox.due_at))
        .limit(limit)
        .with_for_update(skip_locked=True, of=Outbox)
    ).all()
    for row in found:
        row.state, row.owner, row.lease_until = State.SENDING, owner, moment + LEASE
        row.attempts += 1
        session.add(row)
    return [Notice(row.id, row.program_id, row.card_id, row.version) for row in found]


def settle(session: Session, notice: Notice, owner: str, failure: DeliveryError | None) -> State | None:
    """Write down what became of a claimed row; None when the lease had passed to somebody else.

    A failure that is not permanent goes back to waiting, with jitter, unless a newer row has taken its place.
    """
    row = session.get(Outbox, (notice.program_id, notice.outbox_id), with_for_update=True)
    if row is None or row.state != State.SENDING or row.owner != owner:
        return None
    moment = now()
    row.lease_until, row.owner = None, ""
    if failure is None:
        row.state, row.reason = State.DELIVERED, ""
    elif failure.permanent or moment - row.created_at > GIVE_UP_AFTER:
        row.state, row.reason = State.DEAD, failure.message[:300]
    else:
        _wait_again(session, row, failure.message, moment + timedelta(seconds=wait(row.attempts, failure.after)))
    if row.state != State.PENDING:
        row.done_at = moment
    session.add(row)
    session.flush()
    return State(row.state)


def _wait_again(session: Session, row: Outbox, reason: str, due_at: datetime) -> None:
    """Back to waiting, unless a newer row waits already: the index knows also of one that is not committed yet."""
    try:
        with session.begin_nested():
            row.state, row.reason, row.due_at = State.PENDING, reason[:300], due_at
            session.add(row)
            session.flush()
    except IntegrityError:
        row.state, row.reason = State.SUPERSEDED, reason[:300]


def wait(attempts: int, wish: float | None) -> float:
    """Seconds before the next try: the vendor's wish, or exponential with full jitter, 15 minutes at most."""
    return max(wish or 0.0, random.uniform(0.2, min(LONGEST_WAIT, 0.5 * 2**attempts)))  # noqa: S311 (jitter)


def bury(session: Session, notice: Notice, reason: str) -> None:
    """End a row by hand, with a reason for whoever looks at the dead letters."""
    session.execute(
        update(Outbox)
        .where(col(Outbox.program_id) == notice.program_id, col(Outbox.id) == notice.outbox_id)
        .values(state=State.DEAD, reason=reason[:300], done_at=now(), lease_until=None, owner="")
    )


def count_waiting(session: Session) -> int:
    open_rows = select(func.count()).select_from(Outbox).where(col(Outbox.state).in_([State.PENDING, State.SENDING]))
    return session.exec(open_rows).one()
