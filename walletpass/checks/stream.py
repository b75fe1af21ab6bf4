"""The checks that guests have paid, as a stream: what a simulation of other rules is fed with."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, literal, or_, select
from sqlmodel import Session, col

from walletpass.checks.models import Check, CheckLine
from walletpass.ledger import Bill, Entry, EntryType, Line, Past

BATCH = 2_000
COLUMNS: tuple[Any, ...] = (
    Check.id,
    Check.card_id,
    Check.closed_at,
    col(Check.amount) - col(Check.refunded),
    Check.discount,
    Check.gift_card,
)
KIND: tuple[Any, ...] = (CheckLine.check_id, CheckLine.kind, CheckLine.earns, CheckLine.redeemable)


def past(session: Session, program_id: str, since: datetime, point_value: int, categories: Collection[str] = ()) -> Iterator[Past]:
    """Closed checks with a guest, card by card and in the order of time. What was refunded is left out.

    A few thousand are in memory at a time, however many there are. Lines come summed, as far as the same rules see them:
    ``categories`` are those that some rule names, and the others are one.
    """
    wanted: Any = (
        select(*COLUMNS, _paid())
        .where(
            col(Check.program_id) == program_id, col(Check.card_id) != "", col(Check.state) == "closed", col(Check.closed_at) >= since
        )
        .order_by(col(Check.card_id), col(Check.closed_at), col(Check.id))
    )  # fmt: skip
    rows = session.connection().execute(wanted, execution_options={"yield_per": BATCH})
    for batch in rows.partitions():
        ids = [row[0] for row in batch]
        lines = _lines(session, program_id, ids, categories)
        for check_id, card_id, closed_at, amount, discount, gift_card, paid in batch:
            if amount > 0:
                bill = Bill(check_id, tuple(lines.get(check_id) or (Line(amount + discount),)), discount, gift_card)
                yield Past(card_id, closed_at, bill, int(paid) * point_value)


def without_guest(session: Session, program_id: str, since: datetime) -> tuple[int, int]:
    """How many closed checks nobody showed a card for, and what they came to."""
    wanted = col(Check.program_id) == program_id, col(Check.card_id) == "", col(Check.state) == "closed", col(Check.closed_at) >= since
    count, amount = session.execute(
        select(func.count(), func.coalesce(func.sum(col(Check.amount) - col(Check.refunded)), 0)).where(*wanted)
    ).one()
    return count, int(amount)


def _lines(session: Session, program_id: str, ids: Sequence[str], categories: Collection[str]) -> dict[str, list[Line]]:
    category = case((col(CheckLine.category).in_(categories), col(CheckLine.category)), else_="") if categories else literal("")
    kept = col(CheckLine.amount) - col(CheckLine.refunded)
    sums = [func.sum(column) for column in (kept, col(CheckLine.discount), col(CheckLine.quantity), col(CheckLine.tax))]
    kind = (*map(col, KIND), category.label("named"))
    # What went back whole is not on the check any more, however many they were.
    stays = or_(col(CheckLine.refunded) == 0, col(CheckLine.refunded) < col(CheckLine.amount))
    ours = col(CheckLine.program_id) == program_id, col(CheckLine.check_id).in_(ids), stays
    rows = session.connection().execute(select(*kind, *sums).where(*ours).group_by(*kind)).all()
    found: dict[str, list[Line]] = {}
    for check_id, name, earns, redeemable, named, amount, discount, quantity, tax in rows:
        line = Line(int(amount), int(min(discount, amount)), name, earns, redeemable, named, int(quantity), int(tax))
        found.setdefault(check_id, []).append(line)
    return found


def _paid() -> Any:
    """Points that paid for a check, those that came back left out."""
    net = select(-func.sum(col(Entry.delta))).where(
        col(Entry.program_id) == col(Check.program_id),
        col(Entry.check_id) == col(Check.id),
        col(Entry.type).in_([EntryType.REDEEM, EntryType.REDEEM_REVERSAL]),
    )
    return func.coalesce(net.correlate(Check).scalar_subquery(), 0)
