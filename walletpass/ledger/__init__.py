"""Points: never edited, only added to.

Every change is an entry between the guest's account and a contra account, chained by hashes; every credit opens a lot, and
spending says which lots paid. The account row caches the four numbers (pending, available, held, debt) and is locked by
whoever is about to change them; `verify` rebuilds them from the entries.

Verbs: `earn`, `redeem`, `hold`, `capture`, `release`, `undo`, `refund`, `adjust`, `sweep`, `balance`, `recent`, `entry`, `most_redeemable`, `begin_once`, `finish_once`, `verify`.
"""

from walletpass.ledger.accounts import Balance, balance
from walletpass.ledger.adjust import adjust
from walletpass.ledger.bill import Bill, Line
from walletpass.ledger.due import sweep
from walletpass.ledger.earn import earn
from walletpass.ledger.entries import Origin, entry, recent
from walletpass.ledger.holds import capture, hold, release
from walletpass.ledger.models import Account, Allocation, EarnedCheck, Entry, EntryType, Hold, Key, Lot
from walletpass.ledger.once import Answer, begin_once, fingerprint, finish_once
from walletpass.ledger.redeem import most_redeemable, redeem
from walletpass.ledger.refund import Refund, refund
from walletpass.ledger.reversing import REVERSAL
from walletpass.ledger.undo import undo
from walletpass.ledger.verify import verify

__all__ = [
    "REVERSAL",
    "Account",
    "Allocation",
    "Answer",
    "Balance",
    "Bill",
    "EarnedCheck",
    "Entry",
    "EntryType",
    "Hold",
    "Key",
    "Line",
    "Lot",
    "Origin",
    "Refund",
    "adjust",
    "balance",
    "begin_once",
    "capture",
    "earn",
    "entry",
    "fingerprint",
    "finish_once",
    "hold",
    "most_redeemable",
    "recent",
    "redeem",
    "refund",
    "release",
    "sweep",
    "undo",
    "verify",
]
