"""One-time codes: six digits to a phone or a mailbox, by which somebody proves that it is theirs.

A code lives five minutes, bears three tries and opens once. It belongs to what it was asked for - program, purpose, subject - and
to who asked; a new one takes the place of the old. Kept is an HMAC of it. How often a number is written to, and how often in a
program's day, is counted here; how often one address may ask is the caller's question (`walletpass.doorman`). Nothing here knows
whether a number belongs to a guest.

Verbs: `send`, `check`, `check_at_once`, `waiting`, `warnings`, `forget`, `sweep`; a `Broom` calls the last one now and then.
"""

from walletpass.codes.broom import Broom
from walletpass.codes.checking import check, check_at_once
from walletpass.codes.forgetting import forget
from walletpass.codes.models import Allowance, Code, CodesOfDay
from walletpass.codes.sending import Waiting, send, sweep, waiting, warnings

__all__ = [
    "Allowance",
    "Broom",
    "Code",
    "CodesOfDay",
    "Waiting",
    "check",
    "check_at_once",
    "forget",
    "send",
    "sweep",
    "waiting",
    "warnings",
]
