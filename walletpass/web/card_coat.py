"""What a card's own page says of its guest's coat."""

from typing import Any

from sqlmodel import Session

from walletpass import coatcheck
from walletpass.cards import Card
from walletpass.coatcheck import STANDING, Ticket


def of_card(session: Session, card: Card) -> dict[str, Any] | None:
    """The hooks, and how many are served before this guest, where they have called; None where nothing hangs."""
    tickets = hanging(session, card)
    if not tickets:
        return None
    hooks = [item.hook_label for ticket in tickets for item in coatcheck.tickets.items(session, ticket) if item.state in STANDING]
    called = [ticket for ticket in tickets if ticket.called_at is not None]
    return {"hooks": ", ".join(dict.fromkeys(hooks)), "before": max((_before(session, ticket) for ticket in called), default=None)}


def hanging(session: Session, card: Card) -> list[Ticket]:
    found = coatcheck.tickets.open_of_card(session, card)
    things = coatcheck.tickets.items_of(session, card.program_id, [ticket.id for ticket in found])
    return [ticket for ticket in found if any(item.state in STANDING for item in things[ticket.id])]


def _before(session: Session, ticket: Ticket) -> int:
    room = coatcheck.rooms.get(session, ticket.program_id, ticket.cloakroom_id)
    return coatcheck.queue(session, room).index(ticket.id)
