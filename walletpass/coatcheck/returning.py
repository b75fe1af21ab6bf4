"""Giving things back, keeping them over night, and what else may become of them."""

from collections.abc import Collection
from datetime import timedelta

from sqlmodel import Session

from walletpass import programs
from walletpass.coatcheck import steps, telling
from walletpass.coatcheck.counter import Counter, at_the_counter
from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.kinds import HERE, STANDING, State
from walletpass.coatcheck.models import CoatItem, Ticket
from walletpass.coatcheck.words import clean
from walletpass.database import now
from walletpass.errors import AlreadyReturned, Conflict, Malformed
from walletpass.events import Kind

Numbers = Collection[int] | None
LONGEST_PLACE = 80


def hand_back(session: Session, ticket: Ticket, numbers: Numbers, hand: Hand) -> list[CoatItem]:
    """Give back all that is here, or some of it by number.

    Raises AlreadyReturned with when, at which till and by whom the first time was, Conflict for what was lost or disposed of.
    """
    with at_the_counter(session, ticket, hand) as counter:
        return give(counter, numbers)


def give(counter: Counter, numbers: Numbers) -> list[CoatItem]:
    items = _able(counter, numbers, HERE)
    counter.end(items, State.RETURNED)
    telling.happened(counter.session, Kind.COAT_RETURNED, counter.ticket, counter.hand, items)
    return items


def keep(session: Session, ticket: Ticket, numbers: Numbers, where: str, hand: Hand) -> list[CoatItem]:
    """Their owners went home without them: put them ``where`` everybody finds them. Raises as `hand_back` does."""
    place = clean(where, "where", LONGEST_PLACE)
    if not place:
        raise Malformed("Say where they are kept.", field="where")
    with at_the_counter(session, ticket, hand) as counter:
        items = _able(counter, numbers, STANDING)
        counter.end(items, State.KEPT, where=place)
        telling.happened(session, Kind.COAT_KEPT, ticket, hand, items)
        return items


def lose(session: Session, ticket: Ticket, numbers: Numbers, hand: Hand) -> list[CoatItem]:
    """They are not where they should be, and nobody finds them. There is no way back. Raises as `hand_back` does."""
    with at_the_counter(session, ticket, hand) as counter:
        items = _able(counter, numbers, STANDING)
        counter.end(items, State.LOST)
        telling.happened(session, Kind.COAT_LOST, ticket, hand, items)
        return items


def dispose(session: Session, ticket: Ticket, numbers: Numbers, hand: Hand, *, early: bool = False) -> list[CoatItem]:
    """What was kept for the program's ``coat_days`` and nobody fetched; ``early`` is before that. Raises as `hand_back` does."""
    due = now() - timedelta(days=programs.get(session, ticket.program_id).coat_days)
    with at_the_counter(session, ticket, hand) as counter:
        items = _able(counter, numbers, (State.KEPT,))
        # A device tells when it was kept; the days count from when everybody could know of it.
        if not early and (young := [item for item in items if steps.last(session, item).recorded_at > due]):
            raise Conflict("This is not kept long enough. A manager may dispose of it earlier.", number=young[0].number)
        counter.end(items, State.DISPOSED)
        telling.happened(session, Kind.COAT_DISPOSED, ticket, hand, items)
        return items


def _able(counter: Counter, numbers: Numbers, states: tuple[State, ...]) -> list[CoatItem]:
    """What can be done with: all of it, or nothing is."""
    items = counter.chosen(numbers, states)
    wrong = [item for item in items if item.state not in states]
    if not items and numbers is None:
        wrong = [item for item in counter.things if item.state == State.RETURNED] or counter.things
    if wrong:
        raise refusal(counter.session, wrong[0])
    return items


def refusal(session: Session, item: CoatItem) -> Conflict:
    """Why nothing can be done with a thing as it is."""
    taken = steps.last(session, item)
    told = {"ticket": item.ticket_id, "number": item.number, "state": item.state, **steps.who(session, taken)}
    if item.state == State.RETURNED:
        return AlreadyReturned(f"This was given back at {taken.at:%H:%M} UTC.", **told)
    sentence = {
        State.LOST: "This was lost.",
        State.DISPOSED: "This was disposed of.",
        State.KEPT: f"This is kept: {item.kept_where}.",
        State.PULLED: "This was taken off its hook for a moment. Hang it again first.",
        State.HUNG: "This hangs on its hook.",
    }
    return Conflict(sentence[State(item.state)], **told)
