"""The rules of points once more, in memory and without a database: what the ledger is compared with.

No lot expires here. Refusals are the classes of `walletpass.errors`; a refused deed has changed nothing.
"""

from dataclasses import dataclass, field

from walletpass.errors import AboveCap, AlreadyEarned, AlreadyReversed, Conflict, InsufficientBalance, Malformed


@dataclass
class Rules:
    earn_bps: int = 1000
    point_value: int = 1
    cap_percent: int = 50
    minimum_points: int = 0
    minimum_money: int = 0
    debt_limit: int = 300
    max_amount: int = 20_000
    adjust_limit: int = 500


@dataclass
class Deed:
    """``paid`` is what each lot gave or got back."""

    kind: str
    delta: int
    check: str = ""
    reverses: int = 0
    paid: dict[int, int] = field(default_factory=dict)
    undone: bool = False


@dataclass
class Purse:
    deeds: list[Deed] = field(default_factory=list)
    lots: dict[int, int] = field(default_factory=dict)
    debt: int = 0

    @property
    def points(self) -> int:
        return sum(self.lots.values())

    def write(self, deed: Deed) -> int:
        self.deeds.append(deed)
        return len(self.deeds)

    def fill(self, number: int, points: int) -> None:
        settled = min(points, self.debt)
        self.debt -= settled
        self.lots[number] = points - settled

    def take(self, deed: Deed, points: int, first: int = 0) -> int:
        """Oldest lots first, but for one that goes before all; what is left over is returned."""
        for number in sorted(self.lots, key=lambda lot: (lot != first, lot)):
            part = min(points, self.lots[number])
            if part:
                self.lots[number] -= part
                deed.paid[number] = part
                points -= part
        return points


class Restaurant:
    def __init__(self, rules: Rules, purses: int) -> None:
        self.rules = rules
        self.purses = [Purse() for _ in range(purses)]
        self.closed: set[str] = set()

    def paid(self, check: str) -> int:
        """Minor units of a check that points have paid."""
        standing = [
            deed for purse in self.purses for deed in purse.deeds if deed.kind == "redeem" and deed.check == check and not deed.undone
        ]
        return -sum(deed.delta for deed in standing) * self.rules.point_value

    def earn(self, purse: Purse, check: str, amount: int) -> None:
        self._bill(amount)
        if check in self.closed:
            raise AlreadyEarned
        points = max(0, amount - self.paid(check)) * self.rules.earn_bps // 10_000
        number = purse.write(Deed("earn", points, check))
        self.closed.add(check)
        if points:
            purse.fill(number, points)

    def redeem(self, purse: Purse, check: str, amount: int, points: int) -> None:
        self._bill(amount)
        if points < 1:
            raise Malformed
        if check in self.closed:
            raise AlreadyEarned
        if points > purse.points:
            raise InsufficientBalance
        if points < self.rules.minimum_points:
            raise Malformed
        share = min(amount * self.rules.cap_percent // 100, amount - self.rules.minimum_money)
        if points * self.rules.point_value > share - self.paid(check):
            raise AboveCap
        deed = Deed("redeem", -points, check)
        purse.write(deed)
        purse.take(deed, points)

    def adjust(self, purse: Purse, points: int) -> None:
        if not points or abs(points) > self.rules.adjust_limit:
            raise Malformed
        if -points > purse.points:
            raise InsufficientBalance
        deed = Deed("adjust", points)
        number = purse.write(deed)
        if points > 0:
            purse.fill(number, points)
        else:
            purse.take(deed, -points)

    def undo(self, purse: Purse, number: int) -> None:
        deed = purse.deeds[number - 1]
        if deed.kind not in ("earn", "redeem"):
            raise Conflict
        if deed.undone:
            raise AlreadyReversed
        if deed.kind == "earn":
            self._undo_earn(purse, number, deed)
        else:
            self._undo_redeem(purse, number, deed)
        deed.undone = True

    def _undo_earn(self, purse: Purse, number: int, deed: Deed) -> None:
        short = max(0, deed.delta - purse.points)
        if short and purse.debt + short > self.rules.debt_limit:
            raise Conflict
        reversal = Deed("earn_reversal", -deed.delta, deed.check, number)
        purse.write(reversal)
        purse.debt += purse.take(reversal, deed.delta, first=number)
        self.closed.discard(deed.check)

    def _undo_redeem(self, purse: Purse, number: int, deed: Deed) -> None:
        reversal = Deed("redeem_reversal", -deed.delta, deed.check, number)
        purse.write(reversal)
        for lot, amount in sorted(deed.paid.items()):
            settled = min(purse.debt, amount)
            purse.debt -= settled
            purse.lots[lot] += amount - settled
            if amount > settled:
                reversal.paid[lot] = amount - settled

    def _bill(self, amount: int) -> None:
        if not 0 < amount <= self.rules.max_amount:
            raise Malformed
