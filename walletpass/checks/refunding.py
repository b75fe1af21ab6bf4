"""Money goes back: for a dish that was sent back, for a part, for all of it; or the check never was."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from walletpass import ledger
from walletpass.checks import habits
from walletpass.checks.closing import payments, promised
from walletpass.checks.lines import bill_of, lines_of, net, rest
from walletpass.checks.models import Check, CheckLine
from walletpass.checks.opening import find, must_be_closed
from walletpass.checks.telling import tell
from walletpass.database import now
from walletpass.errors import AlreadyReversed, Conflict, Malformed, NotFound
from walletpass.events import Kind
from walletpass.ledger import EarnedCheck, Entry, Origin, Refund
from walletpass.programs import Program

NOTHING = Refund((), 0, 0, 0)


@dataclass(frozen=True)
class Returned:
    """``amount`` (minor units) was taken back: ``money`` is to be paid out, the rest came back as points."""

    check: Check
    amount: int
    money: int
    points_back: int = 0
    points_taken: int = 0
    entries: tuple[Entry, ...] = ()


def refund(
    session: Session,
    program: Program,
    check_id: str,
    origin: Origin,
    *,
    positions: Collection[int] = (),
    amount: int | None = None,
) -> Returned:
    """Take back lines by their ``positions``, or an ``amount`` of a closed check, or with neither all that is left of it.

    A line goes back for what was paid for it: less its own discount and its share of the check's. An amount that names no line is
    taken off the items. Points follow by the rate of that day. Raises Conflict, AlreadyReversed for what went back before,
    NotFound for a line that is not there, Malformed for more than is left.
    """
    check = find(session, program.id, check_id)
    must_be_closed(check)
    lines, left = lines_of(session, check), check.amount - check.refunded
    gone = _gone(lines, positions)
    if gone and amount is not None:
        raise Malformed("Give lines or an amount, not both.")
    back = left - _worth_after(check, lines, gone) if gone else left if amount is None else amount
    if type(back) is not int or not 1 <= back <= left:
        raise Malformed("Nothing was paid for this." if gone else f"From 1 to {left} can be refunded of this check.", maximum=left)
    told = _points(session, program, check, lines, gone, back, origin)
    _mark(session, check, lines if back == left else gone, back, origin)
    if check.card_id:
        habits.retell(session, program.id, habits.speaker(session, program.id, check.card_id))
    return Returned(check, back, told.money if told is not NOTHING else back, told.points_back, told.points_taken, told.entries)


def refunded(session: Session, program_id: str, check_id: str, amount: int, origin: Origin) -> None:
    """So much of a check went back, and its points are booked: the visit is worth less, or was none. Nothing for a check not known here."""
    try:
        check = find(session, program_id, check_id)
    except NotFound:
        return
    back = min(amount, check.amount - check.refunded)
    _mark(session, check, lines_of(session, check) if back == check.amount - check.refunded else (), back, origin)
    if check.card_id:
        habits.retell(session, program_id, habits.speaker(session, program_id, check.card_id))


def void(session: Session, program: Program, check_id: str, origin: Origin) -> Returned:
    """The check never was. Of an open one promised points are let go and paid ones come back; a closed one is refunded whole.

    Raises Conflict for a check that has ended.
    """
    check = find(session, program.id, check_id)
    if check.state == "closed":
        if check.amount > check.refunded:
            return refund(session, program, check_id, origin)
        _mark(session, check, (), 0, origin)
        if check.card_id:
            habits.retell(session, program.id, habits.speaker(session, program.id, check.card_id))
        return Returned(check, 0, 0)
    if check.state != "open":
        must_be_closed(check)
    released = [ledger.release(session, program, hold.id, origin) for hold in promised(session, program.id, check.id)]
    undone = [ledger.undo(session, program, entry, origin) for entry in payments(session, program.id, check.id)]
    _end(check, "voided", origin)
    session.add(check)
    session.flush()
    tell(session, check, Kind.CHECK_VOIDED, check.ended_at, origin)
    return Returned(check, 0, 0, sum(entry.delta for entry in undone), 0, (*released, *undone))


def _gone(lines: Sequence[CheckLine], positions: Collection[int]) -> list[CheckLine]:
    found = [line for line in lines if line.position in positions]
    if len(found) < len(set(positions)):
        raise NotFound("There is no such line on this check.")
    if any(net(line) and not rest(line) for line in found):
        raise AlreadyReversed("This line was refunded already.")
    return found


def _worth(check: Check, lines: Sequence[CheckLine], stay: Sequence[CheckLine]) -> int:
    """What was owed for the lines that stay: less the part of the discount that falls on them, rounded in the guest's favour."""
    items = sum(net(line) for line in lines if line.kind == "item")
    theirs = sum(rest(line) for line in stay if line.kind == "item")
    return sum(rest(line) for line in stay) - (-(-check.discount * theirs // items) if items else 0)


def _worth_after(check: Check, lines: Sequence[CheckLine], gone: Sequence[CheckLine]) -> int:
    """What is left of the amount without these lines. What went back without naming a line is not paid out again."""
    stay = [line for line in lines if line not in gone]
    return max(0, check.amount - check.refunded - (_worth(check, lines, lines) - _worth(check, lines, stay)))


def _points(
    session: Session, program: Program, check: Check, lines: Sequence[CheckLine], gone: Sequence[CheckLine], back: int, origin: Origin
) -> Refund:
    """The points of what goes back; none where the check earned none."""
    standing = session.get(EarnedCheck, (program.id, check.id), populate_existing=True) if check.card_id else None
    if standing is None:
        if payments(session, program.id, check.id):
            raise Conflict("Points paid a part of this check, but it never earned. Undo that payment first.")
        return NOTHING
    left, stay = check.amount - check.refunded - back, [line for line in lines if line not in gone]
    return ledger.refund(session, program, check.id, back, origin, remaining=bill_of(check, stay, left) if lines else None)


def _mark(session: Session, check: Check, gone: Sequence[CheckLine], back: int, origin: Origin) -> None:
    for line in gone:
        line.refunded = net(line)
        session.add(line)
    check.refunded += back
    check.reason = origin.reason
    if check.refunded == check.amount:
        _end(check, "refunded", origin)
    session.add(check)
    session.flush()
    tell(session, check, Kind.CHECK_REFUNDED, origin.moment, origin, refunded=back)


def _end(check: Check, state: str, origin: Origin) -> None:
    check.state, check.ended_at, check.ended_by, check.reason = state, now(), origin.staff_id, origin.reason
