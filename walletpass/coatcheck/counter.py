"""The beginning and the end that all deeds on a ticket share."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import delete
from sqlmodel import Session, col

from walletpass import cards
from walletpass.coatcheck import claims, hooks, judging, rooms, shifts, steps, telling, tickets
from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.kinds import HERE, STANDING, State
from walletpass.coatcheck.models import CoatItem, Photo, Shift, Ticket
from walletpass.database import now
from walletpass.errors import NotFound

Gone = dict[str, str]


@dataclass
class Counter:
    """A ticket in hand: locked with its card and the shift, and as it is now."""

    session: Session
    ticket: Ticket
    things: list[CoatItem]
    hand: Hand
    shift: Shift

    def chosen(self, numbers: Collection[int] | None, states: Sequence[State]) -> list[CoatItem]:
        """The things of these numbers, or all that are in these states. Raises NotFound for a number that is none."""
        if numbers is None:
            return [item for item in self.things if item.state in states]
        found = [item for item in self.things if item.number in numbers]
        if len(found) != len(set(numbers)):
            raise NotFound("There is no such thing on this ticket.")
        return found

    def end(self, items: Sequence[CoatItem], became: State, *, where: str = "") -> None:
        """The things leave their hooks. One that was pulled is hung again first: a coat goes home from its hook. Photos go with them."""
        freed = [item.hook_id for item in items if item.hook_id]
        for item in items:
            if item.state == State.PULLED:
                steps.step(self.session, item, State.HUNG, self.hand, self.shift)
            values: dict[str, object] = {"hook_id": None, "claim_id": None, "ended_at": self.hand.moment}
            steps.step(self.session, item, became, self.hand, self.shift, kept_where=where, **values)
            self._forget_photo(item)
        hooks.let_go(self.session, self.ticket.program_id, freed)
        claims.fill(self.session, self.ticket.program_id, freed, self.hand, self.shift)

    def finish(self) -> None:
        """Close the ticket with its last thing, and let the card say how it is."""
        here = any(item.state in HERE for item in self.things)
        if not any(item.state in STANDING for item in self.things):
            self.ticket.called_at = None
        if not here and self.ticket.state == "open":
            self.ticket.state, self.ticket.closed_at = "closed", now()
        self.session.add(self.ticket)
        self.session.flush()
        judging.judge(self.session, self.ticket.program_id, self.ticket.id)
        judging.judge_code(self.session, self.ticket)
        telling.tell(self.session, self.ticket)

    def _forget_photo(self, item: CoatItem) -> None:
        ours = col(Photo.program_id) == item.program_id, col(Photo.ticket_id) == item.ticket_id, col(Photo.number) == item.number
        self.session.execute(delete(Photo).where(*ours))


@contextmanager
def at_the_counter(session: Session, ticket: Ticket, hand: Hand) -> Iterator[Counter]:
    """Everything that a deed on a ticket needs; what it changed is told at the end."""
    if ticket.card_id:
        session.refresh(cards.get(session, ticket.program_id, ticket.card_id), with_for_update=True)
    room = rooms.get(session, ticket.program_id, ticket.cloakroom_id)
    shift = shifts.current(session, room, hand)
    tickets.lock(session, ticket)
    counter = Counter(session, ticket, tickets.items(session, ticket), hand, shift)
    yield counter
    counter.finish()
