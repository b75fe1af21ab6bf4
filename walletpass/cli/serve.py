"""`walletpass serve`: the web server, with delivery inside."""

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

import click
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from walletpass import app as wiring
from walletpass import database, events, google, staff
from walletpass.cli.doctor import must_be_sound
from walletpass.cli.setup import ready
from walletpass.config import Settings
from walletpass.delivery import Worker
from walletpass.rounds import Rounds

PR_SET_PDEATHSIG = 1  # linux/prctl.h


@click.command()
def serve() -> None:
    """Serve guests, tills and phones."""
    settings = ready()
    must_be_sound(settings)
    Server(settings).run()


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with threads. On SQLite one process; delivery runs inside unless WALLETPASS_EMBEDDED_WORKER=off."""

    def __init__(self, settings: Settings, *, on_ready: Any = None) -> None:
        self.settings = settings
        self.on_ready = on_ready
        self.delivery: Worker | None = None
        self.rounds: Sequence[Rounds] = ()
        self.books = staff.Bookkeeper()
        super().__init__()

    def load_config(self) -> None:
        settings = self.settings
        for name, value in {
            "bind": f"{settings.host}:{settings.port}",
            "workers": settings.processes,
            # A board that is open holds a thread, and no till waits for it.
            "threads": settings.threads + settings.boards,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 5,
            "loglevel": "warning",
            "proc_name": "walletpass",
            "control_socket_disable": True,
            "when_ready": self._when_ready,
            "post_fork": _end_with_master,
            "post_worker_init": self._start_delivery,
            "worker_exit": self._stop_delivery,
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        return wiring.create_app(self.settings)

    def run(self) -> None:
        # What was used to check the set-up must not cross the fork; what was imported is shared by all processes.
        database.unbind()
        gc.collect()
        gc.freeze()
        try:
            Arbiter(self).run()
        except RuntimeError as error:
            click.secho(str(error), err=True, fg="red")
            sys.exit(1)

    def _when_ready(self, server: Any) -> None:
        if self.on_ready:
            self.on_ready()

    def _start_delivery(self, worker: Any) -> None:
        google.Watch().start()
        events.following.until(lambda: not worker.alive)
        self.books = staff.Bookkeeper()
        self.books.start()
        if self.settings.embedded_worker:
            self.delivery = wiring.worker()
            self.delivery.start()
            self.rounds = wiring.rounds()
            for one in self.rounds:
                one.start()

    def _stop_delivery(self, server: Any, worker: Any) -> None:
        for one in self.rounds:
            one.stop(5.0)
        if self.delivery:
            self.delivery.stop()
        if self.books.thread.is_alive():
            self.books.stop()


def _end_with_master(server: Any, worker: Any) -> None:
    """A killed master takes its workers along at once: none answers on the port when the next server wants it.

    gunicorn's own look at its parent, once a second, does the same where there is no prctl.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != worker.ppid:
            os._exit(1)
