"""The loop that empties the outbox; the same in the server process and in a process of its own."""

import os
import socket
import threading
from collections.abc import Sequence

import structlog

from walletpass import database
from walletpass.delivery import outbox
from walletpass.delivery.channel import Channel, Outcome
from walletpass.errors import DeliveryError

log = structlog.get_logger(__name__)

LOOK_EVERY = 0.5
REST_AFTER_FAULT = 2.0


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
        outbox.ring()
        for thread in self.threads:
            thread.join(timeout)
        for channel in self.channels:
            channel.close()

    def run(self, channel: Channel) -> None:
        while not self.stopping.is_set():
            try:
                busy = self.round(channel)
            except Exception:
                # Whatever it was (the database restarting, a bug in a channel): leases bring the rows back.
                log.exception("delivery.fault", channel=channel.name)
                self.stopping.wait(REST_AFTER_FAULT)
                continue
            if not busy:
                with outbox.bell:
                    outbox.bell.wait(LOOK_EVERY)

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
        for outcome in channel.deliver(notices):
            missing.pop(outcome.notice.outbox_id)
            self._settle(channel, owner, outcome)
        for notice in missing.values():
            self._settle(channel, owner, Outcome(notice, DeliveryError("the channel gave no answer", permanent=False)))
        return True

    def _settle(self, channel: Channel, owner: str, outcome: Outcome) -> None:
        with database.transaction() as session:
            state = outbox.settle(session, outcome.notice, owner, outcome.failure)
        reason = outcome.failure.message if outcome.failure else ""
        log.info("delivery.settled", channel=channel.name, card=outcome.notice.card_id, state=state, reason=reason)
