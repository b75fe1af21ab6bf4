from sqlalchemy import func
from sqlmodel import Session, col, select

from walletpass.cards import Card
from walletpass.database import now
from walletpass.errors import AboveCap, AlreadyEarned, InsufficientBalance, Malformed
from walletpass.ledger import accounts, due
from walletpass.ledger.bill import Bill
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import Account, EarnedCheck, Entry, EntryType, Hold
from walletpass.programs import Program


def redeem(session: Session, program: Program, card: Card, bill: Bill, points: int, origin: Origin) -> Entry:
    """Pay a part of a check with points, soonest-expiring first.

    Raises InsufficientBalance, AboveCap (with ``maximum``), AlreadyEarned when the check was closed before, Malformed.
    """
    account = may_pay(session, program, card, bill, points)
    entry = write(session, account, EntryType.REDEEM, -points, origin, check_id=bill.check_id, base=bill.redeemable_base)
    if accounts.debit(session, account, entry, points, accounts.open_lots(session, account)):
        raise InsufficientBalance("Some of these points have expired.", available=account.available)
    return entry


def may_pay(session: Session, program: Program, card: Card, bill: Bill, points: int) -> Account:
    """The card's account, locked, where these points may be paid for this bill. Raises as `redeem` does."""
    bill.check(program.max_amount)
    if points < 1:
        raise Malformed("Points must be a whole number above zero.")
    accounts.lock_check(session, program.id, bill.check_id)
    account = due.locked(session, program.id, card.id)
    if session.get(EarnedCheck, (program.id, bill.check_id)) is not None:
        raise AlreadyEarned("This check has earned its points already. Undo that first, then pay with points.")
    if points > account.available:
        raise InsufficientBalance(f"There are {account.available} points on this card.", available=account.available)
    if points < program.minimum_points:
        raise Malformed(f"At least {program.minimum_points} points are paid at once.", minimum=program.minimum_points)
    within_cap(session, program, bill, points)
    return account


def within_cap(session: Session, program: Program, bill: Bill, points: int, *, but: str = "") -> None:
    """Raises AboveCap, with ``maximum``, where the check cannot take so many; the hold ``but`` is not counted."""
    most = most_redeemable(session, program, bill, but=but)
    if points > most:
        raise AboveCap(f"Points may pay {most} points of this check at most.", maximum=most)


def most_redeemable(session: Session, program: Program, bill: Bill, *, but: str = "") -> int:
    """How many more points this check can take: the cap, the money that must remain, what points paid or promise already."""
    base = bill.redeemable_base
    worth = min(base * program.cap_percent // 100, base - program.minimum_money)
    taken = paid_with_points(session, program, bill.check_id) + promised(session, program, bill.check_id, but) * program.point_value
    return max(0, (worth - taken) // program.point_value)


def promised(session: Session, program: Program, check_id: str, but: str = "") -> int:
    """Points that open holds keep for this check, whatever card they are on."""
    total = select(func.coalesce(func.sum(col(Hold.points)), 0)).where(
        col(Hold.program_id) == program.id,
        col(Hold.check_id) == check_id,
        col(Hold.state) == "open",
        col(Hold.expires_at) > now(),
        col(Hold.id) != but,
    )
    return int(session.exec(total).one())


def paid_with_points(session: Session, program: Program, check_id: str) -> int:
    """Minor units of this check that points have paid, undone redemptions left out."""
    net = select(func.coalesce(func.sum(col(Entry.delta)), 0)).where(
        col(Entry.program_id) == program.id,
        col(Entry.check_id) == check_id,
        col(Entry.type).in_([EntryType.REDEEM, EntryType.REDEEM_REVERSAL]),
    )
    return -int(session.exec(net).one()) * program.point_value
