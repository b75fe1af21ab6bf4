"""The account row and its lots: who may change them, and how a credit or a debit moves them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Executable, bindparam, func, or_, text
from sqlmodel import Session, col, select

from walletpass import cards
from walletpass.database import insert, now, prepared, table
from walletpass.ledger.models import Account, Allocation, Entry, Lot

# When points can be spent that wait for a deed, not for a day.
ON_ACTION = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Balance:
    """Whole points. ``points`` is what the card shows and the guest can spend."""

    points: int = 0
    pending: int = 0
    held: int = 0
    debt: int = 0


def balance(session: Session, program_id: str, card_id: str) -> Balance:
    """As it stands at this moment: lots that have ended since the last deed are not counted."""
    found = session.execute(_balance(session), {"program": program_id, "card": card_id, "moment": now()}).first()
    return Balance(*map(int, found)) if found is not None else Balance()


@prepared
def _balance(dialect: Any) -> Executable:
    account, lot = table(Account).c, table(Lot).c
    over = select(func.coalesce(func.sum(lot.remaining), 0)).where(
        lot.program_id == bindparam("program"), lot.card_id == bindparam("card"), text("lot.remaining > 0"), lot.state == "active",
        lot.held == 0, lot.expires_at <= bindparam("moment"),
    )  # fmt: skip
    points = account.available - over.scalar_subquery()
    ours = account.program_id == bindparam("program"), account.card_id == bindparam("card")
    return select(points, account.pending, account.held, account.debt).where(*ours)


def lock(session: Session, program_id: str, card_id: str) -> Account:
    """The card's account, ours until commit. It is opened on first use; raises CoatTicket for a ticket, which never has one."""
    asked = {"program": program_id, "card": card_id}
    account = session.execute(_lock(session), asked).scalar()
    if account is None:
        cards.must_be_card(cards.get(session, program_id, card_id))
        opening = {"program_id": program_id, "card_id": card_id, "pending": 0, "available": 0, "held": 0, "debt": 0, "seq": 0, "head": ""}
        session.execute(_open(session), opening)
        account = cast(Account, session.execute(_lock(session), asked).scalar_one())
    # A session forgets what nobody holds, and the deed is not the last to ask.
    session.info["account"] = account
    return account


@prepared
def _lock(dialect: Any) -> Executable:
    ours = col(Account.program_id) == bindparam("program"), col(Account.card_id) == bindparam("card")
    return select(Account).where(*ours).with_for_update().execution_options(populate_existing=True)


@prepared
def _open(dialect: Any) -> Executable:
    statement: Executable = dialect.insert(table(Account)).on_conflict_do_nothing()
    return statement


def lock_check(session: Session, program_id: str, check_id: str) -> None:
    """One check may be shown to several cards: deeds on it follow one another until commit. Taken before the account.

    On SQLite every writer waits for the one before anyway.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{program_id}/{check_id}", 0))))


def open_lots(session: Session, account: Account) -> Sequence[Lot]:
    """Active lots with something free to spend, soonest expiry first, then oldest; an expired lot pays nothing."""
    moment = now()
    return session.exec(
        select(Lot)
        .where(
            col(Lot.program_id) == account.program_id,
            col(Lot.card_id) == account.card_id,
            col(Lot.remaining) > col(Lot.held),
            col(Lot.state) == "active",
            or_(col(Lot.expires_at).is_(None), col(Lot.expires_at) > moment),
        )
        .order_by(col(Lot.expires_at).is_(None), col(Lot.expires_at), col(Lot.seq))
        .execution_options(populate_existing=True)
    ).all()


def credit(
    session: Session,
    account: Account,
    entry: Entry,
    points: int,
    *,
    active_from: datetime | None = None,
    expires_at: datetime | None = None,
    from_lot: int | None = None,
    from_card: str = "",
    rolls: bool = False,
) -> None:
    """Open a lot for an entry that is already written. Debt is paid first, out of the new lot; one that waits pays it later."""
    waits = active_from is not None and active_from > now()
    paid = 0 if waits else min(points, account.debt)
    account.debt -= paid
    if waits:
        account.pending += points
    else:
        account.available += points - paid
    lot = Lot(
        program_id=account.program_id, card_id=account.card_id, seq=entry.seq, amount=points, remaining=points - paid, source=entry.type,
        from_lot=from_lot, from_card=from_card, state="pending" if waits else "active", active_from=active_from or entry.event_at,
        expires_at=expires_at, rolls=rolls,
    )  # fmt: skip
    insert(session, lot)
    session.add(account)
    session.flush()


def debit(session: Session, account: Account, entry: Entry, points: int, lots: Sequence[Lot]) -> int:
    """Take points from ``lots`` in their order, with allocation rows. Returns what they could not pay."""
    left = points
    for lot in lots:
        part = min(left, lot.remaining - lot.held)
        if part <= 0:
            continue
        lot.remaining -= part
        left -= part
        if lot.state == "pending":
            account.pending -= part
        else:
            account.available -= part
        session.add(lot)
        session.add(allocated(entry, lot, part))
    session.add(account)
    session.flush()
    return left


def allocated(entry: Entry, lot: Lot, amount: int) -> Allocation:
    return Allocation(program_id=entry.program_id, card_id=entry.card_id, entry_seq=entry.seq, lot_seq=lot.seq, amount=amount)
