"""The form of the rules: what was typed, the values it stands for, and what the page shows of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from walletpass.programs import RULES, Fault, Program, Rule, Step, Tier, faults, money, typed
from walletpass.programs.rules import BY_NAME, FORBID_REWARDS, GROUPS
from walletpass.programs.tiers import MOST_STEPS, step_faults
from walletpass.web import rule_choices
from walletpass.web.rule_words import Words

LONGEST = 2_500
STEP = ("name", "threshold", "earn_bps", "discount_percent")


@dataclass
class Filled:
    """``texts`` are the fields as typed, ``values`` and ``steps`` what they stand for, ``wrong`` the sentence of a field."""

    texts: dict[str, str]
    rows: list[dict[str, str]]
    values: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)


def of_program(program: Program, tiers: Sequence[Tier]) -> Filled:
    """The form as it stands before anybody types."""
    texts = {rule.name: typed.write(rule, getattr(program, rule.name), program.currency) for rule in RULES}
    places = _places(program.tier_by, program.currency)
    rows = [
        {
            "name": tier.name,
            "threshold": money.write(tier.threshold, places),
            "earn_bps": money.write(tier.earn_bps, 2, short=True),
            "discount_percent": str(tier.discount_percent),
        }
        for tier in tiers
    ]
    values = {rule.name: getattr(program, rule.name) for rule in RULES}
    return Filled(texts, rows, values, [Step(tier.name, tier.threshold, tier.earn_bps, tier.discount_percent) for tier in tiers])


def typed_in(form: MultiDict[str, str], program: Program, tiers: Sequence[Tier]) -> Filled:
    """What somebody sent; a field that was not sent stands as it is. ``wrong`` is empty when all of it may be saved."""
    before = of_program(program, tiers)
    texts = {rule.name: _text(rule, form, before.texts[rule.name]) for rule in RULES}
    rows = _rows(form) if "tier-1-name" in form else before.rows
    filled = Filled(texts, rows)
    filled.values = {rule.name: typed.read(rule, texts[rule.name], program.currency) for rule in RULES}
    found = faults(program, filled.values)
    found += _read_steps(filled, _places(str(filled.values["tier_by"]), program.currency))
    for one in found:
        filled.wrong.setdefault(one.rule, rule_choices.fault(one))
    return filled


def _text(rule: Rule, form: MultiDict[str, str], stands: str) -> str:
    sent = form.getlist(rule.name)
    if rule.kind == "bool" and f"{rule.name}-there" in form:
        # A box that is not ticked sends nothing.
        return sent[-1][:LONGEST] if sent else "off"
    if not sent:
        return stands
    return (",".join(part for part in sent if part.strip()) if rule.kind == "words" else sent[-1])[:LONGEST]


def _rows(form: MultiDict[str, str]) -> list[dict[str, str]]:
    """Steps with a name; one whose name was emptied is taken away."""
    rows = [{part: form.get(f"tier-{number}-{part}", "").strip()[:100] for part in STEP} for number in range(1, MOST_STEPS + 1)]
    return [row for row in rows if row["name"]]


def _places(tier_by: str, currency: str) -> int:
    return money.decimals(currency) if tier_by == "spend" else 0


def _read_steps(filled: Filled, places: int) -> list[Fault]:
    found = []
    for number, row in enumerate(filled.rows, 1):
        read = [money.read(row[part] or "0", digits) for part, digits in zip(STEP[1:], (places, 2, 0), strict=True)]
        codes = ("not_money" if places else "not_whole", "not_rate", "not_whole")
        found += [
            Fault(f"tier-{number}-{part}", code, "") for part, code, number_ in zip(STEP[1:], codes, read, strict=True) if number_ is None
        ]
        threshold, rate, discount = (value or 0 for value in read)
        filled.steps.append(Step(row["name"], threshold, rate, discount))
    return found or step_faults(filled.steps)


def groups(filled: Filled, currency: str) -> list[dict[str, Any]]:
    """The form as the template draws it."""
    values = _drawable(filled.values)
    words = Words(values, currency)
    shown = []
    for group in GROUPS:
        rules = [_rule(rule, filled, words) for rule in RULES if rule.group == group]
        kinds = [set(rule["when"].get("kind", ())) for rule in rules]
        faulty = any(rule["wrong"] for rule in rules) or (group == "tiers" and any(name.startswith("tier") for name in filled.wrong))
        shown.append(
            {
                "name": group, "title": rule_choices.titles()[group], "rules": rules, "faulty": faulty,
                "says": rule_choices.summary(group, words, len(filled.steps)),
                "kinds": " ".join(sorted(set.union(*kinds))) if all(kinds) else "",
            }
        )  # fmt: skip
    return shown


def _drawable(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, and for one that could not be read what the rule is without being set: the sentences need a number."""
    return {
        rule.name: value if _may_be(rule, value := values[rule.name]) else rule.default for rule in RULES
    }  # fmt: skip


def _may_be(rule: Rule, value: Any) -> bool:
    if rule.kind == "choice":
        return value in rule.choices
    return value is not None


def _rule(rule: Rule, filled: Filled, words: Words) -> dict[str, Any]:
    text = filled.texts[rule.name]
    sites = [word.strip() for word in text.split(",")]
    forbidding = [(site, site in sites) for site in FORBID_REWARDS] if rule.name == "rewarded_sites" else []
    return {
        "name": rule.name,
        "kind": rule.kind,
        "label": words.label(rule.name),
        "says": words.says(rule.name),
        "text": ", ".join(site for site in sites if site and site not in FORBID_REWARDS) if forbidding else text,
        "unit": rule_choices.unit(rule, words),
        "choices": [(value, *rule_choices.choices()[rule.name][value]) for value in rule.choices],
        "when": rule.when,
        "above": rule.above,
        "forbidding": forbidding,
        "wrong": filled.wrong.get(rule.name, ""),
    }


def candidate(program: Program, filled: Filled) -> tuple[Program, tuple[Tier, ...]]:
    """The program and its tiers as they would be: rows that are in no session."""
    made = Program(**{**program.model_dump(), **{name: filled.values[name] for name in BY_NAME}})
    return made, tuple(Tier(program_id=program.id, position=place, **vars(step)) for place, step in enumerate(filled.steps, 1))
