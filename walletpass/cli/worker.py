"""`walletpass worker`: delivery as a process of its own."""

import signal
import threading

import click

from walletpass import app as wiring
from walletpass.cli.setup import ready


@click.command()
def worker() -> None:
    """Deliver changes to phones, beside the server or on another machine."""
    settings = ready()
    if settings.sqlite:
        click.secho("On SQLite the server's own worker is faster; this one only waits for its lock.", err=True, fg="yellow")
    loop = wiring.worker()
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    loop.start()
    click.echo("Delivering. Ctrl-C ends it.")
    done.wait()
    loop.stop()
