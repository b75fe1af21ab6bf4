"""A rule's value as text, and back: what the page's fields, the command and the list of rules show."""

from typing import Any

from walletpass.programs import money
from walletpass.programs.rules import Rule

ON, OFF = ("on", "yes", "true", "1"), ("off", "no", "false", "0", "")


def read(rule: Rule, text: str, currency: str) -> Any:
    """The value of the column; None for text that is none. Whether it is within bounds is `judging.faults`'s question."""
    text = text.strip()
    if rule.kind == "bool":
        return True if text.lower() in ON else False if text.lower() in OFF else None
    if rule.kind == "choice":
        return text
    if rule.kind == "words":
        return list(dict.fromkeys(word for word in (" ".join(part.split()) for part in text.split(",")) if word))
    return money.read(text, places(rule, currency))


def write(rule: Rule, value: Any, currency: str) -> str:
    """`read` reads it back."""
    if rule.kind == "bool":
        return "on" if value else "off"
    if rule.kind == "choice":
        return str(value)
    if rule.kind == "words":
        return ", ".join(value)
    return money.write(value, places(rule, currency), short=rule.kind == "rate")


def places(rule: Rule, currency: str) -> int:
    return {"money": money.decimals(currency), "rate": 2}.get(rule.kind, 0)
