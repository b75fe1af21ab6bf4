"""Getting a change to a phone: later, and surely.

`enqueue` writes the outbox row in the caller's transaction, so that a change and its delivery stand or fall together. A
`Worker` claims rows under a lease and hands them to a `Channel`; the wallet rooms implement that protocol. A row ends as
delivered, superseded by a newer one, or dead with its reason. `count_waiting` says what is still on its way.
"""

from walletpass.delivery.channel import Channel, Notice, Outcome
from walletpass.delivery.models import Outbox, State
from walletpass.delivery.outbox import bury, claim, count_waiting, enqueue, settle
from walletpass.delivery.worker import Worker

__all__ = ["Channel", "Notice", "Outbox", "Outcome", "State", "Worker", "bury", "claim", "count_waiting", "enqueue", "settle"]
