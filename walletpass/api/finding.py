"""The card that a request names, and how often it may be guessed at."""

from flask import current_app
from sqlmodel import Session

from walletpass import cards
from walletpass.cards import Card
from walletpass.doorman import Doorman
from walletpass.staff import Actor

# Reads of one card's changing code by one bearer in a minute: a guest at a till needs two or three, and of a hundred million
# guesses three are right.
READS_PER_MINUTE = 30


def find(session: Session, actor: Actor, text: str) -> Card:
    """`cards.find`, and TooMany for a bearer who reads codes of one card that change, right or wrong ones, as no till does."""
    if cards.rotation.is_changing_code(text):
        card = cards.rotation.named(session, actor.program_id, text)
        # Before the digits are looked at: a right guess among too many wrong ones is refused as well.
        _doorman().admit("code that changes", f"{actor.program_id}:{card.id}:{actor.bearer}", READS_PER_MINUTE)
    return cards.find(session, actor.program_id, text)


def _doorman() -> Doorman:
    found: Doorman = current_app.extensions.setdefault("doorman", Doorman())
    return found
