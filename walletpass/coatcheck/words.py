"""What attendants type, as others will read it."""

from walletpass.errors import Malformed

LONGEST = 120


def seen(text: str) -> str:
    """On one line, without control and bidi characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def clean(text: str, field: str, longest: int = LONGEST) -> str:
    """Raises Malformed for what is too long."""
    said = seen(text[: longest * 4])
    if len(text) > longest * 4 or len(said) > longest:
        raise Malformed(f"Please use {longest} letters at most.", field=field)
    return said
