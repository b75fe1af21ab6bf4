"""Taking an entry back by writing its opposite."""

from datetime import timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from walletpass.database import now
from walletpass.errors import AlreadyReversed, Conflict
from walletpass.ledger import accounts, due
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import Account, Allocation, EarnedCheck, Entry, EntryType, Lot
from walletpass.programs import Program

# Points that come back after their lot has expired live this long.
GRACE = timedelta(days=14)
REVERSAL = {EntryType.EARN: EntryType.EARN_REVERSAL, EntryType.REDEEM: EntryType.REDEEM_REVERSAL}


def undo(session: Session, program: Program, entry: Entry, origin: Origin) -> Entry:
    """Reverse an earn or a redemption, whole.

    An undone redemption returns to the lots it came from. An undone earn takes its own lot first, then others; what was
    spent already becomes debt up to the program's limit. Raises AlreadyReversed, or Conflict for what cannot be undone.
    """
    account = due.locked(session, program.id, entry.card_id)
    if entry.type not in REVERSAL:
        raise Conflict("Only points earned or paid can be undone.")
    if reversal_of(session, entry) is not None:
        raise AlreadyReversed("This was undone already.")
    if entry.type == EntryType.EARN:
        return _undo_earn(session, program, account, entry, origin)
    return _undo_redeem(session, account, entry, origin)


def reversal_of(session: Session, entry: Entry) -> Entry | None:
    return session.exec(
        select(Entry).where(
            col(Entry.program_id) == entry.program_id, col(Entry.card_id) == entry.card_id, col(Entry.reverses) == entry.seq
        )
    ).first()


def _undo_earn(session: Session, program: Program, account: Account, earned: Entry, origin: Origin) -> Entry:
    points = earned.delta - _expired(session, earned)
    lots = _own_lot_first(session, account, earned)
    short = points - sum(lot.remaining - lot.held for lot in lots)
    if short > 0 and account.debt + short > program.debt_limit:
        raise Conflict("These points were spent already, and the card's debt would be above this restaurant's limit.")
    entry = write(
        session, account, EntryType.EARN_REVERSAL, -points, origin, check_id=earned.check_id, base=earned.base, reverses=earned.seq
    )
    account.debt += accounts.debit(session, account, entry, points, lots)
    standing = session.get(EarnedCheck, (program.id, earned.check_id))
    if standing is not None:
        session.delete(standing)
    session.add(account)
    session.flush()
    return entry


def _expired(session: Session, earned: Entry) -> int:
    """What the guest has lost of these points already, by waiting."""
    gone = select(func.coalesce(func.sum(col(Allocation.amount)), 0)).where(
        col(Allocation.program_id) == earned.program_id,
        col(Allocation.card_id) == earned.card_id,
        col(Allocation.lot_seq) == earned.seq,
        col(Entry.program_id) == col(Allocation.program_id),
        col(Entry.card_id) == col(Allocation.card_id),
        col(Entry.seq) == col(Allocation.entry_seq),
        col(Entry.type) == EntryType.EXPIRE,
    )
    return int(session.exec(gone).one())


def _own_lot_first(session: Session, account: Account, earned: Entry) -> list[Lot]:
    """What is left of it was given for this check, also where it still waits."""
    own = session.get(Lot, (account.program_id, account.card_id, earned.seq), populate_existing=True)
    others = [lot for lot in accounts.open_lots(session, account) if lot.seq != earned.seq]
    return [own, *others] if own else others


def _undo_redeem(session: Session, account: Account, redeemed: Entry, origin: Origin) -> Entry:
    points = -redeemed.delta
    entry = write(
        session, account, EntryType.REDEEM_REVERSAL, points, origin,
        check_id=redeemed.check_id, base=redeemed.base, reverses=redeemed.seq,
    )  # fmt: skip
    debt = min(points, account.debt)
    account.debt -= debt
    expired, ended = 0, None
    for allocation, lot in due.allocations(session, redeemed.program_id, redeemed.card_id, redeemed.seq):
        settled = min(debt, allocation.amount)
        debt -= settled
        back = allocation.amount - settled
        if lot.expires_at is not None and lot.expires_at <= now():
            expired, ended = expired + back, lot.seq
        elif back:
            lot.remaining += back
            account.available += back
            session.add_all([lot, accounts.allocated(entry, lot, back)])
    session.add(account)
    session.flush()
    if expired:
        accounts.credit(session, account, entry, expired, expires_at=now() + GRACE, from_lot=ended)
    return entry
