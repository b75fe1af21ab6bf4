"""Points: never edited, only added to.

Every change is an entry between the guest's account and a contra account, chained by hashes; every credit opens a lot, and
spending says which lots paid. The account row caches the four numbers (pending, available, held, debt) and is locked by
whoever is about to change them; `verify` rebuilds them from the entries. The same ledger carries points, cashback, stamps and
the checks of a program that only gives discounts.

Verbs: `quote`, `earn`, `must_be_there`, `redeem`, `hold`, `capture`, `release`, `undo`, `refund`, `move`, `merge`, `unmerge`, `adjust`, `opening`, `writeoff`,
`activate`, `bonus`, `sweep`, `forget`, `tell`, `balance`, `schedule`, `tier`, `recent`, `entry`, `most_redeemable`, `deeds`, `seen_often`,
`begin_once`, `finish_once`, `lock_check`, `statement`, `verify`; of what came too late `list_late`, `late_deeds`, `late_deed`, `decide_late`,
`earned_before`; of thanks for friends `to_review`, `decide_thanks`; of what rules cost `simulate`, `happened`, `spent_share`.
"""

from walletpass.ledger.accounts import ON_ACTION, Balance, balance, lock_check
from walletpass.ledger.adjust import activate, adjust, opening, writeoff
from walletpass.ledger.bill import Bill, Line
from walletpass.ledger.bonuses import birthday_year, bonus
from walletpass.ledger.due import sweep
from walletpass.ledger.earn import earn
from walletpass.ledger.entries import Origin, entry, recent
from walletpass.ledger.expiry import ends, schedule
from walletpass.ledger.forgetting import forget
from walletpass.ledger.happened import Happened, happened, spent_share
from walletpass.ledger.holds import capture, find_hold, hold, release
from walletpass.ledger.keeper import Keeper
from walletpass.ledger.late import decide_late, earned_before, late_deed, late_deeds, list_late
from walletpass.ledger.merging import merge, unmerge
from walletpass.ledger.models import (
    Account,
    Allocation,
    Bonus,
    CardTier,
    EarnedCheck,
    Entry,
    EntryType,
    Hold,
    Key,
    LateDeed,
    Lot,
    Merge,
    Payment,
)
from walletpass.ledger.move import move
from walletpass.ledger.once import Answer, begin_once, fingerprint, finish_once
from walletpass.ledger.quoting import Quote, quote
from walletpass.ledger.redeem import most_redeemable, must_be_there, redeem
from walletpass.ledger.refund import Refund, refund
from walletpass.ledger.report import BusyCard, Deeds, deeds, seen_often
from walletpass.ledger.reversing import REVERSAL
from walletpass.ledger.simulate import Outcome, Past, Scheme, simulate
from walletpass.ledger.statement import LotStatement, Statement, statement
from walletpass.ledger.telling import shown, tell
from walletpass.ledger.thanks import decide_thanks, to_review
from walletpass.ledger.tiers import progress, tier
from walletpass.ledger.undo import undo
from walletpass.ledger.verify import verify
from walletpass.ledger.worth import Paid, earning, points_for

__all__ = [
    "ON_ACTION",
    "REVERSAL",
    "Account",
    "Allocation",
    "Answer",
    "Balance",
    "Bill",
    "Bonus",
    "BusyCard",
    "CardTier",
    "Deeds",
    "EarnedCheck",
    "Entry",
    "EntryType",
    "Happened",
    "Hold",
    "Keeper",
    "Key",
    "LateDeed",
    "Line",
    "Lot",
    "LotStatement",
    "Merge",
    "Origin",
    "Outcome",
    "Paid",
    "Past",
    "Payment",
    "Quote",
    "Refund",
    "Scheme",
    "Statement",
    "activate",
    "adjust",
    "balance",
    "begin_once",
    "birthday_year",
    "bonus",
    "capture",
    "decide_late",
    "decide_thanks",
    "deeds",
    "earn",
    "earned_before",
    "earning",
    "ends",
    "entry",
    "find_hold",
    "fingerprint",
    "finish_once",
    "forget",
    "happened",
    "hold",
    "late_deed",
    "late_deeds",
    "list_late",
    "lock_check",
    "merge",
    "most_redeemable",
    "move",
    "must_be_there",
    "opening",
    "points_for",
    "progress",
    "quote",
    "recent",
    "redeem",
    "refund",
    "release",
    "schedule",
    "seen_often",
    "shown",
    "simulate",
    "spent_share",
    "statement",
    "sweep",
    "tell",
    "tier",
    "to_review",
    "undo",
    "unmerge",
    "verify",
    "writeoff",
]  # fmt: skip
