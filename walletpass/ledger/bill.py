"""What was ordered, and how much of it counts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from walletpass.errors import Malformed
from walletpass.programs import Program

LineKind = Literal["item", "tip", "service", "delivery", "gift_card"]
LINE_KINDS = get_args(LineKind)


@dataclass(frozen=True)
class Line:
    """Minor units for the whole ``quantity``; ``discount`` is this line's own, ``tax`` the part of the net that is tax.

    ``earns`` and ``redeemable`` are what the POS says of it; the program's categories are asked besides.
    """

    amount: int
    discount: int = 0
    kind: LineKind = "item"
    earns: bool = True
    redeemable: bool = True
    category: str = ""
    quantity: int = 1
    tax: int = 0

    @property
    def net(self) -> int:
        return self.amount - self.discount


@dataclass(frozen=True)
class Bill:
    """A check: its lines, the discount given on the whole of it, and the part of it that gift cards pay.

    A gift card earns once: ``tender_earns`` when it pays, or else when it is sold. `under` puts a program's rules on a bill.
    """

    check_id: str
    lines: tuple[Line, ...]
    discount: int = 0
    gift_card: int = 0
    tax_earns: bool = True
    tender_earns: bool = True

    @classmethod
    def of(cls, check_id: str, amount: int) -> "Bill":
        """A typed amount: one line, everything counts."""
        return cls(check_id, (Line(amount),))

    def under(self, program: Program) -> "Bill":
        """The same bill as this program counts it: its categories, its taxes, its gift cards."""
        unearning, unredeemable = frozenset(program.no_earn_categories), frozenset(program.no_redeem_categories)
        lines = self.lines
        if unearning or unredeemable:
            lines = tuple(
                replace(
                    line,
                    earns=line.earns and line.category not in unearning,
                    redeemable=line.redeemable and line.category not in unredeemable,
                )
                for line in lines
            )
        if lines is self.lines and (program.tax_earns, program.gift_card_earns) == (self.tax_earns, self.tender_earns):
            return self
        return replace(self, lines=lines, tax_earns=program.tax_earns, tender_earns=program.gift_card_earns)

    @property
    def amount(self) -> int:
        """What the guest owes for all of it."""
        return sum(line.net for line in self.lines) - self.discount

    @property
    def earning_base(self) -> int:
        """What may earn, before points pay a part: items that earn, less discounts; no tip, service or delivery."""
        base = self._base([line for line in self.lines if line.kind == "item" and line.earns], self.tax_earns)
        if self.tender_earns:
            return base
        sold = sum(line.net for line in self.lines if line.kind == "gift_card" and line.earns)
        return max(0, base - self.gift_card) + sold

    @property
    def redeemable_base(self) -> int:
        """What points may pay a share of."""
        return self._base([line for line in self.lines if line.kind == "item" and line.redeemable])

    def stamps(self, categories: Sequence[str]) -> int:
        """Items of these categories; a bill that names none, as a typed amount, counts as one."""
        if not categories or not any(line.category for line in self.lines):
            return int(any(line.kind == "item" and line.earns for line in self.lines))
        return sum(line.quantity for line in self.lines if line.kind == "item" and line.earns and line.category in categories)

    def free_prices(self, categories: Sequence[str]) -> list[int]:
        """What each item costs that a full card of stamps may pay, the cheapest first."""
        named = bool(categories) and any(line.category for line in self.lines)
        chosen = [line for line in self.lines if line.kind == "item" and line.redeemable and (not named or line.category in categories)]
        return sorted(line.net // line.quantity for line in chosen for _ in range(line.quantity))

    def _base(self, counted: list[Line], taxed: bool = True) -> int:
        """Their net sum less their share of the check's discount, which falls on items by amount, rounded against the guest
        by less than one minor unit."""
        items = sum(line.net for line in self.lines if line.kind == "item")
        net = sum(line.net for line in counted)
        share = -(-self.discount * net // items) if items else 0
        taxes = 0 if taxed else sum(min(line.tax, line.net) for line in counted)
        return max(0, net - share - taxes)

    def check(self, most: int) -> None:
        """Raises Malformed for a bill that cannot be: nothing on it, discounts above amounts, more than ``most``."""
        if not self.lines:
            raise Malformed("A check needs an amount.")
        for line in self.lines:
            if line.amount < 0 or not 0 <= line.discount <= line.amount or line.quantity < 1 or not 0 <= line.tax <= line.amount:
                raise Malformed(
                    "A line's amount, discount and tax must be whole minor units, the discount and the tax not above the amount."
                )
        items = sum(line.net for line in self.lines if line.kind == "item")
        if not 0 <= self.discount <= items:
            raise Malformed("The discount is more than the items on the check.")
        if self.amount <= 0:
            raise Malformed("The amount must be more than zero.")
        if not 0 <= self.gift_card <= self.amount:
            raise Malformed("Gift cards pay more than the check.")
        if self.amount > most:
            raise Malformed(f"The amount is above this restaurant's limit of {most} for one check.", maximum=most)
