"""Money goes back for a check, all of it or a part: points follow in proportion, both those it earned and those that paid."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from walletpass.errors import Malformed, NotFound
from walletpass.ledger import accounts, bonuses, due, merging
from walletpass.ledger.bill import Bill
from walletpass.ledger.entries import Origin, entry
from walletpass.ledger.models import Bonus, EarnedCheck, Entry, Payment
from walletpass.ledger.reversing import expired_of, reverse_earn, reverse_redeem, taken_back
from walletpass.ledger.worth import earning_base, points_for, step
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
    payments = _payments(session, program.id, check_id)
    before = _money(standing, payments)
    standing.refunded += amount
    money = _money(standing, payments)
    back = _give_back(session, program, payments, standing.refunded - money, origin)
    taken = [*_take(session, program, standing, payments, remaining, origin), *take_bonuses(session, program, standing, left, origin)]
    if left:
        session.add(standing)
    else:
        session.delete(standing)
    session.flush()
    entries = (*back, *taken)
    merging.follow(session, program, {one.card_id for one in entries}, origin)
    return Refund(entries, sum(one.delta for one in back), -sum(one.delta for one in taken), money - before)


def take_bonuses(session: Session, program: Program, standing: EarnedCheck, left: int, origin: Origin) -> list[Entry]:
    """What came with the check goes with it: all when nothing is left; thanks for a friend when too little is."""
    enough = standing.spend * left // standing.amount >= program.referral_minimum
    lost = [one for one in bonuses.of_check(session, program.id, standing.check_id) if not left or (one.kind != "birthday" and not enough)]
    return [_take_bonus(session, program, one, origin) for one in lost]


def _take_bonus(session: Session, program: Program, given: Bonus, origin: Origin) -> Entry:
    credited = entry(session, program.id, f"{given.card_id}-{given.seq}")
    over = credited.delta - expired_of(session, credited) - (taken_back(session, credited) or 0)
    session.delete(given)
    account = merging.brought_back(session, program, given.card_id, max(0, over), origin)
    return reverse_earn(session, program, account, credited, max(0, over), origin)


def _payments(session: Session, program_id: str, check_id: str) -> Sequence[Payment]:
    """The first redemption first, on whichever card it was."""
    found = (
        select(Payment)
        .join(
            Entry,
            (col(Entry.program_id) == col(Payment.program_id))
            & (col(Entry.card_id) == col(Payment.card_id))
            & (col(Entry.seq) == col(Payment.seq)),
        )
        .where(col(Payment.program_id) == program_id, col(Payment.check_id) == check_id)
        .order_by(col(Entry.recorded_at), col(Entry.card_id), col(Entry.seq))
        .execution_options(populate_existing=True)
    )
    return session.exec(found).all()


def _money(standing: EarnedCheck, payments: Sequence[Payment]) -> int:
    """Of all that was refunded so far, what goes back as money: the share in which money paid the check."""
    in_points = sum(one.worth for one in payments)
    return standing.refunded * max(0, standing.amount - in_points) // standing.amount


def _give_back(session: Session, program: Program, payments: Sequence[Payment], worth: int, origin: Origin) -> list[Entry]:
    """Until points for so much ``worth`` have come back in all; the first redemption first."""
    total = sum(one.worth for one in payments)
    points = sum(one.points for one in payments) * worth // total if total else 0
    owed = points // step(program) * step(program) - sum(one.returned for one in payments)
    written = []
    for one in payments:
        part = min(owed, one.points - one.returned)
        if part > 0:
            owed -= part
            one.returned += part
            session.add(one)
            paid = entry(session, program.id, f"{one.card_id}-{one.seq}")
            account = due.locked(session, program.id, one.card_id)
            written.append(reverse_redeem(session, program, account, paid, part, origin))
    return written


def _take(
    session: Session, program: Program, standing: EarnedCheck, payments: Sequence[Payment], remaining: Bill | None, origin: Origin
) -> list[Entry]:
    """What was earned more than what is left of the check earns."""
    earned = entry(session, program.id, f"{standing.card_id}-{standing.seq}")
    left = standing.amount - standing.refunded
    earning = earning_base(program, remaining.under(program)) if remaining else standing.earning * left // standing.amount
    off_base = sum(one.off_base * (one.points - one.returned) // one.points for one in payments)
    stays = points_for(max(0, earning - off_base), standing.rate_bps) if left else 0
    over = earned.delta - stays - expired_of(session, earned) - (taken_back(session, earned) or 0) - standing.forgiven
    if over <= 0:
        return []
    account = merging.brought_back(session, program, standing.card_id, over, origin)
    reversal = reverse_earn(session, program, account, earned, over, origin)
    standing.forgiven += over + reversal.delta
    return [reversal]
