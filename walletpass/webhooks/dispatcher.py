"""Who sees that webhooks are told, in the server and in `walletpass worker` alike.

Its threads are its own and hold no connection of the database while they wait for a receiver: one that hangs costs one of these
threads five seconds, and no till anything.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import ClassVar

import structlog

from walletpass import database
from walletpass.delivery import owners
from walletpass.rounds import Rounds
from walletpass.webhooks import claims, sending
from walletpass.webhooks.models import Webhook

log = structlog.get_logger(__name__)

THREADS = 8


class Dispatcher(Rounds):
    """Any number may run, in any number of processes: webhooks are claimed under a lease."""

    name: ClassVar[str] = "webhooks"
    every: ClassVar[float] = 0.5

    def __init__(self, threads: int = THREADS) -> None:
        super().__init__()
        self.threads = threads
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="webhook")
        self.running: set[Future[None]] = set()
        self._taken_up = False

    def stop(self, timeout: float = 1.0) -> None:
        """The requests that are out come to their end, which takes five seconds at most."""
        super().stop(timeout)
        self.pool.shutdown(wait=True)

    def round(self) -> None:
        if not self._taken_up:
            self._take_up()
        self.running = {one for one in self.running if not one.done()}
        free = self.threads - len(self.running)
        if not free:
            return
        with database.reading() as session:
            found = claims.due(session, free)
        for program_id, webhook_id in found:
            self.running.add(self.pool.submit(self._work, program_id, webhook_id))

    def _work(self, program_id: str, webhook_id: str) -> None:
        try:
            more = True
            while more and not self.stopping.is_set():
                webhook = self._claim(program_id, webhook_id)
                more = webhook is not None and sending.serve(webhook, self.stopping)
        except Exception:
            # The database restarting, say: the lease brings it back.
            log.exception("webhooks.fault", program=program_id, webhook=webhook_id)

    def _claim(self, program_id: str, webhook_id: str) -> Webhook | None:
        def work() -> Webhook | None:
            with database.transaction() as session:
                return claims.claim(session, program_id, webhook_id, owners.name())

        return database.retrying(work)

    def _take_up(self) -> None:
        with database.transaction() as session:
            ended = claims.release_ended(session)
        self._taken_up = True
        if ended:
            log.warning("webhooks.taken_up", webhooks=ended)
