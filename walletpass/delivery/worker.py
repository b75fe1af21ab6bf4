"""The loop that empties the outbox; the same in the server process and in a process of its own."""

import itertools
import threading
import time
from collections.abc import Iterable, Iterator, Sequence

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from walletpass import database
from walletpass.delivery import outbox, owners
from walletpass.delivery.bell import bell, ring
from walletpass.delivery.channel import Channel, Notice, Outcome, Parallel, Stoppable, Tending
from walletpass.delivery.models import State
from walletpass.errors import DeliveryError, Unavailable

log = structlog.get_logger(__name__)

LOOK_EVERY = 0.5
REST_AFTER_FAULT = 2.0
TEND_EVERY = 30.0
STAGGER = 0.03
# One claim in so many begins with campaigns: while tills alone keep the vendor busy, they go on at a tenth of the pace.
CAMPAIGNS_TURN = 10
# Tries after which a notice that the channel breaks on is a dead letter. With the waits of the outbox that is an hour and a half:
# time to mend the channel, or to go back to the one before.
MOST_FAULTS = 20
# Seconds for notices one by one, of the minute that their lease lasts.
ONE_BY_ONE = 40.0
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout, Unavailable)


class Worker:
    """One thread per channel, or several where it wants them, so that a slow vendor does not hold up the other.

    Any number of workers may run, in any number of processes: rows are claimed under a lease.
    """

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.channels = channels
        self.stopping = threading.Event()
        self.threads: list[threading.Thread] = []
        self._claims = itertools.count(1)

    def start(self) -> None:
        for channel in self.channels:
            for line in range(channel.lines if isinstance(channel, Parallel) else 1):
                thread = threading.Thread(target=self.run, args=(channel, line), name=f"delivery-{channel.name}-{line}", daemon=True)
                thread.start()
                self.threads.append(thread)

    def stop(self, timeout: float = 10.0) -> None:
        """Finish the batches in hand, then end."""
        self.stopping.set()
        for channel in self.channels:
            if isinstance(channel, Stoppable):
                channel.stop()
        ring()
        for thread in self.threads:
            thread.join(timeout)
        for channel in self.channels:
            channel.close()

    def run(self, channel: Channel, line: int = 0) -> None:
        if line == 0:
            self._take_up(channel)
        tend_at = time.monotonic()
        while not self.stopping.is_set():
            try:
                busy = self.round(channel)
                if line == 0 and isinstance(channel, Tending) and time.monotonic() >= tend_at:
                    tend_at = time.monotonic() + TEND_EVERY
                    channel.tend()
            except Exception:
                # Whatever it was (the database restarting, say): leases bring the rows back.
                log.exception("delivery.fault", channel=channel.name)
                self.stopping.wait(REST_AFTER_FAULT)
                continue
            if not busy:
                with bell:
                    bell.wait(LOOK_EVERY)
                # A single change is the first line's; the others look when it has been taken.
                self.stopping.wait(line * STAGGER)

    def round(self, channel: Channel) -> bool:
        """Claim a batch, deliver it, settle it. False when there was nothing to do."""
        with database.reading() as session:
            if not outbox.is_due(session, channel.name):
                return False
        owner = owners.name()
        with database.transaction() as session:
            notices = outbox.claim(session, channel.name, owner, channel.batch, bulk_first=next(self._claims) % CAMPAIGNS_TURN == 0)
        if not notices:
            return False
        alone = self._try(channel, owner, notices)
        end = time.monotonic() + ONE_BY_ONE
        while alone and time.monotonic() < end and not self.stopping.is_set():
            self._try(channel, owner, [alone.pop(0)])
        self._settle(channel, owner, [Outcome(notice, DeliveryError("no time was left", permanent=False)) for notice in alone])
        return True

    def _try(self, channel: Channel, owner: str, notices: Sequence[Notice]) -> list[Notice]:
        """Deliver and settle. What is left when the channel breaks on several comes back, to be tried one by one: the one it
        breaks on must not hold up the others."""
        missing = {notice.outbox_id: notice for notice in notices}
        failure = DeliveryError("the channel gave no answer", permanent=False)
        try:
            for group in _groups(channel.deliver(notices)):
                for outcome in group:
                    missing.pop(outcome.notice.outbox_id, None)
                self._settle(channel, owner, group)
        except DATABASE_AWAY:
            raise
        except Exception as error:
            log.exception("delivery.broken_channel", channel=channel.name, card=notices[0].card_id, of=len(notices))
            if len(notices) > 1:
                return list(missing.values())
            # The words of an exception may hold what a guest wrote.
            said = f"a fault of walletpass, {type(error).__name__}; see the log"
            failure = DeliveryError(said, permanent=notices[0].attempts >= MOST_FAULTS)
        self._settle(channel, owner, [Outcome(notice, failure) for notice in missing.values()])
        return []

    def _take_up(self, channel: Channel) -> None:
        """What a killed process of this machine held need not wait for the end of its lease."""

        def work() -> int:
            with database.transaction() as session:
                return outbox.release(session, channel.name)

        try:
            if found := database.retrying(work):
                log.warning("delivery.taken_up", channel=channel.name, rows=found)
        except DATABASE_AWAY:
            log.exception("delivery.fault", channel=channel.name)

    def _settle(self, channel: Channel, owner: str, outcomes: Sequence[Outcome]) -> None:
        def work() -> list[State | None]:
            with database.transaction() as session:
                return outbox.settle_all(session, [(outcome.notice, outcome.failure) for outcome in outcomes], owner)

        for outcome, state in zip(outcomes, database.retrying(work) if outcomes else [], strict=True):
            reason = outcome.failure.message if outcome.failure else ""
            log.info("delivery.settled", channel=channel.name, card=outcome.notice.card_id, state=state, reason=reason)


def _groups(outcomes: Iterable[Outcome]) -> Iterator[Sequence[Outcome]]:
    """What came as a whole is settled as a whole; what comes one by one, one by one."""
    if isinstance(outcomes, Sequence):
        yield outcomes
    else:
        for outcome in outcomes:
            yield [outcome]
