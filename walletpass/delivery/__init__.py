"""Getting a change to a phone: later, and surely.

`enqueue` writes the outbox row in the caller's transaction, so that a change and its delivery stand or fall together. A
`Worker` claims rows under a lease and hands them to a `Channel`; the wallet rooms implement that protocol. A row ends as
delivered, superseded by a newer one, or dead with its reason; `dead` lists those letters and `retry` sends one again. A
vendor that shuts a program out pauses that program's channel: `paused` says which and why, `resume` lets its rows go.
`count_waiting` says what is still on its way.
"""

from walletpass.delivery.channel import Channel, Notice, Outcome
from walletpass.delivery.models import Outbox, PausedChannel, State
from walletpass.delivery.outbox import bury, claim, count_waiting, dead, enqueue, retry, settle
from walletpass.delivery.pause import paused, resume
from walletpass.delivery.worker import Worker

__all__ = [
    "Channel",
    "Notice",
    "Outbox",
    "Outcome",
    "PausedChannel",
    "State",
    "Worker",
    "bury",
    "claim",
    "count_waiting",
    "dead",
    "enqueue",
    "paused",
    "resume",
    "retry",
    "settle",
]
