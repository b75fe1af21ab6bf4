"""`walletpass worker`: delivery as a process of its own."""

import signal
import threading

import click

from walletpass import app as wiring
from walletpass.cli.setup import ready


@click.command()
def worker() -> None:
    """Deliver changes to phones, messages to guests and events to webhooks, beside the server or on another machine.

    It also warns of certificates that end, as the server does where delivery runs inside it; both remember in the folder of
    certificates what was mailed, so nothing is mailed twice. And it looks after points that ripen and end.
    """
    settings = ready()
    if settings.sqlite:
        click.secho("On SQLite the server's own worker is faster; this one only waits for its lock.", err=True, fg="yellow")
    loop, rounds = wiring.worker(), wiring.rounds()
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    loop.start()
    for one in rounds:
        one.start()
    click.echo("Delivering. Ctrl-C ends it.")
    done.wait()
    for one in rounds:
        one.stop()
    loop.stop()
