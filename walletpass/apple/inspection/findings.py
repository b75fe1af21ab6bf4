"""What an inspection says: findings, each with the rule it comes from and a sentence that mends the file."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

Severity = Literal["refused", "ignored", "advice"]
MOST_OF_A_RULE = 12
LONGEST = 90


@dataclass(frozen=True)
class Finding:
    """``refused``: Wallet does not open the pass. ``ignored``: it opens, without this. ``advice``: it opens and could be better.

    ``rule`` is a slug that stays the same from release to release; the sentence may be worded anew.
    """

    rule: str
    severity: Severity
    sentence: str


Findings = Iterator[Finding]


@dataclass(frozen=True)
class Report:
    """The findings of one file, in the order they were made. ``passes`` are those inside a bundle, ``name`` its name in there."""

    findings: tuple[Finding, ...]
    name: str = ""
    passes: tuple["Report", ...] = ()

    @property
    def everything(self) -> tuple[Finding, ...]:
        """The findings of the file and of the passes inside."""
        return self.findings + tuple(finding for inside in self.passes for finding in inside.everything)

    @property
    def opens(self) -> bool:
        """Whether Wallet would open it, as far as can be told without a phone."""
        return not any(finding.severity == "refused" for finding in self.everything)


def refused(rule: str, sentence: str) -> Finding:
    return Finding(rule, "refused", sentence)


def ignored(rule: str, sentence: str) -> Finding:
    return Finding(rule, "ignored", sentence)


def advice(rule: str, sentence: str) -> Finding:
    return Finding(rule, "advice", sentence)


def capped(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, at most a dozen of each rule; the last of the dozen tells how many more there are."""
    kept: list[Finding] = []
    counts: Counter[str] = Counter()
    last: dict[str, int] = {}
    for finding in findings:
        counts[finding.rule] += 1
        if counts[finding.rule] <= MOST_OF_A_RULE:
            last[finding.rule] = len(kept)
            kept.append(finding)
    for rule, count in counts.items():
        if count > MOST_OF_A_RULE:
            place = last[rule]
            kept[place] = replace(kept[place], sentence=f"{kept[place].sentence} And {count - MOST_OF_A_RULE:,} more like this.")
    return tuple(kept)


def said(value: object) -> str:
    """A stranger's value for a sentence: short, in quotes, and without characters that steer a terminal."""
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST else f"{value[: LONGEST - 3]}...")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {str(value)[:LONGEST]}"
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else "null"
