"""What an attendant sees: a first name and hooks, and nothing else of a guest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlmodel import Session, col, select

from walletpass import cards, guests
from walletpass.cards import Card
from walletpass.coatcheck import steps, tickets
from walletpass.coatcheck.kinds import HERE, State
from walletpass.coatcheck.models import Cloakroom, CoatItem, DeadCode, Photo, Step, Ticket
from walletpass.database import now
from walletpass.errors import DeadCode as DeadCodeShown

# A second scan of a ticket that is closed says so for as long as anybody argues about it.
REMEMBERED = timedelta(hours=36)


@dataclass(frozen=True)
class Seen:
    """An open ticket with its things; ``photos`` are the numbers of those that have one."""

    ticket: Ticket
    items: Sequence[CoatItem]
    first_name: str
    photos: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Look:
    """Usually one open ticket. More, where devices made them offline; then ``doubtful`` says that one code was given twice.

    ``returned`` is the last step of a ticket that was closed lately, where none is open.
    """

    tickets: Sequence[Seen] = ()
    first_name: str = ""
    returned: Step | None = None
    doubtful: bool = field(default=False)


def look(session: Session, room: Cloakroom, *, card: Card | None = None, code: str = "") -> Look:
    """What the guest with this card or these four digits has here."""
    found = tickets.open_of_card(session, card, room) if card else tickets.open_of_code(session, room, code)
    seen = see(session, room.program_id, found)
    closed = None if found else _closed(session, room, card, code)
    return Look(seen, first_name(session, card) if card else "", closed, card is None and len(found) > 1)


def see(session: Session, program_id: str, found: Sequence[Ticket]) -> list[Seen]:
    """Tickets with everything that is drawn of them, by a few questions however many they are."""
    ids = [ticket.id for ticket in found]
    things = tickets.items_of(session, program_id, ids)
    ours = col(Photo.program_id) == program_id, col(Photo.ticket_id).in_(ids)
    pictures = set(session.exec(select(Photo.ticket_id, Photo.number).where(*ours)).all()) if ids else set()
    names = _first_names(session, program_id, found)
    return [
        Seen(
            ticket, things[ticket.id], names.get(ticket.card_id or "", ""), frozenset(number for of, number in pictures if of == ticket.id)
        )
        for ticket in found
    ]  # fmt: skip


def here_of(session: Session, program_id: str, card_ids: Collection[str]) -> dict[str, list[CoatItem]]:
    """What is in the house of each of these cards that has something here, hung or kept; for many guests at once."""
    theirs = col(Ticket.program_id) == program_id, col(Ticket.card_id).in_(card_ids)
    # By card alone: databases would rather read all that is open, or hangs.
    every = session.exec(
        select(Ticket.id, Ticket.card_id, Ticket.state).where(*theirs).order_by(col(Ticket.card_id), col(Ticket.opened_at))
    ).all()
    cards_of = {ticket_id: card_id for ticket_id, card_id, state in every if state == "open"}
    ours = col(CoatItem.program_id) == program_id, col(CoatItem.ticket_id).in_(cards_of)
    found: dict[str, list[CoatItem]] = {}
    for item in session.exec(select(CoatItem).where(*ours).order_by(col(CoatItem.ticket_id), col(CoatItem.number))):
        if item.state in HERE:
            found.setdefault(cards_of[item.ticket_id] or "", []).append(item)
    return found


def first_name(session: Session, card: Card) -> str:
    return (guests.get(session, card.program_id, card.guest_id).name.split() or [""])[0] if card.guest_id else ""


def must_be_alive(session: Session, program_id: str, text: str) -> None:
    """Raises DeadCode where the code or number died with a lost phone."""
    row = session.get(DeadCode, (program_id, digest(program_id, text)))
    if row is not None:
        by = steps.first_name(session, program_id, row.released_by)
        raise DeadCodeShown(
            f"This code ended on {row.died_at:%d.%m. at %H:%M} UTC: the phone was said to be lost. Call a manager.",
            ticket=row.ticket_id, at=row.died_at.isoformat(), by=by,
        )  # fmt: skip


def digest(program_id: str, text: str) -> str:
    return cards.keyed(program_id, "dead coat code", "".join(text.split()).replace("-", ""))


def _closed(session: Session, room: Cloakroom, card: Card | None, code: str) -> Step | None:
    whose = col(Ticket.card_id).in_(cards.ids_of(session, card)) if card else col(Ticket.code) == code
    ours = col(Ticket.program_id) == room.program_id, col(Ticket.cloakroom_id) == room.id, whose, col(Ticket.closed_at) > now() - REMEMBERED
    ticket = session.exec(select(Ticket).where(*ours).order_by(col(Ticket.closed_at).desc()).limit(1)).first()
    if ticket is None or not (card or code):
        return None
    ends = [steps.last(session, item) for item in tickets.items(session, ticket) if item.state == State.RETURNED]
    return max(ends, key=lambda end: (end.recorded_at, end.number), default=None)


def _first_names(session: Session, program_id: str, found: Sequence[Ticket]) -> dict[str, str]:
    ids = {ticket.card_id for ticket in found if ticket.card_id}
    same = (col(guests.Guest.program_id) == col(Card.program_id)) & (col(guests.Guest.id) == col(Card.guest_id))
    named = select(Card.id, guests.Guest.name).join(guests.Guest, same).where(col(Card.program_id) == program_id, col(Card.id).in_(ids))
    return {card_id: (name.split() or [""])[0] for card_id, name in session.exec(named).all()} if ids else {}
