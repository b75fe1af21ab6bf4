"""An evening at the door, each deed in a transaction of its own."""

from datetime import timedelta
from functools import cached_property
from typing import Any

from tests.cast import House, make_till
from walletpass import checks, database, hostess, programs
from walletpass.cards import Card
from walletpass.database import now
from walletpass.hostess import Arrival, Arrived, Board, Booking, Here, Sender, Wish

SOON = timedelta(minutes=30)


class Door:
    def __init__(self, house: House) -> None:
        self.house = house

    def do(self, verb: Any, *args: Any, **options: Any) -> Any:
        with database.transaction() as session:
            return verb(session, programs.get(session, self.house.id), *args, **options)

    @cached_property
    def till(self) -> str:
        """The tablet on which the hostess taps."""
        return make_till(self.house.id)[0].id

    def arrive(self, card: Card | None = None, via: str = "door", *, signal: str = "", **options: Any) -> Arrived:
        sender = Sender(self.till if via == "hostess" else "reader", signal)
        return self.do(hostess.arrived, self.house.venue.id, card or self.house.ana, via, sender=sender, **options)

    def book(self, booking: str = "B1", **said: Any) -> Booking:
        wish = Wish(**{"at": now() + SOON, "party": 2, **said})
        return self.do(hostess.book, self.house.venue.id, booking, wish)

    def tap(self, booking: Booking) -> Arrived:
        """The hostess says that those who booked are here."""
        return self.do(hostess.arrived, booking.venue_id, None, "hostess", booking=booking, sender=Sender(self.till))

    def check_in(self, booking: Booking, **options: Any) -> Arrived:
        return self.do(hostess.arrived, booking.venue_id, None, "booking", booking=booking, **options)

    def seat(self, arrival: Arrival, place: str = "7", waiter: str = "") -> Arrival:
        return self.do(hostess.seat, arrival.id, place, waiter)

    def gone(self, arrival: Arrival) -> Arrival:
        with database.transaction() as session:
            return hostess.gone(session, self.house.id, arrival.id)

    def take_back(self, verb: Any, arrival: Arrival, *args: Any) -> Any:
        with database.transaction() as session:
            return verb(session, self.house.id, arrival.id, *args)

    def board(self, language: str = "en") -> Board:
        with database.reading() as session:
            return hostess.board(session, programs.get(session, self.house.id), self.house.venue.id, language)

    def here(self, language: str = "en") -> Here:
        """The only one who is here."""
        board = self.board(language)
        [one] = [*board.door, *board.inside]
        return one

    def visit(
        self, check: str = "V1", ago: timedelta = timedelta(days=3), card: Card | None = None, amount: int = 5_000, waiter: str = ""
    ) -> None:
        """A check that was paid so long ago."""
        with database.transaction() as session:
            checks.record(session, card or self.house.ana, check, amount, self.house.venue.id, now() - ago, waiter=waiter)

    def say(self, one: Here) -> None:
        assert one.sentence is not None
        with database.transaction() as session:
            hostess.done(session, self.house.id, one.arrival.id, one.sentence.kind, one.sentence.about)
