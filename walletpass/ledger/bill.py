"""What was ordered, and how much of it counts."""

from dataclasses import dataclass
from typing import Literal, get_args

from walletpass.errors import Malformed

LineKind = Literal["item", "tip", "service", "delivery", "gift_card"]
LINE_KINDS = get_args(LineKind)


@dataclass(frozen=True)
class Line:
    """Minor units; ``discount`` is this line's own. ``earns`` and ``redeemable`` are the categories' rules."""

    amount: int
    discount: int = 0
    kind: LineKind = "item"
    earns: bool = True
    redeemable: bool = True

    @property
    def net(self) -> int:
        return self.amount - self.discount


@dataclass(frozen=True)
class Bill:
    """A check: its lines and the discount given on the whole of it."""

    check_id: str
    lines: tuple[Line, ...]
    discount: int = 0

    @classmethod
    def of(cls, check_id: str, amount: int) -> "Bill":
        """A typed amount: one line, everything counts."""
        return cls(check_id, (Line(amount),))

    @property
    def amount(self) -> int:
        """What the guest owes for all of it."""
        return sum(line.net for line in self.lines) - self.discount

    @property
    def earning_base(self) -> int:
        """What may earn, before points pay a part: items that earn, less discounts; no tip, service, delivery, gift cards."""
        return self._base([line for line in self.lines if line.kind == "item" and line.earns])

    @property
    def redeemable_base(self) -> int:
        """What points may pay a share of."""
        return self._base([line for line in self.lines if line.kind == "item" and line.redeemable])

    def _base(self, counted: list[Line]) -> int:
        """Their net sum less their share of the check's discount, which falls on items by amount, rounded against the guest
        by less than one minor unit."""
        items = sum(line.net for line in self.lines if line.kind == "item")
        net = sum(line.net for line in counted)
        share = -(-self.discount * net // items) if items else 0
        return max(0, net - share)

    def check(self, most: int) -> None:
        """Raises Malformed for a bill that cannot be: nothing on it, discounts above amounts, more than ``most``."""
        if not self.lines:
            raise Malformed("A check needs an amount.")
        for line in self.lines:
            if line.amount < 0 or not 0 <= line.discount <= line.amount:
                raise Malformed("A line's amount and discount must be whole minor units, the discount not above the amount.")
        items = sum(line.net for line in self.lines if line.kind == "item")
        if not 0 <= self.discount <= items:
            raise Malformed("The discount is more than the items on the check.")
        if self.amount <= 0:
            raise Malformed("The amount must be more than zero.")
        if self.amount > most:
            raise Malformed(f"The amount is above this restaurant's limit of {most} for one check.", maximum=most)
