"""Taking an entry back by writing its opposite."""

from datetime import timedelta

from sqlmodel import Session, col, select

from walletpass.database import now
from walletpass.errors import AlreadyReversed, Conflict
from walletpass.ledger import accounts
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
    account = accounts.lock(session, program.id, entry.card_id)
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
    short = earned.delta - account.available
    if short > 0 and account.debt + short > program.debt_limit:
        raise Conflict("These points were spent already, and the card's debt would be above this restaurant's limit.")
    entry = write(
        session, account, EntryType.EARN_REVERSAL, -earned.delta, origin, check_id=earned.check_id, base=earned.base, reverses=earned.seq
    )
    account.debt += accounts.debit(session, account, entry, earned.delta, _own_lot_first(session, account, earned))
    standing = session.get(EarnedCheck, (program.id, earned.check_id))
    if standing is not None:
        session.delete(standing)
    session.add(account)
    session.flush()
    return entry


def _own_lot_first(session: Session, account: Account, earned: Entry) -> list[Lot]:
    """The earn's own lot may have expired: what is left in it was given for this check, and goes with it."""
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
    for allocation, lot in _paid_by(session, redeemed):
        settled = min(debt, allocation.amount)
        debt -= settled
        back = allocation.amount - settled
        if lot.expires_at is not None and lot.expires_at <= now():
            expired, ended = expired + back, lot.seq
        elif back:
            lot.remaining += back
            account.available += back
            session.add_all([lot, _allocated(entry, lot, back)])
    session.add(account)
    session.flush()
    if expired:
        accounts.credit(session, account, entry, expired, expires_at=now() + GRACE, from_lot=ended)
    return entry


def _paid_by(session: Session, redeemed: Entry) -> list[tuple[Allocation, Lot]]:
    rows = session.exec(
        select(Allocation, Lot)
        .where(
            col(Allocation.program_id) == redeemed.program_id,
            col(Allocation.card_id) == redeemed.card_id,
            col(Allocation.entry_seq) == redeemed.seq,
            col(Lot.program_id) == col(Allocation.program_id),
            col(Lot.card_id) == col(Allocation.card_id),
            col(Lot.seq) == col(Allocation.lot_seq),
        )
        .order_by(col(Lot.seq))
        .execution_options(populate_existing=True)
    ).all()
    return [(allocation, lot) for allocation, lot in rows]


def _allocated(entry: Entry, lot: Lot, amount: int) -> Allocation:
    return Allocation(program_id=entry.program_id, card_id=entry.card_id, entry_seq=entry.seq, lot_seq=lot.seq, amount=amount)
