"""The morning after: guests are told where their coats are, and what nobody fetches comes on a list."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from walletpass import cards, guests, messages, programs
from walletpass.coatcheck import telling, tickets
from walletpass.coatcheck.kinds import State
from walletpass.coatcheck.models import Cloakroom, CoatItem, Ticket
from walletpass.coatcheck.models.tickets import IS_HERE
from walletpass.database import now
from walletpass.programs import Program, ProgramRounds

TOLD_AT = time(10)
# What the text is worth: after a day somebody has asked.
LIFE = timedelta(hours=10)
AT_ONCE = 50


def kept(session: Session, room: Cloakroom) -> Sequence[CoatItem]:
    """What is kept in a cloakroom, longest first."""
    return session.exec(_kept(room.program_id).where(col(CoatItem.cloakroom_id) == room.id)).all()


def due_for_disposal(session: Session, program: Program, room: Cloakroom) -> Sequence[CoatItem]:
    """What was kept for the program's ``coat_days``."""
    before = now() - timedelta(days=program.coat_days)
    return session.exec(_kept(room.program_id).where(col(CoatItem.cloakroom_id) == room.id, col(CoatItem.ended_at) <= before)).all()


def tell_owners(session: Session, program: Program, most: int = AT_ONCE) -> int:
    """Tell some of those whose coats stayed, once and from ten in the morning on; how many tickets were looked at.

    It is about their own coat, and so outside any limit for advertising. A guest without a phone number finds it on the card.
    """
    local = now().astimezone(ZoneInfo(program.timezone))
    if local.time() < TOLD_AT:
        return 0
    today = programs.day_begins(program, programs.day_of(program))
    found = session.exec(_untold(program.id, today).limit(most)).all()
    for ticket_id in dict.fromkeys(item.ticket_id for item in found):
        _tell(session, program, tickets.get(session, program.id, ticket_id), today)
    return len(found)


class Morning(ProgramRounds):
    """Looks every five minutes."""

    name: ClassVar[str] = "coats.morning"
    every: ClassVar[float] = 300.0

    def some(self, session: Session, program: Program) -> bool:
        return tell_owners(session, program) == AT_ONCE


def _tell(session: Session, program: Program, ticket: Ticket, today: datetime) -> None:
    tickets.lock_card(session, ticket)
    tickets.lock(session, ticket)
    # Whoever was faster has told it, or given it back.
    items = [one for one in tickets.items(session, ticket) if one.state == State.KEPT and one.told_at is None and _ended(one) < today]
    if not items or not ticket.card_id:
        return
    for item in items:
        item.told_at = now()
        session.add(item)
    session.flush()
    telling.tell(session, ticket)
    card = cards.get(session, program.id, ticket.card_id)
    guest = guests.get(session, program.id, card.guest_id) if card.guest_id else None
    if guest is not None and guest.phone:
        text = messages.texts.coat_kept(program, guest.language)
        messages.post(session, program, guest.phone, text, "coat_kept", guest.language, life=LIFE)


def _ended(item: CoatItem) -> datetime:
    return item.ended_at or item.hung_at


def _kept(program_id: str) -> SelectOfScalar[CoatItem]:
    ours = col(CoatItem.program_id) == program_id, IS_HERE, col(CoatItem.state) == State.KEPT
    return select(CoatItem).where(*ours).order_by(col(CoatItem.ended_at), col(CoatItem.ticket_id), col(CoatItem.number))


def _untold(program_id: str, today: datetime) -> SelectOfScalar[CoatItem]:
    same = (col(Ticket.program_id) == col(CoatItem.program_id)) & (col(Ticket.id) == col(CoatItem.ticket_id))
    owned = _kept(program_id).join(Ticket, same).where(col(Ticket.card_id).is_not(None))
    return owned.where(col(CoatItem.told_at).is_(None), col(CoatItem.ended_at) < today)
