"""Waiting for what happens next: one look at the feed for all who wait in this process."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import ClassVar

from sqlmodel import Session, col, select

from walletpass import database
from walletpass.events.models import EventCount
from walletpass.rounds import Rounds


class Following:
    """Wakes whoever waits: at once for what this process commits, and within `Look.every` for what others do."""

    def __init__(self) -> None:
        self.news = threading.Condition()
        self.listeners: Counter[str] = Counter()
        self.last: dict[str, int] = {}
        self.looking: Look | None = None
        self.ends: Callable[[], bool] = lambda: False

    def until(self, ends: Callable[[], bool]) -> None:
        """Whoever waits is let go when this becomes true: the process stops."""
        self.ends = ends

    @property
    def over(self) -> bool:
        return self.ends()

    @contextmanager
    def listening(self, program_id: str) -> Iterator[None]:
        self._enter(program_id)
        try:
            yield
        finally:
            self._leave(program_id)

    def wait(self, program_id: str, number: int, timeout: float, given_up: Callable[[], bool] = lambda: False) -> bool:
        """True once an event behind ``number`` is there; False after ``timeout`` seconds, when the process stops, and after `nudge` when it is
        ``given_up``."""
        until = time.monotonic() + timeout
        with self.news:
            while not self.over and not given_up() and self.last.get(program_id, 0) <= number:
                left = until - time.monotonic()
                if left <= 0 or not self.news.wait(left):
                    break
            return self.last.get(program_id, 0) > number

    def nudge(self) -> None:
        """Whoever waits thinks again whether to go on."""
        with self.news:
            self.news.notify_all()

    def told(self, program_id: str, number: int) -> None:
        """The newest event that somebody knows of."""
        with self.news:
            if program_id in self.listeners:
                self.last[program_id] = max(number, self.last.get(program_id, 0))
                self.news.notify_all()

    def _enter(self, program_id: str) -> None:
        with self.news:
            self.listeners[program_id] += 1
            if self.looking is None:
                self.looking = Look(self)
                self.looking.start()

    def _leave(self, program_id: str) -> None:
        last = None
        with self.news:
            self.listeners[program_id] -= 1
            if not self.listeners[program_id]:
                del self.listeners[program_id]
                # A feed that was restored from a backup begins further down.
                self.last.pop(program_id, None)
            if not self.listeners:
                last, self.looking = self.looking, None
        if last is not None:
            last.stop()


class Look(Rounds):
    """Asks one row of each program that is listened to, as long as somebody listens."""

    name: ClassVar[str] = "events.following"
    every: ClassVar[float] = 0.3

    def __init__(self, following: Following) -> None:
        super().__init__()
        self.following = following

    def round(self) -> None:
        with self.following.news:
            wanted = set(self.following.listeners)
            if self.following.over:
                self.following.news.notify_all()
                return
        with database.reading() as session:
            found = newest(session, wanted)
        for program_id, number in found.items():
            self.following.told(program_id, number)


def newest(session: Session, program_ids: Collection[str]) -> dict[str, int]:
    """The number of the newest event of each of these programs that has one."""
    rows = session.exec(select(EventCount.program_id, EventCount.value).where(col(EventCount.program_id).in_(program_ids)))
    return dict(rows.all())


following = Following()
