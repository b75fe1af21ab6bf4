"""Never more than twenty requests in a second, whoever makes them."""

import os
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text

from tests.google.town import most_in_a_second
from walletpass import database
from walletpass.config import Settings
from walletpass.errors import Postponed
from walletpass.google import pace

ACCOUNT = "walletpass@luna.iam.gserviceaccount.com"
# A machine of the operator's: some threads, each over a connection of its own.
MACHINE = """
import socket, sys, threading, time
from walletpass import database
from walletpass.google import pace
url, port, threads, seconds, paced = sys.argv[1], *map(int, sys.argv[2:])
database.bind(url, pool_size=threads)
end = time.monotonic() + seconds
def work():
    line = socket.create_connection(("127.0.0.1", port))
    while time.monotonic() < end:
        pace.turn("walletpass@luna.iam.gserviceaccount.com", until=end + 5) if paced else time.sleep(0.01)
        line.sendall(b"x")
running = [threading.Thread(target=work) for _ in range(threads)]
[one.start() for one in running], [one.join() for one in running]
"""


class Counter:
    """Takes connections, and keeps when each byte arrived."""

    def __init__(self) -> None:
        self.arrived: list[float] = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port: int = self.listener.getsockname()[1]
        self._over = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._over = True
        self._thread.join()
        self.listener.close()

    def _run(self) -> None:
        lines = selectors.DefaultSelector()
        lines.register(self.listener, selectors.EVENT_READ)
        while not self._over:
            for key, _ in lines.select(0.05):
                if key.fileobj is self.listener:
                    lines.register(self.listener.accept()[0], selectors.EVENT_READ)
                elif said := key.fileobj.recv(100):  # type: ignore[union-attr]
                    self.arrived += [time.monotonic()] * len(said)
                else:
                    lines.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]
        lines.close()


@contextmanager
def counter() -> Iterator[Counter]:
    made = Counter()
    try:
        yield made
    finally:
        made.close()


def arrivals(url: str, *, machines: int, threads: int, seconds: int = 2, paced: bool = True) -> list[float]:
    with counter() as counting:
        words = [sys.executable, "-c", MACHINE, url, str(counting.port), str(threads), str(seconds), str(int(paced))]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WALLETPASS_")}
        running = [subprocess.Popen(words, env=clean) for _ in range(machines)]
        assert [one.wait(60) for one in running] == [0] * machines
    return counting.arrived


def set_next(milliseconds_from_now: int) -> None:
    pace.turn(ACCOUNT)
    with database.transaction() as session:
        session.execute(text("UPDATE google_pace SET next_ms = next_ms + :ahead"), {"ahead": milliseconds_from_now})


def next_ms() -> int:
    with database.reading() as session:
        return int(session.execute(text("SELECT next_ms FROM google_pace")).scalar_one())


def test_machines_and_threads_of_one_account_take_turns(postgresql: Settings) -> None:
    arrived = arrivals(postgresql.database_url, machines=2, threads=8)
    assert most_in_a_second(arrived) <= 20
    assert len(arrived) > 15 * (max(arrived) - min(arrived))


def test_threads_take_turns_on_the_small_database_too(sqlite: Settings) -> None:
    arrived = arrivals(sqlite.database_url, machines=1, threads=12)
    assert most_in_a_second(arrived) <= 20
    assert len(arrived) > 15 * (max(arrived) - min(arrived))


def test_without_turns_the_same_machines_are_too_fast(postgresql: Settings) -> None:
    assert most_in_a_second(arrivals(postgresql.database_url, machines=2, threads=8, seconds=1, paced=False)) > 20


def test_accounts_do_not_wait_for_each_other(db: Settings) -> None:
    set_next(8_000)
    begin = time.monotonic()
    pace.turn("another@sova.iam.gserviceaccount.com")
    assert time.monotonic() - begin < 2


def test_an_idle_hour_is_no_reason_for_a_burst(db: Settings) -> None:
    set_next(-3_600_000)
    turns: list[Any] = [pace._reserve(ACCOUNT, 0, 60) for _ in range(30)]
    assert min(later - earlier for earlier, later in pairwise(turns)) > pace.GAP / 1000 - 0.03
    assert turns[20] - turns[0] > 1.05


def test_a_clock_that_was_set_back_stops_nobody(db: Settings) -> None:
    set_next(3_600_000)
    begin = time.monotonic()
    pace.turn(ACCOUNT)
    assert time.monotonic() - begin < 2


def test_a_turn_that_would_come_too_late_is_not_taken(db: Settings) -> None:
    set_next(30_000)
    kept, begin = next_ms(), time.monotonic()
    with pytest.raises(Postponed):
        pace.turn(ACCOUNT, until=time.monotonic() + 20)
    assert time.monotonic() - begin < 2
    assert next_ms() == kept


def test_who_is_to_stop_does_not_wait_for_the_turn(db: Settings) -> None:
    set_next(9_000)
    stopping = threading.Event()
    threading.Timer(0.1, stopping.set).start()
    begin = time.monotonic()
    with pytest.raises(Postponed):
        pace.turn(ACCOUNT, stopping=stopping)
    assert time.monotonic() - begin < 5


def test_who_wakes_too_late_takes_another_turn(db: Settings) -> None:
    class Drowsy(threading.Event):
        naps = 0

        def wait(self, timeout: float | None = None) -> bool:
            self.naps += 1
            return super().wait((timeout or 0) + (0.1 if self.naps == 1 else 0))

    drowsy = Drowsy()
    pace.turn(ACCOUNT, stopping=drowsy)
    assert drowsy.naps == 2
