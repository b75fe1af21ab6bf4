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

REVERSAL = {
    EntryType.EARN: EntryType.EARN_REVERSAL,
    EntryType.PROMO_EARN: EntryType.EARN_REVERSAL,
    EntryType.REDEEM: EntryType.REDEEM_REVERSAL,
}


def taken_back(session: Session, entry: Entry) -> int | None:
    """How many points of an entry its reversals have taken back; None where there is no reversal."""
    found = select(func.count(), func.coalesce(func.sum(col(Entry.delta)), 0)).where(
        col(Entry.program_id) == entry.program_id, col(Entry.card_id) == entry.card_id, col(Entry.reverses) == entry.seq
    )
    count, total = session.exec(found).one()
    return abs(int(total)) if count else None


def reverse_earn(session: Session, program: Program, account: Account, earned: Entry, points: int, origin: Origin) -> Entry:
    """Take back ``points`` of a credit: out of its own lot first, also one that waits, then out of others.

    What was spent already is debt, or left to the guest, as the program has it: then the entry says less than was asked.
    Raises Conflict where the debt would be above the program's limit.
    """
    own = session.get(Lot, (account.program_id, account.card_id, earned.seq), populate_existing=True)
    lots = [own] if own else []
    if program.refund_policy == "only_pending":
        lots = [lot for lot in lots if lot.state == "pending"]
    else:
        lots += [lot for lot in accounts.open_lots(session, account) if lot.seq != earned.seq]
    there = sum(lot.remaining - lot.held for lot in lots)
    if program.refund_policy != "debt":
        points = min(points, there)
    elif points > there and account.debt + points - there > program.debt_limit:
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


def reverse_redeem(session: Session, program: Program, account: Account, redeemed: Entry, points: int, origin: Origin) -> Entry:
    """Give back ``points`` of a redemption to the lots that paid, those first that pay first; debt before anything.

    What came from a lot that has ended meanwhile comes back in a new one, for ``program.grace_days``; with none, it is lost at once.
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
        accounts.credit(session, account, entry, expired, expires_at=now() + timedelta(days=program.grace_days), from_lot=ended)
    if expired and not program.grace_days:
        due.locked(session, account.program_id, account.card_id)
    return entry


def _parts(session: Session, redeemed: Entry, start: int, end: int) -> list[tuple[Lot, int]]:
    """Of the points that the lots paid one after the other, those from ``start`` to ``end``."""
    parts, place = [], 0
    paid = due.allocations(session, redeemed.program_id, redeemed.card_id, redeemed.seq)
    # By number: the end of a lot may move between two parts, and each lot gets back no more than it gave.
    for allocation, lot in sorted(paid, key=lambda pair: pair[1].seq):
        part = min(end, place + allocation.amount) - max(start, place)
        if part > 0:
            parts.append((lot, part))
        place += allocation.amount
    return parts
