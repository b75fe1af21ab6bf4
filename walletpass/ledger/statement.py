"""A guest's account, as an accountant wants to see it: each lot, what filled it, what took from it, and what is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from walletpass.ledger.accounts import Balance, balance
from walletpass.ledger.models import Allocation, Entry, EntryType, Lot


@dataclass(frozen=True)
class LotStatement:
    """``moves`` are the entries that took from the lot or gave back to it, each with its points: negative when taken. ``settled``
    of it paid a debt."""

    lot: Lot
    opened_by: Entry
    moves: tuple[tuple[Entry, int], ...]
    settled: int


@dataclass(frozen=True)
class Statement:
    balance: Balance
    lots: tuple[LotStatement, ...]
    entries: Sequence[Entry]


def statement(session: Session, program_id: str, card_id: str) -> Statement:
    entries = session.exec(_ours(Entry, program_id, card_id).order_by(col(Entry.seq))).all()
    by_seq = {entry.seq: entry for entry in entries}
    taken: dict[int, list[tuple[Entry, int]]] = {}
    for row in session.exec(_ours(Allocation, program_id, card_id).order_by(col(Allocation.entry_seq))):
        entry = by_seq[row.entry_seq]
        if entry.type != EntryType.HOLD:
            taken.setdefault(row.lot_seq, []).append((entry, row.amount if entry.type == EntryType.REDEEM_REVERSAL else -row.amount))
    lots = [
        LotStatement(
            lot, by_seq[lot.seq], moves := tuple(taken.get(lot.seq, ())), lot.amount + sum(points for _, points in moves) - lot.remaining
        )
        for lot in session.exec(_ours(Lot, program_id, card_id).order_by(col(Lot.seq)))
    ]
    return Statement(balance(session, program_id, card_id), tuple(lots), entries)


def _ours(model: Any, program_id: str, card_id: str) -> Any:
    return select(model).where(col(model.program_id) == program_id, col(model.card_id) == card_id)
