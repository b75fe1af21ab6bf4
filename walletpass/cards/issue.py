import secrets

from sqlmodel import Session, col, select

from walletpass import events, programs
from walletpass.cards.changes import next_tag
from walletpass.cards.codes import current_key_id, new_number
from walletpass.cards.designs import load_design
from walletpass.cards.models import Card
from walletpass.database import now
from walletpass.errors import Conflict
from walletpass.events import Kind
from walletpass.guests import Guest

_SERIAL_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def issue(session: Session, guest: Guest, **shown: object) -> Card:
    """A new card for a guest. ``shown`` is what it says from the first moment, besides the holder's name."""
    named = {"holder": guest.name} if guest.name else {}
    card = _made(session, guest.program_id, guest.id, {"points": 0, **named, **shown})
    events.happened(session, card.program_id, Kind.CARD_ISSUED, card_id=card.id, data={"guest": guest.id})
    return card


def issue_ticket(session: Session, program_id: str, **shown: object) -> Card:
    """A coat ticket for a guest without a card. ``shown`` is what hangs where: ``coat``, ``items``, ``venue``.

    It travels to phones like a card, and is one nowhere else. The feed of events is not told: what happens to coats is told by
    who hangs them up. Raises Conflict where the program's design has no ticket.
    """
    if load_design(programs.get(session, program_id).design).ticket is None:
        raise Conflict("This restaurant's design has no coat ticket for a phone. Give the guest a code of four digits.")
    return _made(session, program_id, None, {name: value for name, value in shown.items() if value is not None})


def _made(session: Session, program_id: str, guest_id: str | None, shown: dict[str, object]) -> Card:
    card = Card(
        program_id=program_id,
        kind="ticket" if guest_id is None else "card",
        guest_id=guest_id,
        serial_number=new_serial_number(),
        number=free_number(session, program_id),
        token=secrets.token_hex(16),
        key_id=current_key_id(),
        link=secrets.token_urlsafe(16),
        tag=next_tag(session, program_id),
        shown=shown,
        changed_at=now().replace(microsecond=0),
    )
    session.add(card)
    session.flush()
    return card


def new_serial_number() -> str:
    return "".join(secrets.choice(_SERIAL_ALPHABET) for _ in range(26))


def free_number(session: Session, program_id: str) -> str:
    while True:
        number = new_number()
        taken = select(Card.id).where(col(Card.program_id) == program_id, col(Card.number) == number)
        if session.exec(taken).first() is None:
            return number
