"""What time alone does to an account: promises lapse, points that waited can be spent, and lots end.

It is done by whoever touches the account next, in that deed's transaction, and by `sweep` where nobody does: no deed ever sees
points that are over.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, and_, bindparam, or_, text
from sqlmodel import Session, col, select

from walletpass.database import now, prepared
from walletpass.ledger import accounts
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import Account, Allocation, Entry, EntryType, Hold, Lot

SYSTEM = Origin("system")


def locked(session: Session, program_id: str, card_id: str) -> Account:
    """The card's account, ours until commit and as it stands at this moment."""
    account = accounts.lock(session, program_id, card_id)
    moment = now()
    for hold in _lapsed(session, account, moment):
        said: dict[str, int | str] = {"points": hold.points, "hold": hold.id}
        write(session, account, EntryType.HOLD_RELEASE, 0, SYSTEM, check_id=hold.check_id, said=said)
        end(session, account, hold, "lapsed")
    lots = _due(session, account, moment)
    for lot in lots:
        if lot.state == "pending":
            ripen(session, account, lot, SYSTEM)
    for lot in lots:
        if lot.remaining and not lot.held and lot.expires_at is not None and lot.expires_at <= moment:
            _expire(session, account, lot)
    return account


def both(session: Session, program_id: str, one: str, other: str) -> tuple[Account, Account]:
    """Two accounts, locked in one order, whoever asks."""
    held = {card_id: locked(session, program_id, card_id) for card_id in sorted({one, other})}
    return held[one], held[other]


def sweep(session: Session, program_id: str, limit: int) -> Sequence[str]:
    """Bring up to ``limit`` cards of a program up to date; the ids of those that were behind. May run twice, and beside itself."""
    moment = now()
    spent = and_(col(Lot.state) == "active", col(Lot.expires_at) <= moment, col(Lot.held) == 0)
    ripe = and_(col(Lot.state) == "pending", col(Lot.active_from) <= moment)
    lots = select(Lot.card_id).where(col(Lot.program_id) == program_id, col(Lot.remaining) > 0, or_(spent, ripe))
    holds = select(Hold.card_id).where(col(Hold.program_id) == program_id, col(Hold.state) == "open", col(Hold.expires_at) <= moment)
    found = session.exec(lots.union(holds).limit(limit)).all()  # type: ignore[call-overload]  # a union is no typed select
    behind = sorted({card_id for (card_id,) in found})
    for card_id in behind:
        locked(session, program_id, card_id)
    return behind


def end(session: Session, account: Account, hold: Hold, state: str, *, spent: int = 0, by: Entry | None = None) -> None:
    """End a hold. ``spent`` points of it are spent ``by`` an entry; the rest is free again, or pays a debt that came meanwhile."""
    left = spent
    for allocation, lot in allocations(session, hold.program_id, hold.card_id, hold.entry_seq):
        part = min(left, allocation.amount)
        free = allocation.amount - part
        paid = min(account.debt, free)
        left -= part
        lot.held -= allocation.amount
        lot.remaining -= part + paid
        account.debt -= paid
        account.available += free - paid
        session.add_all([lot, accounts.allocated(by, lot, part)] if by is not None and part else [lot])
    account.held -= hold.points
    hold.state = state
    session.add_all([account, hold])
    session.flush()


def allocations(session: Session, program_id: str, card_id: str, seq: int) -> list[tuple[Allocation, Lot]]:
    """What an entry took from each lot, in the order in which lots are spent."""
    rows = session.exec(
        select(Allocation, Lot)
        .where(
            col(Allocation.program_id) == program_id,
            col(Allocation.card_id) == card_id,
            col(Allocation.entry_seq) == seq,
            col(Lot.program_id) == col(Allocation.program_id),
            col(Lot.card_id) == col(Allocation.card_id),
            col(Lot.seq) == col(Allocation.lot_seq),
        )
        .order_by(col(Lot.expires_at).is_(None), col(Lot.expires_at), col(Lot.seq))
        .execution_options(populate_existing=True)
    ).all()
    return [(allocation, lot) for allocation, lot in rows]


def _lapsed(session: Session, account: Account, moment: datetime) -> Sequence[Hold]:
    if not account.held:
        return ()
    return session.exec(
        select(Hold)
        .where(
            col(Hold.program_id) == account.program_id,
            col(Hold.card_id) == account.card_id,
            col(Hold.state) == "open",
            col(Hold.expires_at) <= moment,
        )
        .order_by(col(Hold.entry_seq))
        .execution_options(populate_existing=True)
    ).all()


def _due(session: Session, account: Account, moment: datetime) -> Sequence[Lot]:
    """Lots that can be spent from now on, or no more."""
    asked = {"program": account.program_id, "card": account.card_id, "moment": moment}
    return session.execute(_ripe_or_over(session), asked).scalars().all()


@prepared
def _ripe_or_over(dialect: Any) -> Executable:
    ours = col(Lot.program_id) == bindparam("program"), col(Lot.card_id) == bindparam("card"), text("lot.remaining > 0")
    ripe = and_(col(Lot.state) == "pending", col(Lot.active_from) <= bindparam("moment"))
    over = and_(col(Lot.state) == "active", col(Lot.expires_at) <= bindparam("moment"), col(Lot.held) == 0)
    return select(Lot).where(*ours, or_(ripe, over)).order_by(col(Lot.seq)).execution_options(populate_existing=True)


def ripen(session: Session, account: Account, lot: Lot, origin: Origin) -> Entry:
    """A lot that waited can be spent; debt is paid first."""
    entry = write(session, account, EntryType.ACTIVATE, 0, origin, said={"points": lot.remaining})
    paid = min(account.debt, lot.remaining)
    account.pending -= lot.remaining
    account.debt -= paid
    lot.remaining -= paid
    account.available += lot.remaining
    lot.state, lot.active_from = "active", entry.event_at
    session.add_all([account, lot])
    session.flush()
    return entry


def _expire(session: Session, account: Account, lot: Lot) -> None:
    points = lot.remaining
    entry = write(session, account, EntryType.EXPIRE, -points, SYSTEM)
    lot.remaining = 0
    account.available -= points
    session.add_all([account, lot, accounts.allocated(entry, lot, points)])
    session.flush()
