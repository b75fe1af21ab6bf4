"""What a waiter should know, in one look."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, bindparam, func
from sqlmodel import Session, col, select

from walletpass import programs
from walletpass.cards import Card
from walletpass.checks import habits
from walletpass.checks.models import Check, Favourite, Habit, Item, Service
from walletpass.database import now, prepared, table
from walletpass.programs import Program
from walletpass.staff import Staff

YEAR = timedelta(days=365)
DISHES, DRINKS = 3, 2
USUAL = 2  # checks


@dataclass(frozen=True)
class Favourites:
    """Names from the menu, the best liked first: what was ordered in the last twelve months and can be had today."""

    dishes: tuple[str, ...] = ()
    drinks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Summary:
    """``average`` is minor units, rounded half up; None before the first visit.

    ``regular`` is a guest with as many visits as the program's ``regular_visits`` says. ``usual_waiter`` is a name, empty where
    nobody served the guest twice in the last year.
    """

    visits: int
    average: int | None
    last_visit: datetime | None
    regular: bool = False
    favourites: Favourites = field(default_factory=Favourites)
    usual_waiter: str = ""

    @property
    def first_visit(self) -> bool:
        return not self.visits

    @property
    def days_since(self) -> int | None:
        return max(0, (now() - self.last_visit).days) if self.last_visit else None


def summary(session: Session, card: Card) -> Summary:
    """Read from what is kept with every check; nothing is added up but the checks of one year that a waiter served."""
    habit = session.get(Habit, (card.program_id, card.id))
    if habit is None or not habit.visits:
        return Summary(0, None, None)
    average = (2 * habit.spent + habit.visits) // (2 * habit.visits)
    regular = _is_regular(habit, programs.get(session, card.program_id))
    return Summary(habit.visits, average, habit.last_visit, regular, favourites(session, card), usual_waiter(session, card))


def is_regular(session: Session, card: Card, program: Program) -> bool:
    habit = session.get(Habit, (card.program_id, card.id))
    return habit is not None and _is_regular(habit, program)


def _is_regular(habit: Habit, program: Program) -> bool:
    return habit.visits >= program.regular_visits


def favourites(session: Session, card: Card) -> Favourites:
    return Favourites(_liked(session, card, False, DISHES), _liked(session, card, True, DRINKS))


def usual_waiter(session: Session, card: Card) -> str:
    """Who served most of the guest's checks of the last year, and more than one; of equals, who did so last."""
    since = now() - YEAR
    asked = {"program": card.program_id, "card": card.id, "since": since, "usual": USUAL}
    if session.execute(_served(session), asked).first() is None:
        return ""
    waiter = _contest(session, card, since)
    return name_of(session, card.program_id, waiter) if waiter else ""


@prepared
def _served(dialect: Any) -> Executable:
    rows = table(Service).c
    ours = rows.program_id == bindparam("program"), rows.card_id == bindparam("card"), rows.last_at >= bindparam("since")
    return select(rows.waiter).where(*ours, rows.times >= bindparam("usual")).limit(1)


def usual_waiters(session: Session, program_id: str, cards: Collection[Card]) -> dict[str, str]:
    """`usual_waiter` of many guests at once, by card: a staff id, or what the POS calls them."""
    since = now() - YEAR
    ours = col(Service.program_id) == program_id, col(Service.card_id).in_([card.id for card in cards]), col(Service.last_at) >= since
    often = set(session.exec(select(Service.card_id).where(*ours, col(Service.times) >= USUAL)))
    # A card that speaks for others asks for itself: there are few of them.
    joined = {card.id: waiter for card in cards if card.joined and card.id in often and (waiter := _contest(session, card, since))}
    return joined | _contests(session, program_id, [card.id for card in cards if card.id in often and not card.joined], since)


def name_of(session: Session, program_id: str, waiter: str) -> str:
    """The name of somebody on the team, or what the POS calls them."""
    person = session.get(Staff, (program_id, waiter)) if len(waiter) == 26 else None
    return person.name if person is not None else waiter


def _contest(session: Session, card: Card, since: datetime) -> str | None:
    theirs = col(Check.card_id).in_(habits.spoken_for(session, card.program_id, card.id) if card.joined else [card.id])
    served = select(Check.waiter).where(
        col(Check.program_id) == card.program_id,
        theirs,
        col(Check.state) == "closed",
        col(Check.closed_at) >= since,
        col(Check.waiter) != "",
    )
    often = served.group_by(col(Check.waiter)).having(func.count() >= USUAL)
    return session.exec(often.order_by(func.count().desc(), func.max(col(Check.closed_at)).desc()).limit(1)).first()


def _contests(session: Session, program_id: str, card_ids: Collection[str], since: datetime) -> dict[str, str]:
    if not card_ids:
        return {}
    ours = col(Check.program_id) == program_id, col(Check.card_id).in_(card_ids), col(Check.closed_at) >= since
    counted = select(Check.card_id, Check.waiter, func.count(), func.max(col(Check.closed_at))).where(
        *ours, col(Check.state) == "closed", col(Check.waiter) != ""
    )
    often = counted.group_by(col(Check.card_id), col(Check.waiter)).having(func.count() >= USUAL)
    return {card_id: waiter for card_id, waiter, *_ in sorted(session.exec(often).all(), key=lambda row: (row[2], row[3]))}


def _liked(session: Session, card: Card, drink: bool, limit: int) -> tuple[str, ...]:
    asked = {"program": card.program_id, "card": card.id, "since": now() - YEAR, "drink": drink, "most": limit}
    return tuple(session.execute(_best(session), asked).scalars())


@prepared
def _best(dialect: Any) -> Executable:
    item, liked = table(Item), table(Favourite)
    on = (item.c.program_id == liked.c.program_id) & (item.c.sku == liked.c.sku)
    ours = liked.c.program_id == bindparam("program"), liked.c.card_id == bindparam("card"), liked.c.last_at >= bindparam("since")
    best = (
        select(item.c.name).select_from(liked.join(item, on)).where(*ours, item.c.drink == bindparam("drink"), item.c.available.is_(True))
    )
    return best.order_by(liked.c.rank.desc(), item.c.sku).limit(bindparam("most"))
