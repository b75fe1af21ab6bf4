"""Getting a change to a phone: later, and surely.

`enqueue` writes the outbox row in the caller's transaction, so that a change and its delivery stand or fall together. A
`Worker` claims rows under a lease and hands them to a `Channel`; the wallet rooms implement that protocol. A row ends as
delivered, superseded by a newer one, or dead with its reason; `dead` lists those letters and `retry` sends one again. A
vendor that shuts a program out pauses that program's channel: `paused` says which and why, `resume` lets its rows go.
`warnings` says it in
sentences. `count_waiting` and `waiting` say what is still on its way, `count_dead` what was lost; `make_good` is for a channel that has sent a
card by itself. `wait`, `GIVE_UP_AFTER` and `ring` are for channels that keep letters of their own.
"""

from walletpass.delivery.bell import ring
from walletpass.delivery.channel import Channel, Notice, Outcome
from walletpass.delivery.models import Outbox, PausedChannel, State
from walletpass.delivery.outbox import (
    GIVE_UP_AFTER,
    bury,
    claim,
    count_dead,
    count_waiting,
    dead,
    enqueue,
    make_good,
    retry,
    settle,
    wait,
    waiting,
)
from walletpass.delivery.pause import CALLED, paused, resume, warnings
from walletpass.delivery.worker import Worker

__all__ = [
    "CALLED",
    "GIVE_UP_AFTER",
    "Channel",
    "Notice",
    "Outbox",
    "Outcome",
    "PausedChannel",
    "State",
    "Worker",
    "bury",
    "claim",
    "count_dead",
    "count_waiting",
    "dead",
    "enqueue",
    "make_good",
    "paused",
    "resume",
    "retry",
    "ring",
    "settle",
    "wait",
    "waiting",
    "warnings",
]
