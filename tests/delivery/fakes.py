"""Channels to nowhere."""

import threading
from collections.abc import Callable, Iterator, Sequence

from walletpass.delivery import Notice, Outcome
from walletpass.errors import DeliveryError


class Postbox:
    """Takes every notice, and says of each what ``answer`` says: None, a failure, or "nothing at all"."""

    def __init__(
        self, answer: Callable[[Notice], DeliveryError | str | None] = lambda notice: None, *, name: str = "apple", batch: int = 10
    ) -> None:
        self.name = name
        self.batch = batch
        self.answer = answer
        self.taken: list[Notice] = []
        self.closed = False
        self.seen = threading.Event()

    def deliver(self, notices: Sequence[Notice]) -> Iterator[Outcome]:
        for notice in notices:
            self.taken.append(notice)
            said = self.answer(notice)
            if not isinstance(said, str):
                yield Outcome(notice, said)
        self.seen.set()

    def close(self) -> None:
        self.closed = True


def transient(notice: Notice) -> DeliveryError:
    return DeliveryError("the vendor is busy", permanent=False)


def permanent(notice: Notice) -> DeliveryError:
    return DeliveryError("the vendor does not know this card", permanent=True)
