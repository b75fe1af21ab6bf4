"""One thread that does a phone's work in order, as a phone does, so that no two tasks touch its state at once."""

import queue
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread, Timer
from time import monotonic
from typing import Any, TypeVar

Result = TypeVar("Result")


class Actor:
    def __init__(self, name: str) -> None:
        self._tasks: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._alarm: tuple[float, Callable[[], None]] | None = None
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def ask(self, task: Callable[[], Result], timeout: float = 60.0) -> Result:
        """Do ``task`` when its turn comes and give its result, or raise what it raised."""
        future: Future[Result] = Future()

        def run() -> None:
            try:
                future.set_result(task())
            except BaseException as error:
                future.set_exception(error)

        self._tasks.put(run)
        return future.result(timeout)

    def tell(self, task: Callable[[], None]) -> None:
        self._tasks.put(task)

    def tell_after(self, seconds: float, task: Callable[[], None]) -> None:
        if seconds <= 0:
            self.tell(task)
            return
        timer = Timer(seconds, self.tell, (task,))
        timer.daemon = True
        timer.start()

    def wake_after(self, seconds: float, task: Callable[[], None]) -> None:
        """Do ``task`` in ``seconds``; a later call replaces an earlier one. To be called by the actor itself."""
        self._alarm = (monotonic() + seconds, task)

    def cancel_alarm(self) -> None:
        self._alarm = None

    def stop(self) -> None:
        self._tasks.put(None)
        self._thread.join(10)

    def _work(self) -> None:
        while True:
            task = self._next()
            if task is None:
                return
            try:
                task()
            except Exception as error:  # a told task has nobody to tell; the phone lives on
                self.failed(error)

    def _next(self) -> Callable[[], None] | None:
        if self._alarm is None:
            return self._tasks.get()
        due, task = self._alarm
        try:
            return self._tasks.get(timeout=max(0.0, due - monotonic()))
        except queue.Empty:
            self._alarm = None
            return task

    def failed(self, error: Any) -> None:
        """Overridden to tell somebody."""
