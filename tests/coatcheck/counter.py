"""What happens at the coats, each deed in a transaction of its own."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from tests.cast import House
from walletpass import cards, coatcheck, database, programs
from walletpass.cards import Card
from walletpass.coatcheck import Cloakroom, CoatItem, Hand, Hook, Look, Step, Ticket, Wanted, Whose

CODE = "4821"
NADIA = Hand("nadia", "counter", "till")


class Counter:
    """A cloakroom with ``hooks`` for anything in zone A, and in zone B two stands of three for bags and umbrellas."""

    def __init__(self, house: House, hooks: int = 4, hand: Hand = NADIA) -> None:
        self.house, self.hand = house, hand
        with database.transaction() as session:
            self.room: Cloakroom = coatcheck.rooms.add_room(session, house.venue, "Garderobe")
            coatcheck.rooms.add_zone(session, self.room, "A", hooks)
            coatcheck.rooms.add_zone(session, self.room, "B", 2, capacity=3, kinds=("bag", "umbrella"))

    def do(self, verb: Any, *args: Any, **options: Any) -> Any:
        with database.transaction() as session:
            return verb(session, *args, **options)

    def check_in(self, *wanted: Wanted | str, card: Card | None = None, code: str = "", ticket: str = "", **options: Any) -> str:
        """The ticket. A word is a kind, or a coat on the hook of that label; nothing is one coat."""
        whose = Whose(card if card or code or ticket else self.house.ana, code, ticket, **options)
        things = [one if isinstance(one, Wanted) else things_of(one) for one in wanted or ("coat",)]
        with database.transaction() as session:
            if whose.card is not None:
                whose = Whose(cards.get(session, self.house.id, whose.card.id), code, ticket, **options)
            return coatcheck.check_in(session, self.room, whose, things, self.hand)[0].id

    def on(self, verb: Any, ticket: str, numbers: Sequence[int] | None = None, *args: Any, hand: Hand | None = None, **options: Any) -> Any:
        """A deed on the things of a ticket."""
        with database.transaction() as session:
            return verb(session, self.ticket(ticket, session), numbers, *args, hand or self.hand, **options)

    def hand_back(self, ticket: str, numbers: Sequence[int] | None = None, hand: Hand | None = None) -> list[CoatItem]:
        found: list[CoatItem] = self.on(coatcheck.hand_back, ticket, numbers, hand=hand)
        return found

    def keep(self, ticket: str, numbers: Sequence[int] | None = None, where: str = "office") -> list[CoatItem]:
        found: list[CoatItem] = self.on(coatcheck.keep, ticket, numbers, where)
        return found

    def move(self, *moves: tuple[str, str]) -> None:
        self.do(coatcheck.move, self.room, moves, self.hand)

    def call(self, ticket: str) -> int:
        with database.transaction() as session:
            return coatcheck.call(session, self.ticket(ticket, session), self.hand)

    def ticket(self, ticket: str, session: Any = None) -> Ticket:
        if session is not None:
            return coatcheck.tickets.get(session, self.house.id, ticket)
        with database.reading() as session:
            return coatcheck.tickets.get(session, self.house.id, ticket)

    def items(self, ticket: str) -> list[CoatItem]:
        with database.reading() as session:
            return coatcheck.tickets.items(session, coatcheck.tickets.get(session, self.house.id, ticket))

    def states(self, ticket: str) -> list[str]:
        return [str(item.state) for item in self.items(ticket)]

    def labels(self, ticket: str) -> list[str]:
        return [item.hook_label for item in self.items(ticket)]

    def steps(self, ticket: str, number: int = 1) -> list[Step]:
        with database.reading() as session:
            ours = col(Step.program_id) == self.house.id, col(Step.ticket_id) == ticket, col(Step.number) == number
            return list(session.exec(select(Step).where(*ours).order_by(col(Step.seq))).all())

    def taken(self) -> dict[str, int]:
        """How much hangs where, of the hooks that are not empty."""
        with database.reading() as session:
            ours = select(Hook).where(col(Hook.program_id) == self.house.id, col(Hook.taken) > 0)
            return {hook.label: hook.taken for hook in session.exec(ours.order_by(col(Hook.label))).all()}

    def shown(self, card: Card | None = None) -> str | None:
        """What the guest's card says of coats."""
        with database.reading() as session:
            said: str | None = cards.get(session, self.house.id, (card or self.house.ana).id).shown.get("coat")
            return said

    def look(self, card: Card | None = None, code: str = "") -> Look:
        with database.reading() as session:
            return coatcheck.look(session, self.room, card=card, code=code)

    def rule(self, **values: Any) -> None:
        with database.transaction() as session:
            program = programs.get(session, self.house.id)
            for name, value in values.items():
                setattr(program, name, value)
            session.add(program)


def things_of(word: str) -> Wanted:
    return Wanted("coat", word) if word[0].isupper() else Wanted(word)
