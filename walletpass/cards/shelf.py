"""Finding cards."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from walletpass.cards import rotation
from walletpass.cards.codes import NOT_OURS, bare, is_card_number, read_card_code
from walletpass.cards.models import Card
from walletpass.errors import NotFound, NotOurCode


def get(session: Session, program_id: str, card_id: str) -> Card:
    """Raises NotFound."""
    return _found(session.get(Card, (program_id, card_id)))


def find_by_code(session: Session, program_id: str, text: str) -> Card:
    """The card behind a scanned code or a typed number; blanks and dashes are forgiven.

    NotOurCode, with one sentence, for everything else: forged, foreign, mistyped, unknown, voided. A code that changes is used
    up by it, so it wants a session that may write; CodeExpired or CodeUsed when it is not good any more.
    """
    digits = bare(text)
    if rotation.is_changing_code(digits):
        return rotation.read(session, program_id, digits)
    if is_card_number(digits):
        where = col(Card.number) == digits
    else:
        where = col(Card.token) == read_card_code(program_id, digits)
    card = session.exec(select(Card).where(col(Card.program_id) == program_id, where)).first()
    if card is None or card.state != "active":
        raise NotOurCode(NOT_OURS)
    return card


def find(session: Session, program_id: str, text: str) -> Card:
    """A card by its id, its code or its number; for the rest see `find_by_code`."""
    card = session.get(Card, (program_id, text)) if len(text) == 26 else None
    return card if card is not None and card.state == "active" else find_by_code(session, program_id, text)


def by_link(session: Session, program_id: str, link: str) -> Card:
    """Raises NotFound."""
    return _found(session.exec(select(Card).where(col(Card.program_id) == program_id, col(Card.link) == link)).first())


def by_serial(session: Session, program_id: str, serial_number: str) -> Card | None:
    return session.exec(select(Card).where(col(Card.program_id) == program_id, col(Card.serial_number) == serial_number)).first()


def changed_since(session: Session, program_id: str, card_ids: Sequence[str], tag: int) -> Sequence[Card]:
    """Those of the cards whose update tag is above ``tag``."""
    return session.exec(select(Card).where(col(Card.program_id) == program_id, col(Card.id).in_(card_ids), col(Card.tag) > tag)).all()


def _found(card: Card | None) -> Card:
    if card is None:
        raise NotFound("This card is not known here.")
    return card
