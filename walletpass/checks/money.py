"""Amounts as people write them, and as we keep them: whole minor units."""

import re
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision

from walletpass.errors import Malformed

WRITTEN = re.compile(r"(\d{1,12})(?:[.,](\d+))?")


def minor(text: str, currency: str) -> int:
    """``"12,5"`` euros are 1250. A dot or a comma, no sign, no thousands. Raises Malformed for more decimals than the currency has."""
    digits = int(get_currency_precision(currency))
    found = WRITTEN.fullmatch(text.strip()) if text.isascii() else None
    decimals = (found[2] or "").rstrip("0") if found else ""
    if found is None or len(decimals) > digits:
        example = "1250" if not digits else f"12.{'5'.ljust(digits, '0')}"
        raise Malformed(f"An amount is written like {example}, not {text.strip()[:20]!r}.")
    units: int = 10**digits
    return int(found[1]) * units + int(decimals.ljust(digits, "0") or 0)


def written(amount: int, currency: str, language: str) -> str:
    """As that language writes money: ``€12.50``, ``12,50 €``."""
    return str(format_currency(Decimal(amount).scaleb(-get_currency_precision(currency)), currency, locale=language))
