"""Taking an entry back, whole or in parts, by writing its opposite. Parts add up to the whole, to the point."""

from datetime import timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from walletpass.database import now
from walletpass.errors import Conflict
from walletpass.ledger import accounts, due
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import Account, Allocation, Entry, EntryType, Lot
from walletpass.programs import Program

# Points that come back after their lot has expired live this long.
GRACE = timedelta(days=14)
REVERSAL = {EntryType.EARN: EntryType.EARN_REVERSAL, EntryType.REDEEM: EntryType.REDEEM_REVERSAL}


def taken_back(session: Session, entry: Entry) -> int | None:
    """How many points of an entry its reversals have taken back; None where there is no reversal."""
    found = select(func.count(), func.coalesce(func.sum(col(Entry.delta)), 0)).where(
        col(Entry.program_id) == entry.program_id, col(Entry.card_id) == entry.card_id, col(Entry.reverses) == entry.seq
    )
    count, total = session.exec(found).one()
    return abs(int(total)) if count else None


def reverse_earn(session: Session, program: Program, account: Account, earned: Entry, points: int, origin: Origin) -> Entry:
    """Take back ``points`` of an earn: out of its own lot first, also one that waits, then out of others; the rest is debt.

    Raises Conflict where that would be above the program's limit.
    """
    own = session.get(Lot, (account.program_id, account.card_id, earned.seq), populate_existing=True)
    others = [lot for lot in accounts.open_lots(session, account) if lot.seq != earned.seq]
    lots = [own, *others] if own else others
    short = points - sum(lot.remaining - lot.held for lot in lots)
    if short > 0 and account.debt + short > program.debt_limit:
        raise Conflict("These points were spent already, and the card's debt would be above this restaurant's limit.")
    entry = write(
        session, account, EntryType.EARN_REVERSAL, -points, origin, check_id=earned.check_id, base=earned.base, reverses=earned.seq
    )
    account.debt += accounts.debit(session, account, entry, points, lots)
    session.add(account)
    session.flush()
    return entry


def expired_of(session: Session, earned: Entry) -> int:
    """What the guest has lost of these points already, by waiting: nobody loses them twice."""
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


def reverse_redeem(session: Session, account: Account, redeemed: Entry, points: int, origin: Origin) -> Entry:
    """Give back ``points`` of a redemption to the lots that paid, those first that pay first; debt before anything.

    What came from a lot that has ended meanwhile comes back in a new one, for `GRACE`.
    """
    done = taken_back(session, redeemed) or 0
    entry = write(
        session, account, EntryType.REDEEM_REVERSAL, points, origin,
        check_id=redeemed.check_id, base=redeemed.base, reverses=redeemed.seq,
    )  # fmt: skip
    debt = min(points, account.debt)
    account.debt -= debt
    expired, ended = 0, None
    for lot, part in _parts(session, redeemed, done, done + points):
        settled = min(debt, part)
        debt -= settled
        back = part - settled
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


def _parts(session: Session, redeemed: Entry, start: int, end: int) -> list[tuple[Lot, int]]:
    """Of the points that the lots paid one after the other, those from ``start`` to ``end``."""
    parts, place = [], 0
    for allocation, lot in due.allocations(session, redeemed.program_id, redeemed.card_id, redeemed.seq):
        part = min(end, place + allocation.amount) - max(start, place)
        if part > 0:
            parts.append((lot, part))
        place += allocation.amount
    return parts
