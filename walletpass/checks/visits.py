"""Checks that the till never opened here: it sends the amount when it is paid."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from walletpass.cards import Card
from walletpass.checks import habits, menu
from walletpass.checks.lines import Ordered, lines_of
from walletpass.checks.models import Check, CheckLine
from walletpass.checks.opening import ENDED, find
from walletpass.checks.telling import tell
from walletpass.database import insert_first, now
from walletpass.errors import Conflict, NotFound
from walletpass.events import Kind
from walletpass.ledger import Bill, Line


def record(
    session: Session,
    card: Card,
    check_id: str,
    amount: int,
    venue_id: str,
    at: datetime,
    *,
    bill: Bill | None = None,
    ordered: Sequence[Ordered] = (),
    waiter: str = "",
) -> Check:
    """A check was closed, and its earn stands; one that was open is closed by this. Recorded again after it was taken back, it
    counts again. ``bill`` are its lines, where the till gave any, and ``ordered`` says what each of them was. Raises Conflict for a
    check that was voided.
    """
    told = Check(
        program_id=card.program_id, id=check_id, card_id=card.id, venue_id=venue_id, waiter=waiter, state="closed", amount=amount,
        opened_at=at, first_line_at=at, attached_at=at, closed_at=at,
    )  # fmt: skip
    if not insert_first(session, told):
        return _again(session, told, at, bill, ordered)
    # Nobody had heard of it, so nothing is looked for that could be on it.
    tell(session, told, Kind.CHECK_CLOSED, at)
    habits.count(session, told, _lines(session, told, (), bill, ordered))
    return told


def _again(session: Session, told: Check, at: datetime, bill: Bill | None, ordered: Sequence[Ordered]) -> Check:
    """A check that was known before is closed, or closed anew, as it is told."""
    check = find(session, told.program_id, told.id)
    if check.state in ("voided", "refunded"):
        raise Conflict(ENDED[check.state], state=check.state)
    if check.refunded:
        raise Conflict("A part of this check was refunded. Attach its guest to it, and what is left earns.", state=check.state)
    before = check.card_id if check.state == "closed" else ""
    if check.card_id != told.card_id:
        check.card_id, check.attached_at = told.card_id, at
    check.amount, check.refunded, check.closed_at, check.state, check.ended_at = told.amount, 0, at, "closed", None
    check.venue_id, check.waiter = check.venue_id or told.venue_id, check.waiter or told.waiter
    check.first_line_at = check.first_line_at or at
    session.add(check)
    session.flush()
    tell(session, check, Kind.CHECK_CLOSED, at)
    lines = _lines(session, check, lines_of(session, check), bill, ordered)
    if before:
        for card_id in {habits.speaker(session, check.program_id, one) for one in (before, told.card_id)}:
            habits.retell(session, check.program_id, card_id)
    else:
        habits.count(session, check, lines)
    return check


def take_back(session: Session, program_id: str, check_id: str) -> None:
    """The check's earn was undone: it is no visit any more."""
    try:
        check = find(session, program_id, check_id)
    except NotFound:
        return
    counted = check.state == "closed" and check.card_id
    if check.state in ("closed", "refunded"):
        check.state, check.ended_at = "taken_back", now()
        session.add(check)
        session.flush()
        tell(session, check, Kind.CHECK_VOIDED, check.ended_at)
    if counted:
        habits.retell(session, program_id, habits.speaker(session, program_id, check.card_id))


def move(session: Session, program_id: str, check_id: str, card: Card) -> None:
    """The check's earn was moved to another guest: so is the visit. Raises NotFound, Conflict unless it is closed."""
    check = find(session, program_id, check_id)
    if check.state != "closed" or not check.card_id:
        raise Conflict("Only a closed check of a guest can go to another one.", state=check.state)
    before, check.card_id = check.card_id, card.id
    session.add(check)
    session.flush()
    for card_id in {habits.speaker(session, program_id, one) for one in (before, card.id)}:
        habits.retell(session, program_id, card_id)


def _lines(
    session: Session, check: Check, stood: Sequence[CheckLine], bill: Bill | None, ordered: Sequence[Ordered]
) -> Sequence[CheckLine]:
    """The check's lines: those that stood on it, or the bill's. Where more was paid than they say, one line more makes them agree."""
    lines = list(stood)
    for line in lines:
        line.refunded = 0
    if not lines and bill is not None:
        lines = [_line(check, position, one.amount, one) for position, one in enumerate(bill.lines, 1)]
        for line, dish in zip(lines, menu.named(session, check.program_id, ordered, new=False), strict=False):
            line.sku, line.name = dish.sku, dish.name
        check.discount, check.gift_card = bill.discount, bill.gift_card
    said = sum(line.amount - line.discount for line in lines)
    if lines and said < check.amount:
        lines.append(_line(check, max(line.position for line in lines) + 1, check.amount - said))
    session.add_all([check, *lines])
    session.flush()
    return lines


def _line(check: Check, position: int, amount: int, line: Line | None = None) -> CheckLine:
    given = line or Line(amount)
    return CheckLine(
        program_id=check.program_id, check_id=check.id, position=position, category=given.category, kind=given.kind,
        quantity=given.quantity, amount=amount, discount=given.discount, tax=given.tax, earns=given.earns, redeemable=given.redeemable,
    )  # fmt: skip
