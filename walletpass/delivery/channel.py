"""What the delivery room asks of a wallet room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from walletpass.errors import DeliveryError


@dataclass(frozen=True)
class Notice:
    """One card has changed: all that a channel is told. It reads the card itself, so the newest state is what leaves.

    ``attempts`` counts this try with those before it. ``bulk`` is one of many that change together.
    """

    outbox_id: str
    program_id: str
    card_id: str
    version: int
    attempts: int = field(default=1, compare=False)
    bulk: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Outcome:
    """What became of a notice; ``failure`` is None when the vendor has taken it."""

    notice: Notice
    failure: DeliveryError | None = None


class Channel(Protocol):
    """One way to the phones. ``name`` stands in the outbox and on the card; ``batch`` notices fit well into one lease.

    `deliver` is handed one batch at a time by each worker, answers one Outcome for each notice, and raises for nothing
    that concerns a single one; when it does, notices are handed to it one by one. It opens its own transactions and holds none while it talks to the vendor.
    """

    name: str
    batch: int

    def deliver(self, notices: Sequence[Notice]) -> Iterable[Outcome]: ...

    def close(self) -> None: ...


@runtime_checkable
class Parallel(Protocol):
    """A channel that several threads of a worker deliver through, each with batches of its own."""

    lines: int


@runtime_checkable
class Stoppable(Protocol):
    """A channel that may wait long; the worker calls `stop` when it ends: what has not begun is to be postponed."""

    def stop(self) -> None: ...


@runtime_checkable
class Tending(Protocol):
    """A channel that looks after what it sent; the worker calls `tend` now and then, between batches."""

    def tend(self) -> None: ...
