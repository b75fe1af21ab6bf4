"""A card has the key of its changing code before Google is told of it."""

from walletpass import cards, programs
from walletpass.cards import CardFace
from walletpass.database import transaction


def give_key(face: CardFace) -> bool:
    """Whether the card lacked one that its program wants, and has it now: then its face is to be drawn again."""
    if face.rotation_key or not face.rotating_prefix:
        return False
    with transaction() as session:
        cards.rotation.begin(session, cards.get(session, face.program_id, face.card_id), programs.get(session, face.program_id))
    return True
