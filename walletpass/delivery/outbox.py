"""The rows between a commit and a phone."""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Executable, and_, bindparam, exists, func, or_, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from walletpass.database import after_commit, new_id, now, prepared, table
from walletpass.delivery import owners
from walletpass.delivery.bell import ring
from walletpass.delivery.channel import Notice
from walletpass.delivery.models import Outbox, PausedChannel, State
from walletpass.delivery.pause import forget_if_over, pause
from walletpass.errors import ChannelPaused, DeliveryError, NotFound, Postponed

LEASE = timedelta(seconds=60)
# A row is given up when it is older and has been tried more often than this: what waited for a shut channel, or for a server that was off,
# has its tries yet. With the waits below a vendor that is away all the time gets some 190 a day.
GIVE_UP_AFTER, FEWEST_TRIES = timedelta(hours=24), 100
LONGEST_WAIT = 900.0
# The first change of a card leaves at once; those that follow within this time leave together. Phones that are pushed too
# often stop asking.
COALESCE = timedelta(seconds=5)


def enqueue(session: Session, program_id: str, card_id: str, version: int, channels: Iterable[str], *, bulk: bool = False) -> None:
    """Put the card's newest version on its way, in the caller's transaction: one pending row per channel.

    It leaves with the commit, or `COALESCE` after the card's last message on that channel; ``bulk`` after those of guests who
    stand at a till. A change at a till makes a row that waits urgent, and nothing makes it bulk again.
    """
    for channel in channels:
        moment = now()
        row = {
            "program_id": program_id, "id": new_id(), "card_id": card_id, "channel": channel, "version": version,
            "bulk": bulk, "state": State.PENDING, "due_at": _turn(session, program_id, card_id, channel, moment), "created_at": moment,
            "owner": "", "attempts": 0, "reason": "",
        }  # fmt: skip
        session.execute(_put(session), row)
        after_commit(session, ring)


@prepared
def _put(dialect: Any) -> Executable:
    rows = table(Outbox)
    row = dialect.insert(rows)
    statement: Executable = row.on_conflict_do_update(
        index_elements=["program_id", "card_id", "channel"],
        # In so many words: with a parameter PostgreSQL does not recognise the index in a plan it keeps.
        index_where=text("state = 'pending'"),
        set_={"version": row.excluded.version, "bulk": and_(rows.c.bulk, row.excluded.bulk)},
    )
    return statement


def _turn(session: Session, program_id: str, card_id: str, channel: str, moment: datetime) -> datetime:
    last = session.execute(_left(session), {"program": program_id, "card": card_id, "channel": channel}).scalar_one()
    return moment if last is None else min(max(moment, last + COALESCE), moment + COALESCE)


@prepared
def _left(dialect: Any) -> Executable:
    rows = table(Outbox).c
    ours = rows.program_id == bindparam("program"), rows.card_id == bindparam("card"), rows.channel == bindparam("channel")
    return select(func.max(func.coalesce(rows.done_at, rows.due_at))).where(*ours, rows.state != State.PENDING)


def is_due(session: Session, channel: str) -> bool:
    """A cheap look without a lock: is there anything for `claim`?"""
    open_rows = select(Outbox.id).where(
        col(Outbox.channel) == channel,
        col(Outbox.due_at) <= now(),
        or_(col(Outbox.state) == State.PENDING, and_(col(Outbox.state) == State.SENDING, col(Outbox.lease_until) <= now())),
        ~_paused(channel),
    )
    return session.exec(open_rows.limit(1)).first() is not None


