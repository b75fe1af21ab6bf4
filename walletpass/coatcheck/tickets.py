"""Finding tickets and what is on them."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from walletpass import cards
from walletpass.cards import Card
from walletpass.coatcheck.kinds import HERE
from walletpass.coatcheck.models import Cloakroom, CoatItem, Ticket
from walletpass.errors import NotFound


def get(session: Session, program_id: str, ticket_id: str) -> Ticket:
    """Raises NotFound."""
    ticket = session.get(Ticket, (program_id, ticket_id))
    if ticket is None:
        raise NotFound("There is no such ticket here.")
    return ticket


def lock(session: Session, ticket: Ticket) -> Ticket:
    """Ours until commit, and as it is now. Cards are locked before tickets, the shift between them, and hooks after."""
    session.refresh(ticket, with_for_update=True)
    return ticket


def lock_card(session: Session, ticket: Ticket) -> None:
    if ticket.card_id:
        session.refresh(cards.get(session, ticket.program_id, ticket.card_id), with_for_update=True)


def items(session: Session, ticket: Ticket) -> list[CoatItem]:
    ours = col(CoatItem.program_id) == ticket.program_id, col(CoatItem.ticket_id) == ticket.id
    return list(session.exec(select(CoatItem).where(*ours).order_by(col(CoatItem.number)).execution_options(populate_existing=True)).all())


def items_of(session: Session, program_id: str, ticket_ids: Collection[str]) -> dict[str, list[CoatItem]]:
    """Of several tickets at once."""
    found: dict[str, list[CoatItem]] = {ticket_id: [] for ticket_id in ticket_ids}
    if not found:
        return found
    ours = col(CoatItem.program_id) == program_id, col(CoatItem.ticket_id).in_(ticket_ids)
    for item in session.exec(select(CoatItem).where(*ours).order_by(col(CoatItem.ticket_id), col(CoatItem.number))).all():
        found[item.ticket_id].append(item)
    return found


def open_of_card(session: Session, card: Card, room: Cloakroom | None = None) -> Sequence[Ticket]:
    """The open tickets of a card and of those that went up in it, oldest first: in one cloakroom, or in all."""
    ours = [col(Ticket.program_id) == card.program_id, col(Ticket.card_id).in_(cards.ids_of(session, card)), col(Ticket.state) == "open"]
    if room is not None:
        ours.append(col(Ticket.cloakroom_id) == room.id)
    return session.exec(select(Ticket).where(*ours).order_by(col(Ticket.opened_at), col(Ticket.id))).all()


def open_of_code(session: Session, room: Cloakroom, code: str) -> Sequence[Ticket]:
    """More than one only where a device that was offline gave a code that was given already."""
    ours = (*_in(room), col(Ticket.code) == code, col(Ticket.state) == "open")
    return session.exec(select(Ticket).where(*ours).order_by(col(Ticket.offline), col(Ticket.opened_at), col(Ticket.id))).all()


def open_in(session: Session, room: Cloakroom) -> Sequence[Ticket]:
    ours = select(Ticket).where(*_in(room), col(Ticket.state) == "open")
    return session.exec(ours.order_by(col(Ticket.opened_at), col(Ticket.id))).all()


def here(things: Sequence[CoatItem]) -> list[CoatItem]:
    return [item for item in things if item.state in HERE]


def _in(room: Cloakroom) -> tuple[bool, bool]:
    return col(Ticket.program_id) == room.program_id, col(Ticket.cloakroom_id) == room.id  # type: ignore[return-value]
