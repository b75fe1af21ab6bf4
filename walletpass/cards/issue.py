import secrets

from sqlmodel import Session, col, select

from walletpass.cards.changes import next_tag
from walletpass.cards.codes import current_key_id, new_number
from walletpass.cards.models import Card
from walletpass.database import now
from walletpass.guests import Guest

_SERIAL_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def issue(session: Session, guest: Guest, **shown: object) -> Card:
    """A new card for a guest. ``shown`` is what it says from the first moment, besides the holder's name."""
    card = Card(
        program_id=guest.program_id,
        guest_id=guest.id,
        serial_number="".join(secrets.choice(_SERIAL_ALPHABET) for _ in range(26)),
        number=_free_number(session, guest.program_id),
        token=secrets.token_hex(16),
        key_id=current_key_id(),
        link=secrets.token_urlsafe(16),
        shown={"points": 0, "holder": guest.name, **shown},
        tag=next_tag(session, guest.program_id),
        changed_at=now().replace(microsecond=0),
    )
    session.add(card)
    session.flush()
    return card


def _free_number(session: Session, program_id: str) -> str:
    while True:
        number = new_number()
        taken = select(Card.id).where(col(Card.program_id) == program_id, col(Card.number) == number)
        if session.exec(taken).first() is None:
            return number
