"""The end of a meal: the bill is printed, the check is paid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from walletpass import cards, ledger
from walletpass.cards import Card
from walletpass.checks import habits
from walletpass.checks.lines import bill_of, lines_of, must_fit
from walletpass.checks.models import Check, CheckLine
from walletpass.checks.opening import find, must_be_open
from walletpass.checks.telling import tell
from walletpass.database import now
from walletpass.errors import Conflict, Malformed
from walletpass.events import Kind
from walletpass.ledger import Entry, EntryType, Hold, Origin
from walletpass.programs import Program


@dataclass(frozen=True)
class Payment:
    """What the till knows when money changes hands, in minor units.

    ``amount`` is for a check without lines; where there are lines it must be what they add up to. ``gift_card`` is the part that
    gift cards pay.
    """

    amount: int | None = None
    discount: int = 0
    gift_card: int = 0


def bill(session: Session, program: Program, check_id: str, at: datetime | None = None) -> Check:
    """The bill was printed: whoever is attached from now on was not asked in time. Printed again, the first time counts."""
    check = find(session, program.id, check_id)
    must_be_open(check)
    first, check.billed_at = check.billed_at is None, check.billed_at or at or now()
    session.add(check)
    session.flush()
    if first:
        tell(session, check, Kind.CHECK_BILLED, check.billed_at)
    return check


def close(
    session: Session, program: Program, check_id: str, payment: Payment, origin: Origin, *, earns: bool = True
) -> tuple[Check, Entry | None]:
    """It is paid. The attached card earns; where none is, the one whose points paid a part.

    ``earns=False`` is history: it is a visit, and no points come of it. Returns the earn; None where there is no guest, or nothing
    was owed. Raises Conflict, Malformed, and what `ledger.earn` raises.
    """
    check = find(session, program.id, check_id)
    must_be_open(check)
    lines = lines_of(session, check)
    check.amount = _owed(program, check, lines, payment)
    check.discount, check.gift_card = payment.discount, payment.gift_card
    check.state, check.closed_at, check.closed_by = "closed", origin.event_at or now(), origin.staff_id
    check.first_line_at = check.first_line_at or check.closed_at
    if not check.card_id and (found := _payer(session, program.id, check.id)):
        check.card_id, check.attached_at = found, check.closed_at
    # Between the first line and the payment the guest's card may have gone up in another one.
    if check.card_id and (card := cards.survivor(session, program.id, check.card_id)):
        check.card_id = card.id
    session.add(check)
    session.flush()
    if earns:
        tell(session, check, Kind.CHECK_CLOSED, check.closed_at, origin)
    if not check.card_id:
        _must_promise_nothing(session, check)
        return check, None
    return check, credit(session, program, check, lines, cards.get(session, program.id, check.card_id), origin, earns=earns)


def credit(
    session: Session, program: Program, check: Check, lines: Sequence[CheckLine], card: Card, origin: Origin, *, earns: bool = True
) -> Entry | None:
    """A closed check and the guest it belongs to: points and a visit. The earn happened when the check was closed."""
    entry = None
    if earns and check.amount > check.refunded:
        at = replace(origin, event_at=check.closed_at, venue_id=origin.venue_id or check.venue_id)
        entry = ledger.earn(session, program, card, bill_of(check, lines), at)
    check.state, check.ended_at = "closed", None
    session.add(check)
    session.flush()
    habits.count(session, check, lines)
    return entry


def promised(session: Session, program_id: str, check_id: str) -> Sequence[Hold]:
    """Points that are still held for a check."""
    ours = col(Hold.program_id) == program_id, col(Hold.check_id) == check_id
    return session.exec(select(Hold).where(*ours, col(Hold.state) == "open", col(Hold.expires_at) > now())).all()


def payments(session: Session, program_id: str, check_id: str) -> list[Entry]:
    """The redemptions that pay a part of a check and still stand, be it in part; the first one first."""
    ours = col(Entry.program_id) == program_id, col(Entry.check_id) == check_id
    moves = session.exec(
        select(Entry)
        .where(*ours, col(Entry.type).in_([EntryType.REDEEM, EntryType.REDEEM_REVERSAL]))
        .order_by(col(Entry.recorded_at), col(Entry.card_id), col(Entry.seq))
    ).all()
    back: dict[tuple[str, int | None], int] = {}
    for entry in moves:
        back[entry.card_id, entry.reverses] = back.get((entry.card_id, entry.reverses), 0) + entry.delta
    return [entry for entry in moves if entry.type == EntryType.REDEEM and -entry.delta > back.get((entry.card_id, entry.seq), 0)]


def _payer(session: Session, program_id: str, check_id: str) -> str:
    return next((entry.card_id for entry in payments(session, program_id, check_id)), "")


def _owed(program: Program, check: Check, lines: Sequence[CheckLine], payment: Payment) -> int:
    if lines:
        owed = must_fit(program, check, lines, payment.discount, payment.gift_card)
        if payment.amount not in (None, owed):
            raise Malformed(f"The lines of this check, less the discount, add up to {owed}.", amount=owed)
        return owed
    if payment.amount is None:
        raise Conflict("There is nothing on this check. Add what was ordered, or void it.")
    if payment.discount:
        raise Malformed("A discount goes with lines. Give the amount that is left to pay.")
    if not 1 <= payment.amount <= program.max_amount:
        raise Malformed(f"An amount is from 1 to {program.max_amount}.", maximum=program.max_amount)
    if not 0 <= payment.gift_card <= payment.amount:
        raise Malformed("Gift cards pay more than the check.", maximum=payment.amount)
    return payment.amount


def _must_promise_nothing(session: Session, check: Check) -> None:
    """As the ledger says where there is a guest."""
    if promised(session, check.program_id, check.id):
        raise Conflict("Points are still held for this check. Take them, or let them go, before it is closed.")