def claim(session: Session, channel: str, owner: str, limit: int, *, bulk_first: bool = False) -> Sequence[Notice]:
    """Take up to ``limit`` due rows under a lease, tills before campaigns, oldest first; rows whose lease ran out are taken up again.

    ``bulk_first`` takes only campaigns where there are any, so that these go on while tills are busy.
    A card that is being sent is left alone until that is settled, so that an older state cannot arrive after a newer one.
    A program whose channel is paused waits, untouched.
    """
    moment = now()
    rival = aliased(Outbox)
    # A row has a lease while it is sent. Counted, and not asked for by its state: PostgreSQL then looks at the rows of the card, where it
    # would go through all that wait.
    busy = select(func.count()).where(
        col(rival.program_id) == col(Outbox.program_id),
        col(rival.card_id) == col(Outbox.card_id),
        col(rival.channel) == col(Outbox.channel),
        col(rival.lease_until).is_not(None),
    )
    due = and_(col(Outbox.state) == State.PENDING, col(Outbox.due_at) <= moment, busy.scalar_subquery() == 0)
    stuck = and_(col(Outbox.state) == State.SENDING, col(Outbox.lease_until) <= moment)
    wanted = (
        select(Outbox)
        .where(col(Outbox.channel) == channel, text("outbox.state IN ('pending', 'sending')"), or_(due, stuck), ~_paused(channel))
        .order_by(col(Outbox.bulk), col(Outbox.due_at))
        .limit(limit)
        .with_for_update(skip_locked=True, of=Outbox)
    )
    found = session.exec(wanted.where(col(Outbox.bulk))).all() if bulk_first else ()
    found = found or session.exec(wanted).all()
    for row in found:
        row.state, row.owner, row.lease_until = State.SENDING, owner, moment + LEASE
        row.attempts += 1
        session.add(row)
    return [Notice(row.id, row.program_id, row.card_id, row.version, row.attempts, row.bulk) for row in found]


def settle(session: Session, notice: Notice, owner: str, failure: DeliveryError | None) -> State | None:
    """`settle_all` for a single row."""
    return settle_all(session, [(notice, failure)], owner)[0]


def settle_all(session: Session, settled: Sequence[tuple[Notice, DeliveryError | None]], owner: str) -> list[State | None]:
    """Write down what became of claimed rows; None for one whose lease had passed to somebody else.

    A failure that is not permanent goes back to waiting, with jitter, unless a newer row has taken its place. A channel that
    turns out to be shut is paused, and its rows have lost no try.
    """
    rows = {
        (row.program_id, row.id): row
        for row in session.exec(
            select(Outbox)
            .where(
                col(Outbox.program_id).in_({notice.program_id for notice, _ in settled}),
                col(Outbox.id).in_([notice.outbox_id for notice, _ in settled]),
                col(Outbox.state) == State.SENDING,
                col(Outbox.owner) == owner,
            )
            .order_by(Outbox.program_id, Outbox.id)
            .with_for_update()
        )
    }
    states: list[State | None] = []
    for notice, failure in settled:
        row = rows.get((notice.program_id, notice.outbox_id))
        states.append(_settle(session, row, failure) if row else None)
    session.flush()
    for program_id, channel in {(row.program_id, row.channel) for row in rows.values() if row.state == State.DELIVERED}:
        forget_if_over(session, program_id, channel)
    return states


def _settle(session: Session, row: Outbox, failure: DeliveryError | None) -> State:
    moment = now()
    row.lease_until, row.owner = None, ""
    if failure is None:
        row.state, row.reason = State.DELIVERED, ""
    elif isinstance(failure, ChannelPaused):
        pause(session, row.program_id, row.channel, failure.message, failure.after or LONGEST_WAIT)
        row.attempts -= 1
        _wait_again(session, row, failure.message, moment)
    elif isinstance(failure, Postponed):
        row.attempts -= 1
        _wait_again(session, row, failure.message, moment + timedelta(seconds=failure.after) if failure.after else row.due_at)
    elif failure.permanent or (moment - row.created_at > GIVE_UP_AFTER and row.attempts >= FEWEST_TRIES):
        row.state, row.reason = State.DEAD, failure.message[:300]
    else:
        _wait_again(session, row, failure.message, moment + timedelta(seconds=wait(row.attempts, failure.after)))
    if row.state != State.PENDING:
        row.done_at = moment
    session.add(row)
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
        if not row.bulk:
            _hurry(session, row)


