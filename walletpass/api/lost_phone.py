"""A phone is lost: the card on it ends, and the guest goes on with a new pass of the same card."""

from sqlmodel import Session

from walletpass import apple, cards, google
from walletpass.cards import Card


def reissue(session: Session, card: Card) -> None:
    """No phone shows the card any more, and whoever has one sees that it ended. Raises Conflict for a card that was ended."""
    left = cards.reissue(session, card)
    apple.hand_over(session, card, left)
    google.hand_over(session, card, left)
