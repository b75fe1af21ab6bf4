"""The guest that a request speaks of, and how often one may ask for others."""

from functools import partial

from flask import current_app
from sqlmodel import Session

from walletpass import cards, identification, programs
from walletpass.cards import Card
from walletpass.doorman import Doorman
from walletpass.identification import Identified
from walletpass.staff import Actor

# Reads of one card's changing code by one bearer in a minute: a guest at a till needs two or three, and of a hundred million
# guesses three are right.
READS_PER_MINUTE = 30
# Phone numbers that one bearer may look up in a minute. A till needs a few; whoever stole a key wants to know who is a guest here.
PHONES_PER_MINUTE = 30
SEARCHES_PER_MINUTE = 60
# Card numbers that are nobody's. Those that are somebody's do not count: a till that was offline sends a whole evening at once, and of
# ten million numbers hardly one is a card for whoever guesses.
NUMBERS_PER_MINUTE = 120


def identify(session: Session, actor: Actor, text: str, kind: str = "") -> Identified:
    """`identification.identify`, and TooMany for a bearer who reads changing codes of one card, right or wrong ones, or looks up phone
    numbers, or types numbers that are nobody's, as often as no till does."""
    program = programs.get(session, actor.program_id)
    found = identification.identify(session, program, text, kind=kind, knock=partial(_admit, actor))
    if found.way == "number":
        doorman().take_back("card number", f"{actor.program_id}:{actor.bearer}")
    return found


def find(session: Session, actor: Actor, text: str, *, late: bool = False) -> Card:
    """The card alone, for deeds that ask for no proof.

    ``late`` takes a code that changes whenever it was shown, and uses nothing up: for what spends no points, and for what a manager decides.
    """
    if late and cards.rotation.is_changing_code(text):
        card = cards.rotation.named(session, actor.program_id, text)
        _admit(actor, "changing_code", card.id)
        return card
    return identify(session, actor, text).card


def _admit(actor: Actor, way: str, what: str) -> None:
    if way == "changing_code":
        doorman().admit("code that changes", f"{actor.program_id}:{what}:{actor.bearer}", READS_PER_MINUTE)
    if way == "number":
        doorman().admit("card number", f"{actor.program_id}:{actor.bearer}", NUMBERS_PER_MINUTE)
    if way == "phone":
        doorman().admit("phone", f"{actor.program_id}:{actor.bearer}", PHONES_PER_MINUTE)


def doorman() -> Doorman:
    found: Doorman = current_app.extensions.setdefault("doorman", Doorman())
    return found
