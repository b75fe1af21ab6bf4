"""The steps of a program's tiers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import Session, col, delete, select

from walletpass.errors import Malformed
from walletpass.programs.judging import Fault
from walletpass.programs.models import Program, RuleChange, Tier
from walletpass.programs.rules import MOST

LONGEST_NAME, MOST_STEPS = 40, 8
MOST_BPS = 1_000_000


@dataclass(frozen=True)
class Step:
    """One tier: from ``threshold`` (minor units of spend, or visits) on a guest earns ``earn_bps`` and has ``discount_percent``."""

    name: str
    threshold: int
    earn_bps: int
    discount_percent: int = 0


def tiers(session: Session, program_id: str) -> Sequence[Tier]:
    """From the lowest step up."""
    return session.exec(select(Tier).where(col(Tier.program_id) == program_id).order_by(col(Tier.position))).all()


def set_tiers(session: Session, program: Program, steps: Sequence[Step], *, by: str = "") -> bool:
    """These and no others, from the lowest up; whether anything is new. Raises Malformed with the step at fault.

    Steps are known by their place: who stands on the second stays on the second, whatever it is called now.
    """
    wrong = step_faults(steps)
    if wrong:
        raise Malformed(wrong[0].sentence, field=wrong[0].rule)
    before = [step_of(tier) for tier in tiers(session, program.id)]
    if before == list(steps):
        return False
    session.exec(delete(Tier).where(col(Tier.program_id) == program.id))
    for tier in as_tiers(program, steps):
        session.add(tier)
    told: tuple[Any, Any] = ([asdict(step) for step in before], [asdict(step) for step in steps])
    session.add(RuleChange(program_id=program.id, staff_id=by, name="tiers", old=told[0], new=told[1]))
    session.flush()
    return True


def as_tiers(program: Program, steps: Sequence[Step]) -> list[Tier]:
    """Rows that are in no session."""
    return [Tier(program_id=program.id, position=place, **asdict(step)) for place, step in enumerate(steps, 1)]


def step_of(tier: Tier) -> Step:
    return Step(tier.name, tier.threshold, tier.earn_bps, tier.discount_percent)


def step_faults(steps: Sequence[Step]) -> list[Fault]:
    """Named ``tier-<number>-<field>``."""
    if len(steps) > MOST_STEPS:
        return [Fault("tiers", "many_tiers", f"There are {MOST_STEPS} tiers at most.", str(MOST_STEPS))]
    found: list[Fault] = []
    below, names = 0, set[str]()
    for number, step in enumerate(steps, 1):
        for field, bad, code, sentence in (
            ("name", not 0 < len(step.name.strip()) <= LONGEST_NAME or not step.name.isprintable(), "tier_name",
             f"A tier needs a name, of {LONGEST_NAME} letters at most."),
            ("name", step.name in names, "tier_twice", "Two tiers have the same name."),
            ("threshold", not below < step.threshold <= MOST, "tier_rises", "Each tier begins above the one before it."),
            ("earn_bps", not 0 <= step.earn_bps <= MOST_BPS, "tier_rate", f"A rate is from 0 to {MOST_BPS // 100}."),
            ("discount_percent", not 0 <= step.discount_percent <= 100, "tier_discount", "A discount is from 0 to 100 percent."),
        ):  # fmt: skip
            if bad:
                found.append(Fault(f"tier-{number}-{field}", code, sentence))
        below, names = max(below, step.threshold), names | {step.name}
    return found
