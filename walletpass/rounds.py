"""Somebody who looks again and again, in a thread of a server process."""

import threading
from abc import ABC, abstractmethod
from typing import ClassVar

import structlog

log = structlog.get_logger(__name__)


class Rounds(ABC):
    """Looks at once and then ``every`` so many seconds, until `stop`."""

    name: ClassVar[str]
    every: ClassVar[float]

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, name=self.name, daemon=True)

    @abstractmethod
    def round(self) -> None: ...

    def start(self) -> None:
        self.thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        self.stopping.set()
        self.thread.join(timeout)

    def run(self) -> None:
        while not self.stopping.is_set():
            self.look()
            self.stopping.wait(self.every)

    def look(self) -> None:
        """One round. Whatever goes wrong is written down, and the next round comes."""
        try:
            self.round()
        except Exception:
            log.exception(f"{self.name}.fault")
