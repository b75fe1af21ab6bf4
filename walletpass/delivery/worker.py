"""The loop that empties the outbox; the same in the server process and in a process of its own."""

import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence

import structlog

from walletpass import database
from walletpass.delivery import outbox
from walletpass.delivery.bell import bell, ring
from walletpass.delivery.channel import Channel, Outcome, Tending
from walletpass.delivery.models import State
from walletpass.errors import DeliveryError

log = structlog.get_logger(__name__)

LOOK_EVERY = 0.5
REST_AFTER_FAULT = 2.0
TEND_EVERY = 30.0


class Worker:
    """One thread per channel, so that a slow vendor does not hold up the other.

    Any number of workers may run, in any number of processes: rows are claimed under a lease.
    """

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.channels = channels
        self.owner = f"{socket.gethostname()[:40]}:{os.getpid()}"
        self.stopping = threading.Event()
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        for channel in self.channels:
            thread = threading.Thread(target=self.run, args=(channel,), name=f"delivery-{channel.name}", daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self, timeout: float = 10.0) -> None:
        """Finish the batches in hand, then end."""
        self.stopping.set()
        ring()
        for thread in self.threads:
            thread.join(timeout)
        for channel in self.channels:
            channel.close()

    def run(self, channel: Channel) -> None:
        tend_at = time.monotonic()
        while not self.stopping.is_set():
            try:
                busy = self.round(channel)
                if isinstance(channel, Tending) and time.monotonic() >= tend_at:
                    tend_at = time.monotonic() + TEND_EVERY
                    channel.tend()
            except Exception:
                # Whatever it was (the database restarting, a bug in a channel): leases bring the rows back.
                log.exception("delivery.fault", channel=channel.name)
                self.stopping.wait(REST_AFTER_FAULT)
                continue
            if not busy:
                with bell:
                    bell.wait(LOOK_EVERY)

    def round(self, channel: Channel) -> bool:
        """Claim a batch, deliver it, settle it. False when there was nothing to do."""
        with database.reading() as session:
            if not outbox.is_due(session, channel.name):
                return False
        owner = f"{self.owner}:{threading.get_ident()}"
        with database.transaction() as session:
            notices = outbox.claim(session, channel.name, owner, channel.batch)
        if not notices:
            return False
        missing = {notice.outbox_id: notice for notice in notices}
        for group in _groups(channel.deliver(notices)):
            for outcome in group:
                missing.pop(outcome.notice.outbox_id)
            self._settle(channel, owner, group)
        unanswered = DeliveryError("the channel gave no answer", permanent=False)
        self._settle(channel, owner, [Outcome(notice, unanswered) for notice in missing.values()])
        return True

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
