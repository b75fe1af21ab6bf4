"""Whether values may be a program's rules, each alone and all together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from walletpass.programs import typed
from walletpass.programs.models import Program
from walletpass.programs.rules import BY_NAME, Rule

LONGEST_WORD, MOST_WORDS = 40, 50
DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class Fault:
    """What is wrong with the value of ``rule``: a word for pages that speak other languages, and the sentence."""

    rule: str
    code: str
    sentence: str
    bound: str = ""


def faults(program: Program, values: Mapping[str, Any]) -> list[Fault]:
    """What keeps ``values`` from being rules of the program; empty when nothing does.

    Two rules that do not go together are only told of where one of them is new: an old quarrel stops no other change.
    """
    found = [fault for name, value in values.items() if (fault := alone(BY_NAME[name], value, program.currency)) is not None]
    if found:
        return found
    new = {name for name, value in values.items() if getattr(program, name) != value}
    after = {name: values.get(name, getattr(program, name)) for name in BY_NAME}
    return [fault for names, judge in TOGETHER if names & new and (fault := judge(after)) is not None]


def alone(rule: Rule, value: Any, currency: str) -> Fault | None:
    if rule.kind == "bool":
        return None if isinstance(value, bool) else Fault(rule.name, "not_bool", f"{rule.name} is on or off.")
    if rule.kind == "choice":
        named = ", ".join(rule.choices)
        return None if value in rule.choices else Fault(rule.name, "not_choice", f"{rule.name} is one of {named}.", named)
    if rule.kind == "words":
        return _words(rule, value)
    return _number(rule, value, currency)


def _number(rule: Rule, value: Any, currency: str) -> Fault | None:
    if not isinstance(value, int) or isinstance(value, bool):
        wanted = "an amount like 12.50" if rule.kind == "money" else "a number with two decimals at most" if rule.kind == "rate" else "a whole number"  # fmt: skip
        return Fault(rule.name, f"not_{rule.kind}" if rule.kind in ("money", "rate") else "not_whole", f"{rule.name} is {wanted}.")
    for bad, code, bound in ((value < rule.least, "too_low", rule.least), (value > rule.most, "too_high", rule.most)):
        if bad:
            said = typed.write(rule, bound, currency)
            return Fault(rule.name, code, f"{rule.name} is {said} at {'least' if code == 'too_low' else 'most'}.", said)
    return None


def _words(rule: Rule, value: Any) -> Fault | None:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        return Fault(rule.name, "not_words", f"{rule.name} is a list of words.")
    if len(value) > MOST_WORDS:
        return Fault(rule.name, "many_words", f"{rule.name} has room for {MOST_WORDS} words.", str(MOST_WORDS))
    for word in value:
        if not 0 < len(word) <= LONGEST_WORD:
            return Fault(rule.name, "long_word", f"A word of {rule.name} has {LONGEST_WORD} letters at most.", str(LONGEST_WORD))
        if not word.isprintable() or "," in word or word != " ".join(word.split()):
            return Fault(rule.name, "odd_word", f"A word of {rule.name} has letters that cannot be seen, a comma, or blanks around it.")
    if len(set(value)) != len(value):
        return Fault(rule.name, "twice", f"A word of {rule.name} stands there twice.")
    return None


def _day(after: Mapping[str, Any]) -> Fault | None:
    """29 February is a day: in other years the ledger takes the 28th."""
    last = DAYS_OF_MONTH[after["expiry_month"] - 1]
    if after["expiry"] != "date" or after["expiry_day"] <= last:
        return None
    return Fault("expiry_day", "no_such_day", f"That month has {last} days.", str(last))


def _warned(after: Mapping[str, Any]) -> Fault | None:
    if after["expiry"] not in ("earned", "activity") or after["expiry_warning_days"] < after["expiry_days"]:
        return None
    return Fault(
        "expiry_warning_days", "warned_too_early", "Guests would be warned of the end before they earn: fewer days than points last."
    )


def _pending(after: Mapping[str, Any]) -> Fault | None:
    if after["pending"] != "days" or after["expiry"] != "earned" or after["pending_days"] < after["expiry_days"]:
        return None
    return Fault("pending_days", "ends_before", "Points would end before they can be spent.")


def _reviews(after: Mapping[str, Any]) -> Fault | None:
    if not after["review_points"] or after["rewarded_sites"]:
        return None
    return Fault("review_points", "no_sites", "Points for reviews need a site in rewarded_sites.")


def _discount(after: Mapping[str, Any]) -> Fault | None:
    if after["kind"] != "discount" or after["tier_by"] != "none":
        return None
    return Fault("tier_by", "needs_tiers", "A discount goes by tier: say whether spend or visits lift a guest.")


TOGETHER: tuple[tuple[frozenset[str], Callable[[Mapping[str, Any]], Fault | None]], ...] = (
    (frozenset({"expiry", "expiry_month", "expiry_day"}), _day),
    (frozenset({"expiry", "expiry_days", "expiry_warning_days"}), _warned),
    (frozenset({"pending", "pending_days", "expiry", "expiry_days"}), _pending),
    (frozenset({"review_points", "rewarded_sites"}), _reviews),
    (frozenset({"kind", "tier_by"}), _discount),
)
