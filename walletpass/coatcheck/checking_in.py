"""Taking things in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from walletpass.cards import Card
from walletpass.coatcheck import codes, hooks, proposing, rooms, shifts, steps, telling, tickets
from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.kinds import ItemKind, State
from walletpass.coatcheck.models import Cloakroom, CoatItem, Hook, Shift, Ticket
from walletpass.coatcheck.words import clean
from walletpass.database import new_id, now
from walletpass.errors import Conflict, HookTaken, Malformed, NoHookFree
from walletpass.events import Kind

MOST_AT_ONCE, MOST_ON_A_TICKET = 20, 50
# How often two attendants may take the proposed hook from under a third, who named none.
TRIES = 20


@dataclass(frozen=True)
class Wanted:
    """One thing, and the hook that it hangs on by its label; without one we choose. ``number`` comes from a device that was offline."""

    kind: str
    hook: str = ""
    description: str = ""
    number: int = 0


@dataclass(frozen=True)
class Whose:
    """A guest's card or a wallet ticket, or four digits; with the ``ticket`` of a device, or one that takes more things on."""

    card: Card | None = None
    code: str = ""
    ticket: str = ""
    description: str = ""


def check_in(session: Session, room: Cloakroom, whose: Whose, wanted: Sequence[Wanted], hand: Hand) -> tuple[Ticket, list[CoatItem]]:
    """The ticket, and what came on it now. An open ticket of the same card takes more things on.

    Nothing is written where a hook is full: HookTaken carries the next ``free`` one. Raises Malformed for a hook or kind that is
    none, NoHookFree, WeakCode, CodeTaken, and Conflict for a ticket that is closed or somebody else's.
    """
    check(wanted)
    if not room.in_use:
        raise Conflict("This cloakroom is not used any more.")
    shift = shifts.current(session, room, hand) if whose.card is None else _card_first(session, room, whose.card, hand)
    ticket = _ticket(session, room, whose, hand, shift)
    there = tickets.items(session, ticket)
    if len(there) + len(wanted) > MOST_ON_A_TICKET:
        raise Malformed(f"One ticket has {MOST_ON_A_TICKET} things at most.", field="items")
    places = _take(session, room, wanted)
    costs = rooms.prices(session, room.program_id)
    first = max((item.number for item in there), default=0) + 1
    made = [
        hang(session, ticket, first + place, one, hook, costs.get(one.kind, 0), hand, shift)
        for place, (one, hook) in enumerate(zip(wanted, places, strict=True))
    ]
    telling.happened(session, Kind.COAT_HUNG, ticket, hand, made)
    telling.tell(session, ticket)
    return ticket, made


def check(wanted: Sequence[Wanted]) -> None:
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        raise Malformed(f"Give 1 to {MOST_AT_ONCE} things.", field="items")
    for one in wanted:
        if one.kind not in set(ItemKind):
            raise Malformed(f"A thing is one of {', '.join(ItemKind)}.", field="kind")
        clean(one.description, "description")


def hang(
    session: Session, ticket: Ticket, number: int, one: Wanted, hook: Hook | None, price: int, hand: Hand, shift: Shift, **values: Any
) -> CoatItem:
    """The row of a thing and its first step; its place on the hook has been taken."""
    values = {"hook_id": hook.id if hook else None, **values}
    item = CoatItem(
        program_id=ticket.program_id, ticket_id=ticket.id, number=number, cloakroom_id=ticket.cloakroom_id, kind=one.kind,
        hook_label=hook.label if hook else one.hook.strip().upper()[:8], state=State.HUNG, price=price,
        description=clean(one.description, "description"), steps=1, hung_at=hand.moment, **values,
    )  # fmt: skip
    session.add(item)
    session.flush()
    steps.write(session, item, "", hand, shift)
    return item


