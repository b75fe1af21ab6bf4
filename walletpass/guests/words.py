"""Names and phone numbers as people type them."""

import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from walletpass.errors import Malformed

LANGUAGES = ("en", "uk", "ru")
LONGEST_CITY, LONGEST_EMAIL = 80, 254

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
        raise Malformed(f"Please use a shorter name, {LONGEST_NAME} letters at most.", field="name")
    name = _seen(text)
    if not any(char.isalnum() for char in name):
        raise Malformed("Please tell us your name.", field="name")
    if len(name) > LONGEST_NAME:
        raise Malformed(f"Please use a shorter name, {LONGEST_NAME} letters at most.", field="name")
    return name


def clean_city(text: str) -> str:
    """A town or a region as it is read, or nothing. Raises Malformed for one too long."""
    city = _seen(text[: LONGEST_CITY * 4])
    if len(text) > LONGEST_CITY * 4 or len(city) > LONGEST_CITY:
        raise Malformed(f"Please use a shorter name of the town, {LONGEST_CITY} letters at most.", field="city")
    return city


def clean_email(text: str) -> str:
    """The address in small letters; whether anybody reads mail there, nobody is asked. Raises Malformed for what is none."""
    if len(text) <= LONGEST_EMAIL and text.isprintable():
        try:
            found = validate_email(text.strip(), check_deliverability=False).normalized.lower()
        except EmailNotValidError:
            found = ""
        if 0 < len(found) <= LONGEST_EMAIL:
            return found
    raise Malformed("Please give an e-mail address like ana@example.com, or none.", field="email")


def clean_phone(text: str, country: str) -> str:
    """E.164, read as dialled in ``country``. Raises Malformed for what is no phone number there or anywhere.

    The library knows the ranges that were given out when it was made. A number that it does not know may be newer, so it passes
    where it is as long as mobile numbers of its country are.
    """
    try:
        number = phonenumbers.parse(text[:40], country)
    except phonenumbers.NumberParseException:
        number = None
    # A number that only works within its town ("110", "23456") is possible to the library, and no use in E.164.
    if number is None or number.extension or phonenumbers.is_possible_number_with_reason(number) != POSSIBLE:
        raise Malformed(NO_PHONE, field="phone")
    if not phonenumbers.is_valid_number(number) and not _as_long_as_mobiles(number):
        raise Malformed(NO_PHONE, field="phone")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if len(e164) > LONGEST_PHONE:
        raise Malformed(NO_PHONE, field="phone")
    return e164


def _as_long_as_mobiles(number: phonenumbers.PhoneNumber) -> bool:
    """To the digit, or one short of it: in Germany, for one, both are in use."""
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    return example is not None and len(_national(number)) >= len(_national(example)) - 1


def _national(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.national_significant_number(number)


def masked(phone: str) -> str:
    """``+49 ··· 789``: enough for its owner to recognise it, and of a short number less."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return f"··· {phone[-3:]}" if phone else ""
    national = _national(number)
    return f"+{number.country_code} ··· {national[-max(1, min(3, len(national) // 2 - 1)) :]}"


def _seen(text: str) -> str:
    spaced = "".join(" " if char.isspace() else char for char in text)
    seen = "".join(char for char in spaced if unicodedata.category(char) not in _INVISIBLE and char not in _BLANK)
    return " ".join(unicodedata.normalize("NFC", seen).split())
