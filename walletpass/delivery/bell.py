"""Rung when this process commits something to deliver, so that its own workers need not wait for their next look."""

import threading

bell = threading.Condition()


def ring() -> None:
    with bell:
        bell.notify_all()
