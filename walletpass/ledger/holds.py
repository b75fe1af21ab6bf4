"""Points promised to a check that is still open: locked at the quote, spent at the payment."""

from datetime import timedelta

from sqlmodel import Session

from walletpass.cards import Card
from walletpass.database import now
from walletpass.errors import Conflict, Gone, InsufficientBalance, Malformed, NotFound
from walletpass.ledger import accounts, due
from walletpass.ledger.bill import Bill
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import Account, Entry, EntryType, Hold
from walletpass.ledger.redeem import may_pay, within_cap
from walletpass.programs import Program

LASTS = timedelta(minutes=15)


def hold(session: Session, program: Program, card: Card, bill: Bill, points: int, origin: Origin) -> Hold:
    """Promise points to a check, for `LASTS`. Raises as `redeem` does, and then nothing is promised."""
    account = may_pay(session, program, card, bill, points)
    entry = write(session, account, EntryType.HOLD, 0, origin, check_id=bill.check_id, base=bill.redeemable_base)
    left = points
    for lot in accounts.open_lots(session, account):
        if part := min(left, lot.remaining - lot.held):
            lot.held += part
            left -= part
            session.add_all([lot, accounts.allocated(entry, lot, part)])
    if left:
        raise InsufficientBalance("Some of these points have expired.", available=account.available)
    account.available -= points
    account.held += points
    made = Hold(
        program_id=program.id, card_id=card.id, entry_seq=entry.seq, check_id=bill.check_id, points=points, expires_at=now() + LASTS
    )
    session.add_all([account, made])
    session.flush()
    return made


def capture(session: Session, program: Program, hold_id: str, bill: Bill, points: int, origin: Origin) -> Entry:
    """Spend ``points`` of a hold, all or a part; the rest is free again. ``bill`` is the check as it is paid.

    Raises Gone for a hold that has ended, AboveCap when the check has become too small for it, Malformed, NotFound.
    """
    bill.check(program.max_amount)
    account, found = _open(session, program, hold_id)
    if bill.check_id != found.check_id:
        raise Malformed("These points are held for another check.")
    if not 1 <= points <= found.points:
        raise Malformed(f"Of this hold, from 1 to {found.points} points can be paid.", maximum=found.points)
    within_cap(session, program, bill, points, but=found.id)
    entry = write(session, account, EntryType.REDEEM, -points, origin, check_id=found.check_id, base=bill.redeemable_base)
    due.end(session, account, found, "captured", spent=points, by=entry)
    return entry


def release(session: Session, program: Program, hold_id: str, origin: Origin) -> Entry:
    """Give the points of a hold back. Raises Gone for one that has ended, NotFound."""
    account, found = _open(session, program, hold_id)
    entry = write(session, account, EntryType.HOLD_RELEASE, 0, origin, check_id=found.check_id)
    due.end(session, account, found, "released")
    return entry


def _open(session: Session, program: Program, hold_id: str) -> tuple[Account, Hold]:
    known = session.get(Hold, (program.id, hold_id))
    if known is None:
        raise NotFound("This hold is not known here.")
    accounts.lock_check(session, program.id, known.check_id)
    account = due.locked(session, program.id, known.card_id)
    session.refresh(known)
    if known.state == "captured":
        raise Conflict("The points of this hold were paid already.")
    if known.state != "open":
        raise Gone("This hold has ended and its points are free again. Ask for a new one.")
    return account, known
