"""Names and phone numbers as people type them."""

import unicodedata

import phonenumbers

from walletpass.errors import Malformed

LONGEST_NAME = 80

# Characters of these kinds cannot be seen, or change how the text around them is read.
_INVISIBLE = {"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"}


def clean_name(text: str) -> str:
    """The name in NFC without control, bidi and zero-width characters. Raises Malformed when nothing or too much is left."""
    if len(text) > LONGEST_NAME * 4:
        raise Malformed(f"Please use a shorter name, {LONGEST_NAME} letters at most.")
    spaced = unicodedata.normalize("NFC", text).replace("\t", " ").replace("\n", " ")
    seen = "".join(char for char in spaced if unicodedata.category(char) not in _INVISIBLE)
    name = " ".join(seen.split())
    if not any(char.isalnum() for char in name):
        raise Malformed("Please tell us your name.")
    if len(name) > LONGEST_NAME:
        raise Malformed(f"Please use a shorter name, {LONGEST_NAME} letters at most.")
    return name


def clean_phone(text: str, country: str) -> str:
    """E.164, read as dialled in ``country``. Raises Malformed for what is no phone number there or anywhere."""
    try:
        number = phonenumbers.parse(text[:40], country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_possible_number(number):
        raise Malformed("Please give a phone number, for example +49 151 23456789.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
