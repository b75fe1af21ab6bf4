"""The guest is leaving, and says so before they come."""

from sqlmodel import Session, col, select

from walletpass import programs
from walletpass.coatcheck import telling, tickets
from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.kinds import STANDING
from walletpass.coatcheck.models import Cloakroom, Ticket
from walletpass.database import now
from walletpass.errors import Conflict, QueueFull
from walletpass.events import Kind


def call(session: Session, ticket: Ticket, hand: Hand) -> int:
    """Put the ticket in its cloakroom's queue; how many are before it. Called twice, it stands where it stood.

    Raises QueueFull with how many wait, Conflict for a ticket of which nothing hangs.
    """
    # One after the other: two who call at once must not both be the last that there is room for.
    ours = col(Cloakroom.program_id) == ticket.program_id, col(Cloakroom.id) == ticket.cloakroom_id
    room = session.exec(select(Cloakroom).where(*ours).with_for_update()).one()
    tickets.lock(session, ticket)
    if not any(item.state in STANDING for item in tickets.items(session, ticket)):
        raise Conflict("Nothing of this ticket hangs here.", state=ticket.state)
    waiting = queue(session, room)
    if ticket.called_at is not None:
        return waiting.index(ticket.id)
    if len(waiting) >= programs.get(session, ticket.program_id).coat_queue:
        raise QueueFull(f"{len(waiting)} guests wait for their coats. Please call again in a moment.", waiting=len(waiting))
    ticket.called_at = now()
    session.add(ticket)
    session.flush()
    telling.happened(session, Kind.COAT_CALLED, ticket, hand, ())
    return len(waiting)


def queue(session: Session, room: Cloakroom) -> list[str]:
    """The ids of the tickets that were called in a cloakroom, in their order."""
    ours = col(Ticket.program_id) == room.program_id, col(Ticket.cloakroom_id) == room.id
    called = select(Ticket.id).where(*ours, col(Ticket.state) == "open", col(Ticket.called_at).is_not(None))
    return list(session.exec(called.order_by(col(Ticket.called_at), col(Ticket.id))).all())
