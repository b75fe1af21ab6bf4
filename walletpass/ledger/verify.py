"""Proof that the cache tells what the entries say: every balance is made again from them, and every link of the chains.

The rows of a program are read once, in the order of their keys, and never held: memory does not grow with the ledger. The text that
a hash is made of is put together by the database; where that disagrees, the entry is looked at once more in our own words.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import String, case, cast, func, literal, select, type_coerce
from sqlmodel import Session, col

from walletpass.ledger.entries import HASHED, digest
from walletpass.ledger.models import Account, Entry, EntryType, Lot

AT_ONCE = 5_000
MOVES_NOTHING = frozenset({EntryType.HOLD, EntryType.HOLD_RELEASE, EntryType.ACTIVATE})


def verify(session: Session, program_id: str) -> Iterator[str]:
    """One sentence for each account that does not add up: a broken chain, a sum that is not the balance."""
    with ExitStack() as opened:
        queries = _accounts(program_id), _lots(program_id), _entries(session, program_id)
        accounts, lots, entries = (opened.enter_context(_stream(session, query)) for query in queries)
        histories = groupby(entries, key=itemgetter(0))
        lot, history = next(lots, None), next(histories, None)
        for account in accounts:
            card_id = account[0]
            while lot is not None and lot[0] < card_id:
                lot = next(lots, None)
            while history is not None and history[0] < card_id:
                history = next(histories, None)
            numbers = lot[1:] if lot is not None and lot[0] == card_id else (0, 0, 0)
            rows = history[1] if history is not None and history[0] == card_id else iter(())
            yield from _account(session, program_id, account, numbers, rows)


def _account(session: Session, program_id: str, account: Any, lots: Any, rows: Iterator[Any]) -> Iterator[str]:
    card_id, seq, head, pending, available, held, debt = account
    name, total, last, number = f"{program_id}/{card_id}", 0, "", 0
    for _, at, previous, delta, kind, told, fingerprint in rows:
        number += 1
        sound = sha256(told.encode()).hexdigest() == fingerprint or _in_our_words(session, program_id, card_id, at) == fingerprint
        if at != number or previous != last or not sound:
            yield f"{name}: entry {at} does not follow from the one before it."
            number = at
        last = fingerprint
        total += delta
        if delta and kind in MOVES_NOTHING:
            yield f"{name}: entry {at} moves points, but a {kind} never does."
    if (seq, head) != (number, last):
        yield f"{name}: the account stands at entry {seq}, the last one found is {number}."
    waiting, free, promised = (int(one) for one in lots)
    if total != waiting + free + promised - debt:
        yield f"{name}: entries sum to {total}, lots less debt to {waiting + free + promised - debt}."
    if (waiting, free, promised) != (pending, available, held):
        yield f"{name}: {pending} pending, {available} available and {held} held are cached, the lots say {waiting}, {free} and {promised}."


def _in_our_words(session: Session, program_id: str, card_id: str, seq: int) -> str:
    """Letters beyond ASCII are escaped by us and not by the database."""
    return digest(session.get_one(Entry, (program_id, card_id, seq)))


def _entries(session: Session, program_id: str) -> Any:
    told = _json_in_sqlite() if session.get_bind().dialect.name == "sqlite" else _json_in_postgresql()
    columns = (Entry.card_id, Entry.seq, Entry.previous, Entry.delta, Entry.type)
    rows = select(*map(col, columns), told, col(Entry.hash)).where(col(Entry.program_id) == program_id)
    return rows.order_by(col(Entry.card_id), col(Entry.seq))


def _json_in_sqlite() -> Any:
    values = [
        func.replace(type_coerce(col(getattr(Entry, name)), String), " ", "T") + literal("+00:00")
        if name.endswith("_at")
        else col(getattr(Entry, name))
        for name in HASHED
    ]
    return type_coerce(func.json_array(*values), String)


def _json_in_postgresql() -> Any:
    shape = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'
    values = [
        func.to_json(func.to_char(func.timezone("UTC", col(getattr(Entry, name))), shape))
        if name.endswith("_at")
        else func.to_json(col(getattr(Entry, name)))
        for name in HASHED
    ]
    return literal("[") + func.concat_ws(",", *(func.coalesce(cast(value, String), "null") for value in values)) + literal("]")


def _accounts(program_id: str) -> Any:
    columns = (Account.card_id, Account.seq, Account.head, Account.pending, Account.available, Account.held, Account.debt)
    return select(*map(col, columns)).where(col(Account.program_id) == program_id).order_by(col(Account.card_id))


def _lots(program_id: str) -> Any:
    """Card, points that wait, that are free, that are held."""
    pending, active = (
        func.sum(case((col(Lot.state) == state, col(Lot.remaining) - col(Lot.held)), else_=0)) for state in ("pending", "active")
    )
    rows = select(col(Lot.card_id), pending, active, func.sum(col(Lot.held))).where(col(Lot.program_id) == program_id)
    return rows.group_by(col(Lot.card_id)).order_by(col(Lot.card_id))


@contextmanager
def _stream(session: Session, statement: Any) -> Iterator[Iterator[Any]]:
    """The rows as they come, a few thousand in memory; the cursor is closed also by whoever stops in the middle."""
    found = session.execute(statement, execution_options={"stream_results": True, "yield_per": AT_ONCE})
    try:
        yield iter(found)
    finally:
        found.close()
