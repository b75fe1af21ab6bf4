"""What proving a number does to points: all of it is the ledger's, and called here."""

import hmac

from sqlmodel import Session

from walletpass import cards, checks, config, ledger
from walletpass.cards import Card
from walletpass.ledger import Origin
from walletpass.programs import Program

ORIGIN = Origin("system")


def welcome(session: Session, program: Program, card: Card, phone: str) -> None:
    """The welcome points of this number, once for ever."""
    if ledger.bonus(session, program, card, "welcome", number_digest(program.id, phone), program.welcome_points, ORIGIN):
        ledger.tell(session, program, card)


def merge(session: Session, program: Program, card: Card, into: Card, *, ends: bool = False) -> None:
    """Both cards open ``into`` from now on, with the points and the visits of both; ``ends`` where the first must open nothing."""
    ledger.merge(session, program, card, into, ORIGIN)
    if ends:
        # Before the points are told: they are not for whoever holds this one.
        cards.void(session, card)
    for card_id in sorted((card.id, into.id)):
        checks.retell(session, program.id, card_id)
    ledger.tell(session, program, into)


def number_digest(program_id: str, phone: str) -> str:
    """A number in the ledger, which keeps no personal data. Under the oldest key of the ring: a new key in front of it does not
    make a number new."""
    key = list(config.current().keys.values())[-1]
    return hmac.new(key, f"walletpass:number {program_id} {phone}".encode(), "sha256").hexdigest()
