"""Who the guests are, and what they agreed to.

A phone number may stand on several guests: a join never tells whether a number is known, so it always makes a new guest.
Verbs: `register`, `get`, `clean_name`, `clean_phone`.
"""

from walletpass.guests.models import Consent, Guest
from walletpass.guests.register import ConsentGiven, register
from walletpass.guests.shelf import get
from walletpass.guests.words import clean_name, clean_phone

__all__ = ["Consent", "ConsentGiven", "Guest", "clean_name", "clean_phone", "get", "register"]
