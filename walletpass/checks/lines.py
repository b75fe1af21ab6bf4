"""What is on a check, line by line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlmodel import Session, col, select

from walletpass.checks import menu
from walletpass.checks.models import Check, CheckLine
from walletpass.checks.opening import find, must_be_open
from walletpass.database import now
from walletpass.errors import Malformed, NotFound
from walletpass.ledger import Bill, Line
from walletpass.ledger.bill import LINE_KINDS, LineKind
from walletpass.programs import Program

MOST_LINES = 500
MOST_QUANTITY = 10_000


@dataclass(frozen=True)
class Ordered:
    """One line as it is ordered: `ledger.Line`, and what it is called.

    With a ``sku`` that is on the menu the rest may be left out but the amount; one that is not comes on the menu by its name.
    """

    amount: int
    name: str = ""
    sku: str = ""
    category: str = ""
    kind: LineKind = "item"
    quantity: int = 1
    discount: int = 0
    tax: int = 0
    earns: bool = True
    redeemable: bool = True
    drink: bool = False


def lines_of(session: Session, check: Check) -> Sequence[CheckLine]:
    ours = col(CheckLine.program_id) == check.program_id, col(CheckLine.check_id) == check.id
    return session.exec(select(CheckLine).where(*ours).order_by(col(CheckLine.position))).all()


def net(line: CheckLine) -> int:
    return line.amount - line.discount


def rest(line: CheckLine) -> int:
    """What did not go back of it."""
    return net(line) - line.refunded


def bill_of(check: Check, lines: Sequence[CheckLine], left: int | None = None) -> Bill:
    """What is ``left`` of the check, as the ledger reads it: the lines that stay, less whatever makes them that much. A typed amount is
    one line."""
    left = check.amount - check.refunded if left is None else left
    gift_card = check.gift_card * left // check.amount if check.amount else 0
    stay = [line for line in lines if rest(line) or not net(line)]
    over = sum(net(line) for line in stay) - left
    if over > sum(net(line) for line in stay if line.kind == "item"):
        # An amount went back that was more than the items: of what is left nothing earns.
        return Bill(check.id, (Line(left, kind="service", earns=False, redeemable=False),), gift_card=gift_card)
    if not stay:
        return Bill(check.id, (Line(left),) if left else (), gift_card=gift_card)
    return Bill(check.id, tuple(line_of(line) for line in stay), over, gift_card)


def line_of(line: CheckLine) -> Line:
    return Line(
        amount=line.amount, discount=line.discount, kind=cast(LineKind, line.kind), earns=line.earns, redeemable=line.redeemable,
        category=line.category, quantity=line.quantity, tax=line.tax,
    )  # fmt: skip


def add_lines(
    session: Session, program: Program, check_id: str, lines: Sequence[Ordered], *, instead: bool = False, at: datetime | None = None
) -> list[CheckLine]:
    """More was ordered; with ``instead``, this is all that stands on the check.

    Raises Conflict unless the check is open, Malformed for lines that cannot be, or too many or too dear for one check.
    """
    check = find(session, program.id, check_id)
    must_be_open(check)
    there = [] if instead else list(lines_of(session, check))
    if not lines or len(there) + len(lines) > MOST_LINES:
        raise Malformed(f"A check has from 1 to {MOST_LINES} lines.", maximum=MOST_LINES - len(there), field="lines")
    for line in lines:
        _must_be_sound(line)
    if instead:
        _clear(session, check)
    named = menu.named(session, program.id, lines)
    first = max((line.position for line in there), default=0) + 1
    added = [_row(check, position, line) for position, line in enumerate(named, first)]
    session.add_all(added)
    check.first_line_at = check.first_line_at or at or now()
    _weigh(session, program, check, [*there, *added])
    return added


def take_off(session: Session, program: Program, check_id: str, position: int) -> Check:
    """A line that was typed in error goes from an open check. Raises NotFound, Conflict."""
    check = find(session, program.id, check_id)
    must_be_open(check)
    lines = lines_of(session, check)
    gone = next((line for line in lines if line.position == position), None)
    if gone is None:
        raise NotFound("There is no such line on this check.")
    session.delete(gone)
    session.flush()
    _weigh(session, program, check, [line for line in lines if line is not gone])
    return check


def must_fit(program: Program, check: Check, lines: Sequence[CheckLine], discount: int, gift_card: int) -> int:
    """The amount that is owed. Raises Malformed for a discount above the items, or what the restaurant takes on no check."""
    items = sum(line.amount - line.discount for line in lines if line.kind == "item")
    if not 0 <= discount <= items:
        raise Malformed("The discount is more than the items on the check.", maximum=items)
    amount = sum(line.amount - line.discount for line in lines) - discount
    if amount > program.max_amount:
        raise Malformed(f"The amount is above this restaurant's limit of {program.max_amount} for one check.", maximum=program.max_amount)
    if not 0 <= gift_card <= amount:
        raise Malformed("Gift cards pay more than the check.", maximum=amount)
    return amount


def _weigh(session: Session, program: Program, check: Check, lines: Sequence[CheckLine]) -> None:
    check.amount = must_fit(program, check, lines, 0, 0)
    session.add(check)
    session.flush()


def _clear(session: Session, check: Check) -> None:
    for line in lines_of(session, check):
        session.delete(line)
    session.flush()


def _row(check: Check, position: int, line: Ordered) -> CheckLine:
    return CheckLine(
        program_id=check.program_id, check_id=check.id, position=position, sku=line.sku, name=line.name, category=line.category,
        kind=line.kind, quantity=line.quantity, amount=line.amount, discount=line.discount, tax=line.tax, earns=line.earns,
        redeemable=line.redeemable,
    )  # fmt: skip


def _must_be_sound(line: Ordered) -> None:
    """Whoever calls, a screen, an API or a file: only whole numbers that can be. Raises Malformed."""
    numbers: Iterable[object] = (line.amount, line.discount, line.tax, line.quantity)
    if any(type(number) is not int for number in numbers):
        raise Malformed("Amounts and quantities are whole numbers.")
    if not 0 <= line.discount <= line.amount <= 10**12 or not 0 <= line.tax <= line.amount:
        raise Malformed("A line's amount, discount and tax are whole minor units, discount and tax not above the amount.")
    if not 1 <= line.quantity <= MOST_QUANTITY:
        raise Malformed(f"A line's quantity is from 1 to {MOST_QUANTITY}.", maximum=MOST_QUANTITY)
    if line.kind not in LINE_KINDS:
        raise Malformed(f"A line's kind is one of {', '.join(LINE_KINDS)}.")
