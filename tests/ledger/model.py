"""The rules of points once more, in memory and without a database: what the ledger is compared with.

No lot expires here. Refusals are the classes of `walletpass.errors`; a refused deed has changed nothing.
"""

from dataclasses import dataclass, field

from walletpass.errors import AboveCap, AlreadyEarned, AlreadyReversed, Conflict, Gone, InsufficientBalance, Malformed


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
    """``paid`` is what each lot gave, got back or has promised; ``state`` is a hold's."""

    kind: str
    delta: int
    check: str = ""
    reverses: int = 0
    paid: dict[int, int] = field(default_factory=dict)
    undone: bool = False
    state: str = ""


@dataclass
class Purse:
    deeds: list[Deed] = field(default_factory=list)
    lots: dict[int, int] = field(default_factory=dict)
    promised: dict[int, int] = field(default_factory=dict)
    debt: int = 0

    @property
    def points(self) -> int:
        return sum(self.lots.values()) - self.held

    @property
    def held(self) -> int:
        return sum(self.promised.values())

    def free(self, number: int) -> int:
        return self.lots[number] - self.promised[number]

    def write(self, deed: Deed) -> int:
        self.deeds.append(deed)
        return len(self.deeds)

    def fill(self, number: int, points: int) -> None:
        settled = min(points, self.debt)
        self.debt -= settled
        self.lots[number] = points - settled
        self.promised[number] = 0

    def take(self, deed: Deed, points: int, first: int = 0) -> int:
        """Oldest lots first, but for one that goes before all; what is left over is returned."""
        for number in sorted(self.lots, key=lambda lot: (lot != first, lot)):
            part = min(points, self.free(number))
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

    def held(self, check: str) -> int:
        """Points that are promised to a check."""
        deeds = [deed for purse in self.purses for deed in purse.deeds if deed.state == "open" and deed.check == check]
        return sum(sum(deed.paid.values()) for deed in deeds)

    def earn(self, purse: Purse, check: str, amount: int) -> None:
        self._bill(amount)
        if check in self.closed:
            raise AlreadyEarned
        if self.held(check):
            raise Conflict
        points = max(0, amount - self.paid(check)) * self.rules.earn_bps // 10_000
        number = purse.write(Deed("earn", points, check))
        self.closed.add(check)
        if points:
            purse.fill(number, points)

    def redeem(self, purse: Purse, check: str, amount: int, points: int) -> None:
        self._may_pay(purse, check, amount, points)
        deed = Deed("redeem", -points, check)
        purse.write(deed)
        purse.take(deed, points)

    def hold(self, purse: Purse, check: str, amount: int, points: int) -> None:
        self._may_pay(purse, check, amount, points)
        deed = Deed("hold", 0, check, state="open")
        purse.write(deed)
        for number in sorted(purse.lots):
            part = min(points, purse.free(number))
            if part:
                purse.promised[number] += part
                deed.paid[number] = part
                points -= part

    def capture(self, purse: Purse, number: int, amount: int, points: int) -> None:
        self._bill(amount)
        promise = self._open(purse, number)
        if not 1 <= points <= sum(promise.paid.values()):
            raise Malformed
        self._within_cap(promise.check, amount, points, self.held(promise.check) - sum(promise.paid.values()))
        deed = Deed("redeem", -points, promise.check)
        purse.write(deed)
        self._end(purse, promise, "captured", points, deed)

    def release(self, purse: Purse, number: int) -> None:
        promise = self._open(purse, number)
        purse.write(Deed("hold_release", 0, promise.check))
        self._end(purse, promise, "released")

    def _open(self, purse: Purse, number: int) -> Deed:
        promise = purse.deeds[number - 1]
        if promise.state != "open":
            raise Conflict if promise.state == "captured" else Gone
        return promise

    def _end(self, purse: Purse, promise: Deed, state: str, spent: int = 0, by: Deed | None = None) -> None:
        for number, amount in sorted(promise.paid.items()):
            part = min(spent, amount)
            settled = min(purse.debt, amount - part)
            spent -= part
            purse.promised[number] -= amount
            purse.lots[number] -= part + settled
            purse.debt -= settled
            if part and by:
                by.paid[number] = part
        promise.state = state

    def _may_pay(self, purse: Purse, check: str, amount: int, points: int) -> None:
        self._bill(amount)
        if points < 1:
            raise Malformed
        if check in self.closed:
            raise AlreadyEarned
        if points > purse.points:
            raise InsufficientBalance
        if points < self.rules.minimum_points:
            raise Malformed
        self._within_cap(check, amount, points, self.held(check))

    def _within_cap(self, check: str, amount: int, points: int, held: int) -> None:
        share = min(amount * self.rules.cap_percent // 100, amount - self.rules.minimum_money)
        if (points + held) * self.rules.point_value > share - self.paid(check):
            raise AboveCap

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