def _hurry(session: Session, row: Outbox) -> None:
    """What takes the place of a till's change is as urgent."""
    newer = and_(
        col(Outbox.program_id) == row.program_id,
        col(Outbox.card_id) == row.card_id,
        col(Outbox.channel) == row.channel,
        col(Outbox.state) == State.PENDING,
    )
    session.execute(update(Outbox).where(newer).values(bulk=False))


def wait(attempts: int, wish: float | None) -> float:
    """Seconds before the next try: the vendor's wish, or exponential with full jitter, 15 minutes at most."""
    return max(wish or 0.0, random.uniform(0.2, min(LONGEST_WAIT, 0.5 * 2 ** min(attempts, 20))))  # noqa: S311 (jitter)


def release(session: Session, channel: str) -> int:
    """End the leases of processes that ran on this machine and are gone, so that nobody waits for them; how many rows that are."""
    held = and_(col(Outbox.channel) == channel, col(Outbox.state) == State.SENDING, col(Outbox.lease_until) > now())
    gone = [owner for owner in session.exec(select(Outbox.owner).where(held).distinct()) if owners.is_gone(owner)]
    if not gone:
        return 0
    ended = session.execute(update(Outbox).where(held, col(Outbox.owner).in_(gone)).values(lease_until=now()))
    after_commit(session, ring)
    return cast(CursorResult[Any], ended).rowcount


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


def waiting(session: Session, program_id: str, channel: str, before: datetime, limit: int = 50) -> Sequence[Outbox]:
    """What has been on its way since before that moment, oldest first."""
    found = select(Outbox).where(
        col(Outbox.program_id) == program_id,
        col(Outbox.channel) == channel,
        col(Outbox.state).in_([State.PENDING, State.SENDING]),
        col(Outbox.created_at) < before,
    )
    return session.exec(found.order_by(col(Outbox.created_at)).limit(limit)).all()


def dead(session: Session, program_id: str, limit: int = 50) -> Sequence[Outbox]:
    """The dead letters that nothing newer has made good, newest first."""
    found = select(Outbox).where(col(Outbox.program_id) == program_id, *_lost())
    return session.exec(found.order_by(col(Outbox.done_at).desc()).limit(limit)).all()


def count_dead(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Outbox).where(*_lost())).one()


def _lost() -> tuple[Any, ...]:
    """A card is sent as it stands: one that was sent afterwards makes up for what was given up."""
    later = aliased(Outbox)
    made_good = exists().where(
        col(later.program_id) == col(Outbox.program_id),
        col(later.card_id) == col(Outbox.card_id),
        col(later.channel) == col(Outbox.channel),
        col(later.state) == State.DELIVERED,
        col(later.done_at) > col(Outbox.done_at),
    )
    return text("outbox.state = 'dead'"), ~made_good


def make_good(session: Session, program_id: str, card_id: str, channel: str) -> None:
    """The card went there on another way than this one, as it stands now."""
    its_dead = and_(
        col(Outbox.program_id) == program_id,
        col(Outbox.card_id) == card_id,
        col(Outbox.channel) == channel,
        col(Outbox.state) == State.DEAD,
    )
    session.execute(update(Outbox).where(its_dead).values(state=State.SUPERSEDED))


def retry(session: Session, program_id: str, outbox_id: str) -> None:
    """Send a dead letter's card once more, as it stands now. Raises NotFound for what is not dead."""
    row = session.get(Outbox, (program_id, outbox_id), with_for_update=True)
    if row is None or row.state != State.DEAD:
        raise NotFound("This message is not waiting for anybody any more.")
    row.state = State.SUPERSEDED
    session.add(row)
    session.flush()
    enqueue(session, program_id, row.card_id, row.version, [row.channel])


def _paused(channel: str) -> Any:
    return exists().where(
        col(PausedChannel.program_id) == col(Outbox.program_id),
        col(PausedChannel.channel) == channel,
        col(PausedChannel.until) > now(),
    )
