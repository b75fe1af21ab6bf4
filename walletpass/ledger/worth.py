"""What a check earns, and what points can pay of it: arithmetic of a program's rules, in whole numbers and without a database.

Points and cashback count money; a program of stamps counts items, and a full card makes the cheapest of them free. What points
pay never earns: ``off_base`` is what a payment takes out of the base that earns.
"""

from dataclasses import dataclass

from walletpass.ledger.bill import Bill
from walletpass.programs import Program, Tier

WHOLE = 10_000  # the rate of one for one


@dataclass(frozen=True)
class Paid:
    """What points have paid of a check, or will: ``worth`` in minor units."""

    points: int = 0
    worth: int = 0
    off_base: int = 0


def earning_base(program: Program, bill: Bill) -> int:
    """Minor units that earn, or items; of a bill `under` the program."""
    return bill.stamps(program.stamp_categories) if program.kind == "stamps" else bill.earning_base


def rate(program: Program, tier: Tier | None) -> int:
    """Points x 10,000 for one of the base."""
    if program.kind == "stamps":
        return WHOLE
    if program.kind == "discount":
        return 0
    return tier.earn_bps if tier else program.earn_bps


def points_for(base: int, rate_bps: int) -> int:
    """Floored once, for the whole check."""
    return base * rate_bps // WHOLE


def earning(program: Program, tier: Tier | None, bill: Bill, paid: Paid | None = None) -> int:
    """The points that a bill earns, with what points pay of it."""
    counted = bill.under(program)
    base = max(0, earning_base(program, counted) - (paid.off_base if paid else 0))
    return points_for(base, rate(program, tier))


def discount(tier: Tier | None, bill: Bill) -> int:
    """Minor units that a tier takes off: of what points may pay too, floored."""
    return bill.redeemable_base * tier.discount_percent // 100 if tier else 0


def most(program: Program, bill: Bill, taken: Paid) -> int:
    """How many more points a bill can take beside ``taken``."""
    if program.kind == "discount":
        return 0
    if program.kind == "stamps":
        prices = bill.free_prices(program.stamp_categories)
        return max(0, len(prices) - taken.points // program.stamp_goal) * program.stamp_goal
    base = bill.redeemable_base
    share = min(base * program.cap_percent // 100, base - program.minimum_money)
    return max(0, (share - taken.worth) // program.point_value)


def price(program: Program, bill: Bill, points: int, taken: Paid) -> Paid:
    """What these points pay of a bill beside ``taken``; they are not more than `most`."""
    if program.kind != "stamps":
        worth = points * program.point_value
        return Paid(points, worth, worth)
    goal, categories = program.stamp_goal, program.stamp_categories
    done, free = taken.points // goal, points // goal
    return Paid(points, sum(bill.free_prices(categories)[done : done + free]), free if categories else 0)


def step(program: Program) -> int:
    """Points are paid in multiples of it."""
    return program.stamp_goal if program.kind == "stamps" else 1
