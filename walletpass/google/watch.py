"""The clock of a server process for what Google's calls need: its root keys, fetched ahead of them, and old nonces forgotten."""

import time

from walletpass import database, programs
from walletpass.database import reading, transaction
from walletpass.google import callbacks, rootkeys
from walletpass.rounds import Rounds

SWEEP_EVERY = 3600.0  # seconds


class Watch(Rounds):
    name, every = "google-keys", 15.0

    def __init__(self) -> None:
        super().__init__()
        self._sweep_at = time.monotonic()

    def round(self) -> None:
        refresh_keys()
        if time.monotonic() >= self._sweep_at:
            self._sweep_at = time.monotonic() + SWEEP_EVERY
            database.retrying(_sweep)


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
