"""What happened, told to everybody who waits: the page, the tests and the log on the screen."""

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Condition
from time import monotonic
from typing import Any


def stamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Board:
    """A revision that grows with every change, and the last hundred sentences about them."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._revision = 0
        self._number = 0
        self._lines: deque[dict[str, Any]] = deque(maxlen=100)
        self._closed = False

    @property
    def revision(self) -> int:
        return self._revision

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def lines(self) -> list[dict[str, Any]]:
        with self._condition:
            return list(self._lines)

    def say(self, who: str, text: str, *, wrong: bool = False) -> None:
        """Add a line to the log; ``who`` is iphone, android, apns or google."""
        with self._condition:
            self._number += 1
            self._lines.append({"number": self._number, "at": stamp(), "who": who, "text": text, "wrong": wrong})
        self.changed()

    def changed(self) -> None:
        with self._condition:
            self._revision += 1
            self._condition.notify_all()

    def wait(self, since: int, seconds: float) -> int:
        """The revision as soon as it is above ``since``, or after ``seconds`` whatever it is."""
        with self._condition:
            self._condition.wait_for(lambda: self._revision > since or self._closed, seconds)
            return self._revision

    def until(self, fact: Callable[[], bool], seconds: float = 10.0) -> bool:
        """Whether ``fact`` became true within ``seconds``; looked at after every change."""
        end = monotonic() + seconds
        seen = -1
        while not fact():
            left = end - monotonic()
            if left <= 0 or self._closed:
                return fact()
            seen = self.wait(seen, left)
        return True

    def close(self) -> None:
        with self._condition:
            self._closed = True
            self._condition.notify_all()
