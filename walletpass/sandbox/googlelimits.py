"""How much Google takes: twenty requests in any second, and three notices of a kind for a pass in a day."""

from collections import defaultdict, deque
from collections.abc import Callable
from threading import Lock
from time import monotonic, time
from typing import Any

from walletpass.sandbox.googleanswers import Refused

PER_SECOND = 20
NOTICES = 3
DAY = 86_400.0
SECONDS_KEPT = 3600
SENTENCES_KEPT = 100


class Rate:
    """Every request of the API as it arrived: the most of them in any second, not only in those of the clock, and the wrong ones."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        with self._lock:
            self._arrived: deque[float] = deque()
            self._let_in: deque[float] = deque()
            self._by_second: dict[int, int] = {}
            self._wrong: deque[str] = deque(maxlen=SENTENCES_KEPT)
            self._total = self._refused = self._most = 0

    def arrived(self, *, strict: bool, retry_after: float = 0) -> None:
        """Count a request. ``strict`` lets twenty into a second and raises Refused for the next."""
        now = self.clock()
        with self._lock:
            self._total += 1
            self._most = max(self._most, _within_a_second(self._arrived, now))
            second = int(time())
            self._by_second[second] = self._by_second.get(second, 0) + 1
            if len(self._by_second) > SECONDS_KEPT:
                del self._by_second[min(self._by_second)]
            while self._let_in and self._let_in[0] <= now - 1:
                self._let_in.popleft()
            if strict and len(self._let_in) >= PER_SECOND:
                self._refused += 1
                raise Refused(429, "rateLimitExceeded", retry_after=retry_after)
            self._let_in.append(now)

    def was_wrong(self, sentence: str) -> None:
        """A request that Google does not take; whoever sent it has a fault."""
        with self._lock:
            self._wrong.append(sentence)

    def state(self) -> dict[str, Any]:
        with self._lock:
            counts = {"total": self._total, "most_in_a_second": self._most, "refused": self._refused}
            return {**counts, "by_second": dict(self._by_second), "wrong": list(self._wrong)}


def _within_a_second(times: deque[float], now: float) -> int:
    times.append(now)
    while times[0] <= now - 1:
        times.popleft()
    return len(times)


class Notices:
    """What was told to holders in the last day, per pass and kind of notice."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._told: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self.limited: Callable[[], bool] = lambda: True

    def take(self, kind: str, id: str, what: str) -> None:
        """Count a notice to the holders of ``id``, or raise Refused: the fourth of a day is one too many."""
        now = time()
        with self._lock:
            told = self._told[id, what]
            while told and told[0] <= now - DAY:
                told.popleft()
            if len(told) >= NOTICES and self.limited():
                noun = "class" if kind.endswith("Class") else "object"
                raise Refused(
                    403, "quotaExceeded", f"Quota exceeded for issuer {id.partition('.')[0]} when adding {what} message to {noun} {id}."
                )
            told.append(now)
