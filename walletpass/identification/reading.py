"""What a scanner, a reader or a person may give us, brought back to what it was meant to be. The twin of ``static/codes.js``.

A scanner is a keyboard: where that keyboard is set to Russian or Ukrainian, letters and some signs arrive as others, so that a
magnetic stripe begins with ж in place of a semicolon. Some scanners say first what kind of code they read ("]Q3").
"""

import re

LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,./`"
RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбю.ё"
UKRAINIAN = "йцукенгшщзхїфівапролджєячсмитьбю.'"
CYRILLIC = re.compile("[а-яёіїєґ]")
SYMBOLOGY = re.compile(r"^[\]}][A-Za-z][0-9]")
STRIPE = re.compile(r"^;([0-9]+)[=+]")
# The number of a chip: four to ten bytes in hexadecimal digits, with something between them or nothing.
CHIP = re.compile(r"^(?:[0-9A-Fa-f]{2}[:;-]?){3,9}[0-9A-Fa-f]{2}$")
SHORTEST = 8

_BACK = str.maketrans(
    {
        form: meant
        for layout in (UKRAINIAN, RUSSIAN)
        for letter, key in zip(layout, LATIN, strict=True)
        if CYRILLIC.match(letter)
        for form, meant in ((letter, key), (letter.upper(), key.upper()))
    }
)


def unmap(text: str) -> str:
    """Text typed through a Russian or Ukrainian keyboard layout, as the scanner meant it."""
    return text.translate(_BACK)


def clean(text: str) -> str:
    """As it was meant, without blanks around it and without the kind of code."""
    return SYMBOLOGY.sub("", unmap(text.strip()))


def chip(text: str) -> str:
    """The number of a chip as capital hexadecimal digits; empty for a text that is none."""
    return re.sub("[^0-9A-F]", "", text.upper()) if CHIP.match(text) else ""


def stripe(text: str) -> str:
    """The number on the second track of a magnetic stripe; empty for a text that is none."""
    found = STRIPE.match(text)
    return found[1] if found else ""


def read_code(raw: str) -> str | None:
    """The digits of a scanned code or the number of a chip; None for an address, a Wi-Fi code, a text."""
    text = clean(raw)
    text = stripe(text) or text
    digits = re.sub("[^0-9]", "", text)
    letters = sum(char.isalpha() for char in text)
    if letters and (number := chip(text)):
        return number
    if len(digits) < SHORTEST or letters >= len(digits) or "://" in text:
        return None
    return digits
