import secrets

from sqlmodel import Session

from walletpass.cards.changes import touch
from walletpass.cards.issue import free_number
from walletpass.cards.models import Card
from walletpass.errors import Conflict


def renew(session: Session, card: Card) -> None:
    """A new code, number and link for a card whose old ones are in the wrong hands: those open nothing from now on.

    It stays the same pass on the guest's phones, with its points, so ``key_id`` stays as well: what phones prove themselves by is
    derived with it. Raises Conflict for a card that was ended.
    """
    session.refresh(card, with_for_update=True)
    if card.state != "active":
        raise Conflict("This card was ended. Give the guest a new one.")
    card.token, card.link, card.number = secrets.token_hex(16), secrets.token_urlsafe(16), free_number(session, card.program_id)
    session.add(card)
    session.flush()
    touch(session, card)
