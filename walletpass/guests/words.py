"""Names and phone numbers as people type them."""

import unicodedata

import phonenumbers

from walletpass.errors import Malformed

LONGEST_NAME = 80
LONGEST_PHONE = 16  # E.164: a plus and fifteen digits
NO_PHONE = "Please give a phone number, for example +49 151 23456789."
POSSIBLE = phonenumbers.ValidationResult.IS_POSSIBLE

# Characters of these kinds cannot be seen, or change how the text around them is read.
_INVISIBLE = {"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"}

# Counted as letters or marks, and yet nothing is drawn: Hangul fillers, the grapheme joiner, Braille's blank.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u034f\u2800")


def clean_name(text: str) -> str:
    """The name in NFC without control, bidi and zero-width characters. Raises Malformed when nothing or too much is left."""
    if len(text) > LONGEST_NAME * 4:
        raise Malformed(f"Please use a shorter name, {LONGEST_NAME} letters at most.")
    spaced = "".join(" " if char.isspace() else char for char in text)
    seen = "".join(char for char in spaced if unicodedata.category(char) not in _INVISIBLE and char not in _BLANK)
    name = " ".join(unicodedata.normalize("NFC", seen).split())
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
    # A number that only works within its town ("110", "23456") is possible to the library, and no use in E.164.
    if number is None or number.extension or phonenumbers.is_possible_number_with_reason(number) != POSSIBLE:
        raise Malformed(NO_PHONE)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if len(e164) > LONGEST_PHONE:
        raise Malformed(NO_PHONE)
    return e164
