from sqlmodel import Session

from walletpass.cards import Card
from walletpass.errors import AboveCap, AlreadyEarned, InsufficientBalance, Malformed
from walletpass.ledger import accounts, due, expiry, velocity
from walletpass.ledger.bill import Bill
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import Account, EarnedCheck, Entry, EntryType, Payment
from walletpass.ledger.paying import standing
from walletpass.ledger.worth import Paid, most, price, step
from walletpass.programs import Program


def redeem(session: Session, program: Program, card: Card, bill: Bill, points: int, origin: Origin) -> Entry:
    """Pay a part of a check with points, soonest-expiring first.

    Raises InsufficientBalance, AboveCap (with ``maximum``), AlreadyEarned when the check was closed before, Malformed, TooOften.
    """
    account, pays = may_pay(session, program, card, bill, points, origin)
    entry = write(session, account, EntryType.REDEEM, -points, origin, check_id=bill.check_id, base=bill.redeemable_base)
    if accounts.debit(session, account, entry, points, accounts.open_lots(session, account)):
        raise InsufficientBalance("Some of these points have expired.", available=account.available)
    record(session, entry, pays)
    expiry.live_on(session, program, account, entry.event_at)
    return entry


def record(session: Session, entry: Entry, pays: Paid) -> None:
    session.add(
        Payment(
            program_id=entry.program_id,
            card_id=entry.card_id,
            seq=entry.seq,
            check_id=entry.check_id,
            points=pays.points,
            worth=pays.worth,
            off_base=pays.off_base,
        )
    )
    session.flush()


def may_pay(session: Session, program: Program, card: Card, bill: Bill, points: int, origin: Origin) -> tuple[Account, Paid]:
    """The card's account, locked, where these points may be paid for this bill, and what they pay. Raises as `redeem` does."""
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
    velocity.may_redeem(session, program, card.id, origin)
    return account, within_cap(session, program, bill, points)


def within_cap(session: Session, program: Program, bill: Bill, points: int, *, but: str = "") -> Paid:
    """What the points pay. Raises AboveCap, with ``maximum``, where the check cannot take so many; the hold ``but`` is not counted."""
    counted, before = bill.under(program), standing(session, program.id, bill.check_id, but).taken
    maximum = most(program, counted, before)
    if points > maximum:
        raise AboveCap(f"Points may pay {maximum} points of this check at most.", maximum=maximum)
    if points % step(program):
        raise Malformed(f"A full card of {step(program)} stamps pays one item.", minimum=step(program))
    return price(program, counted, points, before)


def must_be_there(session: Session, program: Program, card: Card, bill: Bill, points: int) -> None:
    """As `redeem` raises for points that are not there, or are more than the check takes; nothing is locked or written. For whoever
    has to ask something of the guest first."""
    bill.check(program.max_amount)
    available = accounts.balance(session, program.id, card.id).points
    if points > available:
        raise InsufficientBalance(f"There are {available} points on this card.", available=available)
    within_cap(session, program, bill, points)


def most_redeemable(session: Session, program: Program, bill: Bill) -> int:
    """How many more points this check can take: the cap, the money that must remain, what points paid or promise already."""
    return most(program, bill.under(program), standing(session, program.id, bill.check_id).taken)
