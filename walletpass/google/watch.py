"""The clock of a server process for what Google's calls need: its root keys, fetched ahead of them, and old nonces forgotten."""

import threading
import time

import structlog

from walletpass import database, programs
from walletpass.database import reading, transaction
from walletpass.google import callbacks, rootkeys

log = structlog.get_logger(__name__)

# Seconds.
LOOK_EVERY = 15.0
SWEEP_EVERY = 3600.0


class Watch:
    """A thread that looks at once and then every fifteen seconds, until `stop`."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, name="google-keys", daemon=True)
        self._sweep_at = time.monotonic()

    def start(self) -> None:
        self.thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        self.stopping.set()
        self.thread.join(timeout)

    def run(self) -> None:
        while not self.stopping.is_set():
            self.look()
            self.stopping.wait(LOOK_EVERY)

    def look(self) -> None:
        """One round. Whatever goes wrong is written down, and the next round comes."""
        try:
            refresh_keys()
            if time.monotonic() >= self._sweep_at:
                self._sweep_at = time.monotonic() + SWEEP_EVERY
                database.retrying(_sweep)
        except Exception:
            log.exception("google.watch_fault")


def refresh_keys() -> None:
    """Fetch the root keys that are due, if there is anybody here whom Google could call."""
    moment = time.time_ns() // 1_000_000
    if not rootkeys.roots.is_due(moment):
        return
    with reading() as session:
        wanted = any(program.google_issuer_id for program in programs.every(session))
    if wanted:
        rootkeys.roots.refresh(moment)


def _sweep() -> None:
    with transaction() as session:
        callbacks.sweep(session)
