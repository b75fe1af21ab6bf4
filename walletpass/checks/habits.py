"""What is known of a guest's visits: kept in the transaction of every check, so that a scan reads it and adds nothing up.

A check that is closed is added to what stands; whatever takes something back is rare, and what is known of that guest is then
told again from the guest's own checks. A card that went up in another one speaks through that one. The row of `Habit`, locked, guards
all three tables of a card; it is taken after the check's and the account's.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, bindparam, case, func, text
from sqlmodel import Session, col, select

from walletpass.cards import Card
from walletpass.checks import liking
from walletpass.checks.models import Check, CheckLine, Favourite, Habit, Service
from walletpass.database import prepared, table


def count(session: Session, check: Check, lines: Sequence[CheckLine]) -> None:
    """A check was closed for the card that is attached."""
    card_id = speaker(session, check.program_id, check.card_id)
    at, spent = closed_at(check), check.amount - check.refunded
    visit = {"program_id": check.program_id, "card_id": card_id, "visits": 1, "spent": spent, "first_visit": at, "last_visit": at}
    session.execute(_visit(session), visit)
    _count_waiter(session, check, card_id, at)
    _count_items(session, check, card_id, lines)
    session.flush()


def retell(session: Session, program_id: str, card_id: str) -> bool:
    """Make what is known of a card again from the checks. True when it was something else; also to be called for both cards when
    they were merged, or are two again."""
    _locked(session, program_id, card_id)
    return any(
        [_tell_habit(session, program_id, card_id), _tell_waiters(session, program_id, card_id), _tell_items(session, program_id, card_id)]
    )


def known(session: Session, program_id: str) -> Sequence[str]:
    """Every card that checks or habits name, in the order of their ids."""
    checks = select(Check.card_id).where(col(Check.program_id) == program_id, col(Check.card_id) != "")
    habits = select(Habit.card_id).where(col(Habit.program_id) == program_id)
    return sorted({*session.exec(checks.distinct()), *session.exec(habits)})


def speaker(session: Session, program_id: str, card_id: str) -> str:
    """The card that speaks for this one: itself, or the one that it went up in."""
    seen = set()
    while card_id not in seen:
        seen.add(card_id)
        card_id = session.execute(_into(session), {"program": program_id, "card": card_id}).scalar() or card_id
    return card_id


@prepared
def _into(dialect: Any) -> Executable:
    cards = table(Card).c
    return select(cards.merged_into).where(cards.program_id == bindparam("program"), cards.id == bindparam("card"))


def spoken_for(session: Session, program_id: str, card_id: str) -> list[str]:
    """The cards whose checks are told under this one; none for a card that went up in another."""
    if speaker(session, program_id, card_id) != card_id:
        return []
    found, new = [card_id], [card_id]
    while new:
        # In so many words, so that the index of merged cards is used: see `cards.joining`.
        ours = col(Card.program_id) == program_id, col(Card.merged_into).in_(new), text("card.merged_into <> ''")
        merged = select(Card.id).where(*ours)
        new = [one for one in session.exec(merged) if one not in found]
        found += new
    return found


def closed_at(check: Check) -> datetime:
    return check.closed_at or check.opened_at


def _locked(session: Session, program_id: str, card_id: str) -> Habit:
    session.flush()
    habit = session.get(Habit, (program_id, card_id), with_for_update=True, populate_existing=True)
    if habit is None:
        session.execute(_open(session), {"program_id": program_id, "card_id": card_id, "visits": 0, "spent": 0})
        habit = session.get_one(Habit, (program_id, card_id), with_for_update=True, populate_existing=True)
    return habit


@prepared
def _visit(dialect: Any) -> Executable:
    """One visit more. The row is locked by it, as by `_locked`."""
    habits = table(Habit).c
    row = dialect.insert(table(Habit))
    new = row.excluded
    statement: Executable = row.on_conflict_do_update(
        index_elements=["program_id", "card_id"],
        set_={
            "visits": habits.visits + new.visits,
            "spent": habits.spent + new.spent,
            "first_visit": case((habits.first_visit < new.first_visit, habits.first_visit), else_=new.first_visit),
            "last_visit": case((habits.last_visit > new.last_visit, habits.last_visit), else_=new.last_visit),
        },
    )
    return statement


@prepared
def _open(dialect: Any) -> Executable:
    statement: Executable = dialect.insert(table(Habit)).on_conflict_do_nothing()
    return statement


def _count_waiter(session: Session, check: Check, card_id: str, at: datetime) -> None:
    if check.waiter:
        row = session.get(Service, (check.program_id, card_id, check.waiter), populate_existing=True)
        row = row or Service(program_id=check.program_id, card_id=card_id, waiter=check.waiter, last_at=at)
        row.times, row.last_at = row.times + 1, max(row.last_at, at)
        session.add(row)


def _count_items(session: Session, check: Check, card_id: str, lines: Sequence[CheckLine]) -> None:
    liked = [line for line in lines if counts(line)]
    if not liked:
        return
    ours = col(Favourite.program_id) == check.program_id, col(Favourite.card_id) == card_id
    skus = col(Favourite.sku).in_({line.sku for line in liked})
    rows = {row.sku: row for row in session.exec(select(Favourite).where(*ours, skus).execution_options(populate_existing=True))}
    _pour(rows, check.program_id, card_id, ((line.sku, line.quantity, closed_at(check)) for line in liked))
    session.add_all(rows.values())


def counts(line: CheckLine) -> bool:
    """Something that was ordered and kept."""
    net = line.amount - line.discount
    return bool(line.sku) and line.kind == "item" and not (net and line.refunded >= net)


def _pour(rows: dict[str, Favourite], program_id: str, card_id: str, ordered: Iterable[tuple[str, int, datetime]]) -> None:
    for sku, quantity, at in ordered:
        row = rows.get(sku)
        if row is None:
            rows[sku] = Favourite(
                program_id=program_id, card_id=card_id, sku=sku, rank=liking.rank(quantity, at), times=quantity, last_at=at
            )
        else:
            row.rank, row.times, row.last_at = liking.more(row.rank, quantity, at), row.times + quantity, max(row.last_at, at)


def _of(session: Session, program_id: str, card_id: str) -> list[Any]:
    mine = spoken_for(session, program_id, card_id)
    return [col(Check.program_id) == program_id, col(Check.card_id).in_(mine), col(Check.state) == "closed"]


def _tell_habit(session: Session, program_id: str, card_id: str) -> bool:
    spent = func.coalesce(func.sum(col(Check.amount) - col(Check.refunded)), 0)
    found = select(func.count(), spent, func.min(col(Check.closed_at)), func.max(col(Check.closed_at)))
    visits, total, first, last = session.exec(found.where(*_of(session, program_id, card_id))).one()
    habit = session.get_one(Habit, (program_id, card_id))
    told = (visits, int(total), first, last)
    changed = (habit.visits, habit.spent, habit.first_visit, habit.last_visit) != told
    habit.visits, habit.spent, habit.first_visit, habit.last_visit = told
    session.add(habit)
    session.flush()
    return changed


def _tell_waiters(session: Session, program_id: str, card_id: str) -> bool:
    found = select(Check.waiter, func.count(), func.max(col(Check.closed_at))).where(
        *_of(session, program_id, card_id), col(Check.waiter) != ""
    )
    rows = {
        waiter: Service(program_id=program_id, card_id=card_id, waiter=waiter, times=times, last_at=last)
        for waiter, times, last in session.exec(found.group_by(col(Check.waiter)))
        if last is not None
    }
    there = session.exec(select(Service).where(col(Service.program_id) == program_id, col(Service.card_id) == card_id)).all()
    changed = {(row.waiter, row.times, row.last_at) for row in there} != {(row.waiter, row.times, row.last_at) for row in rows.values()}
    return changed and _replace(session, there, rows.values())


def _tell_items(session: Session, program_id: str, card_id: str) -> bool:
    on = (col(CheckLine.program_id) == col(Check.program_id)) & (col(CheckLine.check_id) == col(Check.id))
    # An outer join begins with the guest's checks. Of an inner one SQLite reads the lines of all guests first.
    found = select(Check.closed_at, CheckLine).select_from(Check).outerjoin(CheckLine, on).where(*_of(session, program_id, card_id))
    ordered = session.exec(found.order_by(col(Check.closed_at), col(Check.id), col(CheckLine.position)))
    rows: dict[str, Favourite] = {}
    _pour(rows, program_id, card_id, ((line.sku, line.quantity, at) for at, line in ordered if line and counts(line) and at))
    there = session.exec(select(Favourite).where(col(Favourite.program_id) == program_id, col(Favourite.card_id) == card_id)).all()
    same = {row.sku: row for row in there}.keys() == rows.keys() and all(_alike(row, rows[row.sku]) for row in there)
    return not same and _replace(session, there, rows.values())


def _alike(one: Favourite, other: Favourite) -> bool:
    """Sums of floats in another order differ in the last digits."""
    return (one.times, one.last_at) == (other.times, other.last_at) and abs(one.rank - other.rank) < liking.SAME


def _replace(session: Session, there: Iterable[Any], rows: Iterable[Any]) -> bool:
    for row in there:
        session.delete(row)
    session.flush()
    session.add_all(rows)
    session.flush()
    return True
