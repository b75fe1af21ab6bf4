"""Proof that the cache tells what the entries say."""

from collections.abc import Iterator

from sqlalchemy import func
from sqlmodel import Session, col, select

from walletpass.ledger.entries import digest
from walletpass.ledger.models import Account, Entry, EntryType, Lot


def verify(session: Session, program_id: str) -> Iterator[str]:
    """One sentence for each account that does not add up: a broken chain, a sum that is not the balance."""
    for account in session.exec(select(Account).where(col(Account.program_id) == program_id).order_by(col(Account.card_id))):
        yield from _verify_account(session, account)


def _verify_account(session: Session, account: Account) -> Iterator[str]:
    name = f"{account.program_id}/{account.card_id}"
    total, head, seq = 0, "", 0
    for entry in _entries(session, account):
        seq += 1
        if entry.seq != seq or entry.previous != head or entry.hash != digest(entry):
            yield f"{name}: entry {entry.seq} does not follow from the one before it."
        head, total = entry.hash, total + entry.delta
        if entry.type in (EntryType.HOLD, EntryType.ACTIVATE) and entry.delta:
            yield f"{name}: entry {entry.seq} moves points, but a {entry.type} never does."
    if (account.seq, account.head) != (seq, head):
        yield f"{name}: the account stands at entry {account.seq}, the last one found is {seq}."
    lots = _lots(session, account)
    if total != lots - account.debt:
        yield f"{name}: entries sum to {total}, lots less debt to {lots - account.debt}."
    cached = account.pending + account.available + account.held - account.debt
    if cached != total:
        yield f"{name}: the cached balance is {cached}, the entries sum to {total}."


def _entries(session: Session, account: Account) -> Iterator[Entry]:
    rows = select(Entry).where(col(Entry.program_id) == account.program_id, col(Entry.card_id) == account.card_id)
    yield from session.exec(rows.order_by(col(Entry.seq)))


def _lots(session: Session, account: Account) -> int:
    total = select(func.coalesce(func.sum(col(Lot.remaining)), 0))
    return int(session.exec(total.where(col(Lot.program_id) == account.program_id, col(Lot.card_id) == account.card_id)).one())
