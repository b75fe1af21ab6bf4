"""What a restaurant does with checks, each deed in a transaction of its own."""

from datetime import datetime
from typing import Any

from sqlmodel import col, select

from tests.cast import House
from walletpass import checks, database, programs
from walletpass.cards import Card
from walletpass.checks import Check, Favourite, Habit, Item, Ordered, Payment, Returned, Service
from walletpass.ledger import Entry, Origin

TILL = Origin("till", staff_id="bruno", device_id="counter", reason="a test")

SOUP = Ordered(600, name="Borscht", sku="soup")
FISH = Ordered(1_400, name="Trout", sku="fish")
BEER = Ordered(400, name="Beer", sku="beer", drink=True)
TIP = Ordered(300, name="Tip", kind="tip")


class Room:
    def __init__(self, house: House, origin: Origin = TILL) -> None:
        self.house, self.origin = house, origin

    def do(self, verb: Any, *args: Any, **options: Any) -> Any:
        with database.transaction() as session:
            return verb(session, programs.get(session, self.house.id), *args, **options)

    def open(self, check: str = "A1", *lines: Ordered, card: Card | None = None, **options: Any) -> Check:
        with database.transaction() as session:
            checks.open_check(session, self.house.id, check, **options)
        if lines:
            self.add(check, *lines)
        if card:
            self.attach(check, card)
        return self.get(check)

    def add(self, check: str, *lines: Ordered, **options: Any) -> list[int]:
        return [line.position for line in self.do(checks.add_lines, check, lines, **options)]

    def attach(self, check: str, card: Card | None = None, **options: Any) -> Entry | None:
        return self.do(checks.attach, check, card or self.house.ana, self.origin, **options)[1]

    def detach(self, check: str) -> None:
        self.do(checks.detach, check)

    def bill(self, check: str) -> None:
        self.do(checks.bill, check)

    def close(self, check: str = "A1", at: datetime | None = None, earns: bool = True, **payment: int) -> Entry | None:
        origin = Origin("till", staff_id="bruno", device_id="counter", event_at=at)
        return self.do(checks.close, check, Payment(**payment), origin, earns=earns)[1]

    def dine(self, check: str, *lines: Ordered, at: datetime | None = None, card: Card | None = None, **options: Any) -> Entry | None:
        self.open(check, *lines, card=card or self.house.ana, **options)
        return self.close(check, at)

    def refund(self, check: str = "A1", *positions: int, amount: int | None = None) -> Returned:
        return self.do(checks.refund, check, self.origin, positions=positions, amount=amount)

    def void(self, check: str = "A1") -> Returned:
        return self.do(checks.void, check, self.origin)

    def get(self, check: str = "A1") -> Check:
        with database.reading() as session:
            return checks.get(session, self.house.id, check)

    def summary(self, card: Card | None = None) -> checks.Summary:
        with database.reading() as session:
            return checks.summary(session, card or self.house.ana)

    def menu(self, **names: str) -> None:
        """``soup="Borscht"``; of what is drunk ``beer_="Beer"``."""
        rows = [Item(program_id=self.house.id, sku=sku.rstrip("_"), name=name, drink=sku.endswith("_")) for sku, name in names.items()]
        with database.transaction() as session:
            checks.put_items(session, self.house.id, rows)

    def told(self, card: Card | None = None) -> dict[str, Any]:
        """What is known of a card, as plain values; ranks in ten digits."""
        card_id = (card or self.house.ana).id
        with database.reading() as session:
            habit = session.get(Habit, (self.house.id, card_id))
            likes = session.exec(select(Favourite).where(col(Favourite.program_id) == self.house.id, col(Favourite.card_id) == card_id))
            served = session.exec(select(Service).where(col(Service.program_id) == self.house.id, col(Service.card_id) == card_id))
            return {
                "habit": (habit.visits, habit.spent, habit.first_visit, habit.last_visit) if habit else (0, 0, None, None),
                "likes": {row.sku: (round(row.rank, 7), row.times, row.last_at) for row in likes},
                "served": {row.waiter: (row.times, row.last_at) for row in served},
            }

    def retell(self, card: Card | None = None) -> bool:
        with database.transaction() as session:
            return checks.retell(session, self.house.id, (card or self.house.ana).id)
