"""Who the guests are, and what they agreed to.

A phone number may stand on several guests: a join never tells whether a number is known, so it always makes a new guest. Of
those on one number the one who proved it comes first, and then the one who is known longest.
Verbs: `register`, `profile`, `verify`, `merge`, `erase`, `get`, `by_phone`, `known`, `is_theirs`, `by_email`, `known_phones`, `lock_phones`, `page`, `newest`, `search`,
`joined`, `birthday_of`, `read_birthday`, `masked`, `clean_name`, `clean_phone`, `clean_email`; of consents: `record`, `withdraw`, `standing`,
`consents`.
"""

from walletpass.guests.birthdays import Birthday, birthday, read_birthday
from walletpass.guests.consents import MARKETING, ConsentGiven, consents, record, standing, withdraw
from walletpass.guests.erasing import erase
from walletpass.guests.known import by_email, known_phones, lock_phones, newest, page, search
from walletpass.guests.models import Consent, Guest
from walletpass.guests.one import merge, verify
from walletpass.guests.profile import birthday_of, profile
from walletpass.guests.register import register
from walletpass.guests.report import joined
from walletpass.guests.shelf import by_phone, get, is_theirs, known
from walletpass.guests.words import LANGUAGES, clean_city, clean_email, clean_name, clean_phone, masked

__all__ = [
    "LANGUAGES",
    "MARKETING",
    "Birthday",
    "Consent",
    "ConsentGiven",
    "Guest",
    "birthday",
    "birthday_of",
    "by_email",
    "by_phone",
    "clean_city",
    "clean_email",
    "clean_name",
    "clean_phone",
    "consents",
    "erase",
    "get",
    "is_theirs",
    "joined",
    "known",
    "known_phones",
    "lock_phones",
    "masked",
    "merge",
    "newest",
    "page",
    "profile",
    "read_birthday",
    "record",
    "register",
    "search",
    "standing",
    "verify",
    "withdraw",
]
