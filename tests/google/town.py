"""Cards at Google, and how to look at what went there."""

from collections import deque
from collections.abc import Iterable
from typing import Any

from sqlmodel import select

from tests.cast import House, issue_card
from walletpass import cards, database, google
from walletpass.cards import Card
from walletpass.delivery import Notice, Outbox

OBJECTS, CLASSES = "loyaltyObject", "loyaltyClass"


def on_google(*held: Card) -> None:
    """The cards are with their guests, and changes go there."""
    with database.transaction() as session:
        for card in held:
            cards.put_on(session, cards.get(session, card.program_id, card.id), "google")
            row = google.GoogleObject(program_id=card.program_id, card_id=card.id, pushed_hash="", pushed_points=0)
            row.pushed_at = row.asked_at = database.now()
            session.add(row)


def more_cards(house: House, count: int) -> list[Card]:
    with database.transaction() as session:
        issued = [issue_card(session, house.program, f"Guest {number}", f"+49 151 2345{number:04}") for number in range(count)]
    on_google(*issued)
    return issued


def show(card: Card, *, bulk: bool = False, **values: Any) -> None:
    def work() -> None:
        with database.transaction() as session:
            cards.show(session, cards.get(session, card.program_id, card.id), bulk=bulk, **values)

    database.retrying(work)


def deliver(*wanted: Card, channel: google.GoogleChannel | None = None, bulk: bool = False) -> list[Any]:
    """Hand cards to the channel; one failure or None for each."""
    notices = [Notice(f"outbox-{place}", card.program_id, card.id, card.version, bulk=bulk) for place, card in enumerate(wanted)]
    used = channel or google.GoogleChannel()
    outcomes = list(used.deliver(notices))
    if channel is None:
        used.close()
    assert [outcome.notice for outcome in outcomes] == notices
    return [outcome.failure for outcome in outcomes]


def told(card: Card) -> google.GoogleObject:
    with database.reading() as session:
        row = session.get_one(google.GoogleObject, (card.program_id, card.id))
        session.expunge(row)
        return row


def rows(**where: Any) -> list[Outbox]:
    with database.reading() as session:
        found = session.exec(select(Outbox)).all()
        session.expunge_all()
        return [row for row in found if all(getattr(row, name) == value for name, value in where.items())]


def name_of(card: Card) -> str:
    return f"3388000000000000001.{card.serial_number}"


def most_at_once(times: Iterable[float], seconds: float) -> int:
    """In any stretch of so many seconds, not only in those of the clock."""
    window: deque[float] = deque()
    most = 0
    for moment in sorted(times):
        window.append(moment)
        while window[0] <= moment - seconds:
            window.popleft()
        most = max(most, len(window))
    return most


def most_in_a_second(times: Iterable[float]) -> int:
    return most_at_once(times, 1.0)