def make_ticket(session: Session, room: Cloakroom, whose: Whose, hand: Hand, shift: Shift, *, offline: bool = False) -> Ticket | None:
    """None where a rival has made one with this id, card or code; one that is under way is waited for."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = {
        "program_id": room.program_id, "id": whose.ticket or new_id(), "cloakroom_id": room.id, "card_id": whose.card.id if whose.card else None,
        "code": whose.code, "description": clean(whose.description, "description"), "state": "open", "offline": offline,
        "opened_at": hand.moment if offline else now(), "opened_by": hand.staff_id, "till_id": hand.till_id, "shift_id": shift.id,
    }  # fmt: skip
    made = session.execute(dialect.insert(Ticket).values(**row).on_conflict_do_nothing().returning(col(Ticket.id))).first()
    return tickets.lock(session, tickets.get(session, room.program_id, made[0])) if made else None


def _card_first(session: Session, room: Cloakroom, card: Card, hand: Hand) -> Shift:
    session.refresh(card, with_for_update=True)
    return shifts.current(session, room, hand)


def _ticket(session: Session, room: Cloakroom, whose: Whose, hand: Hand, shift: Shift) -> Ticket:
    if (found := _known(session, room, whose)) is not None:
        return found
    if whose.code:
        codes.check(session, room, whose.code)
    if not (whose.card or whose.code):
        raise Malformed("A ticket needs a card or four digits.", field="card")
    made = make_ticket(session, room, whose, hand, shift)
    if made is None and whose.code:
        codes.check(session, room, whose.code)
    if made is None:
        raise Conflict("Somebody else made this ticket at the same moment. Please look again.")
    return made


def _known(session: Session, room: Cloakroom, whose: Whose) -> Ticket | None:
    """The open ticket that takes the things on: the one that is named, or the card's."""
    if whose.ticket and (named := session.get(Ticket, (room.program_id, whose.ticket))) is not None:
        tickets.lock(session, named)
        # A card may have been scanned, or a code typed, and has to be the ticket's; a device may name the ticket alone.
        other = (whose.card is not None and named.card_id != whose.card.id) or (whose.code and named.code != whose.code)
        if named.state != "open" or named.cloakroom_id != room.id or other:
            raise Conflict("This ticket is closed, or another guest's. Begin a new one.", state=named.state)
        return named
    if whose.card is None:
        return None
    for one in tickets.open_of_card(session, whose.card, room):
        if tickets.lock(session, one).state == "open":
            return one
    return None


def _take(session: Session, room: Cloakroom, wanted: Sequence[Wanted]) -> list[Hook]:
    """A place for each thing: the named hook, or one of our choice."""
    named = {place: rooms.hook(session, room, one.hook) for place, one in enumerate(wanted) if one.hook}
    full = hooks.take(session, room.program_id, [hook.id for hook in named.values()])
    if full is not None:
        place = next(place for place, hook in named.items() if hook.id == full)
        free = proposing.next_free(session, room, wanted[place].kind, named[place], but={hook.id for hook in named.values()})
        sentence = f"{named[place].label} is taken. " + (f"The next free hook is {free}." if free else "No other hook is free.")
        raise HookTaken(sentence, hook=named[place].label, free=free)
    loose = [place for place in range(len(wanted)) if place not in named]
    chosen = _choose(session, room, [wanted[place].kind for place in loose]) if loose else []
    return [named[place] if place in named else chosen[loose.index(place)] for place in range(len(wanted))]


def _choose(session: Session, room: Cloakroom, kinds: Sequence[str]) -> list[Hook]:
    for _ in range(TRIES):
        proposed = proposing.propose(session, room, kinds)
        # Undone whole when a rival was faster: nobody holds one hook while waiting for another out of order.
        with session.begin_nested() as attempt:
            if hooks.take(session, room.program_id, [hook.id for hook in proposed]) is None:
                return proposed
            attempt.rollback()
    raise NoHookFree("Others take every hook at this moment. Please try again.")
