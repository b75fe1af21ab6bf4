"""What other rules would have cost on checks that were paid: nothing is written, and nothing is rounded but where the ledger rounds.

The checks come card by card, each card's in the order of time, so that one card's counters are all that is remembered.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from types import SimpleNamespace
from typing import cast

from walletpass.ledger.bill import Bill
from walletpass.ledger.worth import points_for, rate
from walletpass.programs import Program, Tier


@dataclass(frozen=True, slots=True)
class Past:
    """A closed check of a guest; points have paid ``paid`` minor units of it."""

    card_id: str
    at: datetime
    bill: Bill
    paid: int = 0


@dataclass(frozen=True)
class Scheme:
    """Rules to try; the rows need be in no session. Of points and cashback guests spend ``share`` percent."""

    program: Program
    tiers: tuple[Tier, ...] = ()
    share: int = 100


@dataclass
class Outcome:
    """``issued`` are whole points or stamps, the rest minor units but ``rewards``, which are full cards of stamps.

    ``worth`` is what all of it could pay, ``spent`` what of it guests are expected to take, within what their checks can take;
    ``discount`` came off the checks at once.
    """

    checks: int = 0
    revenue: int = 0
    issued: int = 0
    worth: int = 0
    spent: int = 0
    rewards: int = 0
    discount: int = 0

    @property
    def cost(self) -> int:
        return self.spent + self.discount


@dataclass(frozen=True, slots=True)
class Measure:
    """What of a bill counts under some rules. ``stamp_worth`` is what the items with a stamp cost."""

    base: int
    redeemable: int
    stamps: int
    stamp_worth: int


def simulate(schemes: Sequence[Scheme], history: Iterable[Past], since: datetime) -> list[Outcome]:
    """One outcome for each scheme. What came before ``since`` lifts guests to their tiers, and counts for nothing else."""
    replays = [Replay(scheme) for scheme in schemes]
    # Rules that count the same of a bill count it once.
    kinds = {_counting(scheme.program): scheme.program for scheme in schemes}
    places, counting = list(kinds), [_plain(program) for program in kinds.values()]
    pairs = [(replay, places.index(_counting(replay.program))) for replay in replays]
    for _card, visits in groupby(history, key=attrgetter("card_id")):
        for replay in replays:
            replay.next_card()
        for past in visits:
            amount, counts = past.bill.amount, past.at >= since
            found = [measure(program, past.bill) for program in counting]
            for replay, which in pairs:
                replay.visit(past, amount, found[which], counts)
    return [replay.end() for replay in replays]


def _counting(program: Program) -> tuple[object, ...]:
    """Rules of programs that count the same of a bill."""
    lists = (program.no_earn_categories, program.no_redeem_categories, program.stamp_categories)
    return (program.tax_earns, program.gift_card_earns, *map(tuple, lists))


def _plain(program: Program) -> Program:
    """The same values in an object whose attributes are quick to read: they are asked for a million times."""
    return cast(Program, SimpleNamespace(**program.model_dump()))


def measure(program: Program, bill: Bill) -> Measure:
    counted = bill.under(program)
    base = counted.earning_base
    # Mostly what earns is what points may pay; then it is added up once.
    same = program.gift_card_earns and program.tax_earns and all(line.earns == line.redeemable for line in counted.lines)
    stamps, prices = counted.stamps(program.stamp_categories), counted.free_prices(program.stamp_categories)
    worth = sum(prices) * stamps // len(prices) if prices else 0
    return Measure(base, base if same else counted.redeemable_base, stamps, worth)


class Replay:
    """One scheme, fed with one card after the other."""

    def __init__(self, scheme: Scheme) -> None:
        self.program, self.share = _plain(scheme.program), scheme.share
        # Cashback is money: its unit is worth one.
        self.value = scheme.program.point_value if scheme.program.kind == "points" else 1
        self.ladder = Ladder(scheme.program, scheme.tiers)
        self.outcome = Outcome()
        self.spent_hundredths = self.room = self.card_issued = self.stamped = self.stamp_worth = 0

    def next_card(self) -> None:
        """The card so far is over."""
        issued = self.card_issued
        if self.program.kind == "stamps":
            self.outcome.rewards += issued // self.program.stamp_goal
        else:
            self.spent_hundredths += min(issued * self.value * self.share, self.room * 100)
        self.outcome.issued += issued
        self.card_issued = self.room = 0
        self.ladder.clear()

    def visit(self, past: Past, amount: int, found: Measure, counts: bool) -> None:
        ladder, base = self.ladder, max(0, found.base - past.paid)
        tier = ladder.step(past.at) if ladder.tiers else None
        if counts:
            self.outcome.checks += 1
            self.outcome.revenue += amount
            self._count(found, base, tier)
        if ladder.tiers:
            ladder.climb(past.at, base)

    def _count(self, found: Measure, base: int, tier: Tier | None) -> None:
        program = self.program
        if program.kind == "stamps":
            self.card_issued += found.stamps
            self.stamped += found.stamps
            self.stamp_worth += found.stamp_worth
        elif program.kind == "discount":
            self.outcome.discount += base * tier.discount_percent // 100 if tier else 0
        else:
            self.card_issued += points_for(base, rate(program, tier))
            most = min(found.redeemable * program.cap_percent // 100, found.redeemable - program.minimum_money)
            self.room += max(0, most // self.value * self.value)

    def end(self) -> Outcome:
        self.next_card()
        if self.program.kind == "stamps":
            price = self.stamp_worth // self.stamped if self.stamped else 0
            self.outcome.worth = self.outcome.rewards * price
            self.outcome.spent = self.outcome.worth * self.share // 100
        else:
            self.outcome.worth = self.outcome.issued * self.value
            self.outcome.spent = self.spent_hundredths // 100
        return self.outcome


class Ladder:
    """The tier of one card: up at once, from the next check on; down at review, one step."""

    def __init__(self, program: Program, tiers: Sequence[Tier]) -> None:
        self.tiers = sorted(tiers, key=lambda tier: tier.position) if program.tier_by != "none" else []
        self.by_visits, self.yearly = program.tier_by == "visits", program.tier_window == "year"
        self.window = timedelta(days=program.tier_days)
        self.clear()

    def clear(self) -> None:
        self.place, self.total = 0, 0
        self.counted: deque[tuple[datetime, int]] = deque()
        self.review_at: datetime | None = None

    def step(self, at: datetime) -> Tier | None:
        """Where the guest stands at this check, which is not counted yet."""
        self._forget(at)
        while self.place and self.review_at is not None and at >= self.review_at:
            if self._earned() < self.place:
                self.place -= 1
            self.review_at = self._end(self.review_at)
        return self.tiers[self.place - 1] if self.place else None

    def climb(self, at: datetime, base: int) -> None:
        gained = 1 if self.by_visits else base
        self.counted.append((at, gained))
        self.total += gained
        if (reached := self._earned()) > self.place:
            self.place, self.review_at = reached, self._end(at)

    def _earned(self) -> int:
        return sum(self.total >= tier.threshold for tier in self.tiers)

    def _forget(self, at: datetime) -> None:
        begins = at.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0) if self.yearly else at - self.window
        while self.counted and self.counted[0][0] < begins:
            self.total -= self.counted.popleft()[1]

    def _end(self, at: datetime) -> datetime:
        if self.yearly:
            return at.replace(year=at.year + 1, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
        return at + self.window
