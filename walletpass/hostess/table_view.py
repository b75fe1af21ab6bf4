"""What a waiter should know of a guest before the guest sits down: it hangs on the booking already."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from walletpass import cards, checks
from walletpass.cards import Card
from walletpass.checks import Check, CheckLine, Favourites, Item
from walletpass.database import now
from walletpass.hostess.people import Person, people
from walletpass.programs import Program

MOST = 12
SENT_BACK_VISITS = 30


@dataclass(frozen=True)
class Dish:
    """``available`` is False where the menu says so today; what is not on the menu may be asked for."""

    name: str
    quantity: int
    available: bool


@dataclass(frozen=True)
class TableView:
    """``favourites`` can be had today; ``last`` is what was on the table last time, ``sent_back`` what went back to the kitchen."""

    person: Person | None
    favourites: Favourites
    last: Sequence[Dish]
    sent_back: Sequence[str]
    average: int | None


def table_view(session: Session, program: Program, venue_id: str, card: Card) -> TableView:
    """Of the card that speaks for this guest."""
    summary = checks.summary(session, card)
    visits = _visits(session, card)
    lines = _lines(session, program.id, [check.id for check in visits])
    menu = {item.sku: item for item in _items(session, program.id, {line.sku for line in lines if line.sku})}
    last = [line for line in lines if visits and line.check_id == visits[0].id and line.kind == "item" and line.name]
    back = [line.name for line in lines if line.name and line.refunded and line.refunded >= line.amount - line.discount]
    return TableView(
        people(session, program, venue_id, card_ids=[card.id]).find(card.id),
        summary.favourites,
        [Dish(line.name, line.quantity, _there(menu.get(line.sku))) for line in last][:MOST],
        list(dict.fromkeys(back))[:MOST],
        summary.average,
    )


def _visits(session: Session, card: Card) -> Sequence[Check]:
    ours = col(Check.program_id) == card.program_id, col(Check.card_id).in_(cards.ids_of(session, card)), col(Check.closed_at) < now()
    newest = select(Check).where(*ours, col(Check.state).in_(["closed", "refunded"]))
    return session.exec(newest.order_by(col(Check.closed_at).desc()).limit(SENT_BACK_VISITS)).all()


def _lines(session: Session, program_id: str, check_ids: Sequence[str]) -> Sequence[CheckLine]:
    ours = col(CheckLine.program_id) == program_id, col(CheckLine.check_id).in_(check_ids)
    return session.exec(select(CheckLine).where(*ours).order_by(col(CheckLine.check_id), col(CheckLine.position))).all()


def _items(session: Session, program_id: str, skus: set[str]) -> Sequence[Item]:
    return session.exec(select(Item).where(col(Item.program_id) == program_id, col(Item.sku).in_(skus))).all()


def _there(item: Item | None) -> bool:
    return item is None or item.available
