"""The tables of the ledger."""

from walletpass.ledger.models.books import CONTRA, TYPES, Account, Allocation, Entry, EntryType, Lot
from walletpass.ledger.models.checks import EarnedCheck, Hold, Payment
from walletpass.ledger.models.people import Bonus, CardTier, Merge
from walletpass.ledger.models.requests import Key, LateDeed

__all__ = [
    "CONTRA", "TYPES", "Account", "Allocation", "Bonus", "CardTier", "EarnedCheck", "Entry", "EntryType", "Hold", "Key", "LateDeed", "Lot",
    "Merge", "Payment",
]  # fmt: skip
