"""Money goes back for a check, all of it or a part: points follow in proportion, both those it earned and those that paid."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from walletpass.errors import Malformed, NotFound
from walletpass.ledger import accounts, due
from walletpass.ledger.bill import Bill
from walletpass.ledger.entries import Origin, entry
from walletpass.ledger.models import EarnedCheck, Entry, EntryType
from walletpass.ledger.reversing import expired_of, reverse_earn, reverse_redeem, taken_back
from walletpass.programs import Program


@dataclass(frozen=True)
class Refund:
    """``entries`` were written, on whatever cards; ``money`` (minor units) is to be paid back, the rest came back as points."""

    entries: tuple[Entry, ...]
    points_back: int
    points_taken: int
    money: int


def refund(session: Session, program: Program, check_id: str, amount: int, origin: Origin, *, remaining: Bill | None = None) -> Refund:
    """Take ``amount`` (minor units) of a closed check back. ``remaining`` are the lines that stay, where they are known.

    Points come back, and earned points go, in proportion to all that was refunded so far, floored: so that parts add up to
    the whole. The rate is that of the check. Raises NotFound for a check that has not been closed, Malformed for more than is
    left of it, Conflict where the debt would be too high.
    """
    accounts.lock_check(session, program.id, check_id)
    standing = session.get(EarnedCheck, (program.id, check_id), with_for_update=True, populate_existing=True)
    if standing is None:
        raise NotFound("No closed check is known by this id, or all of it was refunded.")
    left = standing.amount - standing.refunded - amount
    if amount < 1 or left < 0:
        most = standing.amount - standing.refunded
        raise Malformed(f"From 1 to {most} can be refunded of this check.", maximum=most)
    if remaining is not None and (remaining.check_id, remaining.amount) != (check_id, left):
        raise Malformed(f"The lines that stay must add up to {left}.")
    paid = _redemptions(session, program, check_id)
    before = _money(program, standing, paid)
    standing.refunded += amount
    money = _money(program, standing, paid)
    back = _give_back(session, paid, (standing.refunded - money) // program.point_value, origin)
    taken = _take(session, program, standing, remaining, origin)
    if left:
        session.add(standing)
    else:
        session.delete(standing)
    session.flush()
    return Refund((*back, *taken), sum(one.delta for one in back), -sum(one.delta for one in taken), money - before)


def _money(program: Program, standing: EarnedCheck, paid: list[Entry]) -> int:
    """Of all that was refunded so far, what goes back as money: the share in which money paid the check."""
    in_points = -sum(one.delta for one in paid) * program.point_value
    return standing.refunded * max(0, standing.amount - in_points) // standing.amount


def _give_back(session: Session, paid: list[Entry], points: int, origin: Origin) -> list[Entry]:
    """Until ``points`` of those that paid have come back; the first redemption first, on whichever card it was."""
    returned = {one.id: taken_back(session, one) or 0 for one in paid}
    owed = points - sum(returned.values())
    written = []
    for one in paid:
        part = min(owed, -one.delta - returned[one.id])
        if part > 0:
            owed -= part
            written.append(reverse_redeem(session, due.locked(session, one.program_id, one.card_id), one, part, origin))
    return written


def _take(session: Session, program: Program, standing: EarnedCheck, remaining: Bill | None, origin: Origin) -> list[Entry]:
    """What was earned more than what is left of the check earns."""
    earned = entry(session, program.id, f"{standing.card_id}-{standing.seq}")
    left = standing.amount - standing.refunded
    earning = remaining.earning_base if remaining else standing.earning * left // standing.amount
    paid = sum(-one.delta - (taken_back(session, one) or 0) for one in _redemptions(session, program, standing.check_id))
    stays = max(0, earning - paid * program.point_value) * standing.rate_bps // 10_000 if left else 0
    account = due.locked(session, program.id, standing.card_id)
    over = earned.delta - stays - expired_of(session, earned) - (taken_back(session, earned) or 0)
    return [reverse_earn(session, program, account, earned, over, origin)] if over > 0 else []


def _redemptions(session: Session, program: Program, check_id: str) -> list[Entry]:
    found = select(Entry).where(col(Entry.program_id) == program.id, col(Entry.check_id) == check_id, col(Entry.type) == EntryType.REDEEM)
    return list(session.exec(found.order_by(col(Entry.recorded_at), col(Entry.card_id), col(Entry.seq))).all())
