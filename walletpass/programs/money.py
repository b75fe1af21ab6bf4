"""Money and rates as people type and read them. A currency has as many decimals as its minor unit says: EUR 2, JPY 0, KWD 3."""

import re

from babel.numbers import get_currency_precision

_PLAIN = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,4}))?")
# The narrow and the wide blanks that group thousands; a comma or a point is a decimal one here, or the text is refused.
_BLANKS = dict.fromkeys(map(ord, " \u00a0\u202f\u2009"))


def decimals(currency: str) -> int:
    return int(get_currency_precision(currency))


def read(text: str, places: int) -> int | None:
    """A whole number of the last place: "12,5" with two places is 1250. None for what is no number, or has more places."""
    found = _PLAIN.fullmatch(text.translate(_BLANKS))
    if found is None or len(found[2] or "") > places:
        return None
    return int(found[1] + (found[2] or "").ljust(places, "0"))


def write(number: int, places: int, *, short: bool = False) -> str:
    """The other way: 1250 with two places is "12.50", or "12.5" where it may be ``short``. `read` reads it back."""
    if not places:
        return str(number)
    text = f"{number // 10**places}.{number % 10**places:0{places}d}"
    return text.rstrip("0").rstrip(".") if short else text
