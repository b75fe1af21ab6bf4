"""What is over, and what a guest who leaves takes along."""

from typing import Any, ClassVar

from sqlalchemy import delete
from sqlmodel import Session, col, select

from walletpass import database
from walletpass.cards import Card
from walletpass.database import now
from walletpass.guests import Guest
from walletpass.identification import card_codes, once
from walletpass.identification.models import BoundToken, CardCode, Confirmation, FactorTries, Passkey, SpentWord
from walletpass.rounds import Rounds

OVER: tuple[tuple[Any, Any], ...] = ((CardCode, CardCode.expires_at), (SpentWord, SpentWord.until))


def sweep(session: Session) -> int:
    """Codes whose time is over leave the cards, and words that are too old to be used are forgotten. How many cards changed."""
    once.forget_old(session)
    return card_codes.take_off_old(session)


class Sweeper(Rounds):
    """A code leaves the card within half a minute of its end. Any number of processes may look: none waits for another's row."""

    name: ClassVar[str] = "identification"
    every: ClassVar[float] = 20.0

    def round(self) -> None:
        with database.reading() as session:
            old = [select(table.program_id).where(col(over) < now()).limit(1) for table, over in OVER]
            due = any(session.exec(one).first() is not None for one in old)
        if due:
            with database.transaction() as session:
                sweep(session)


def forget(session: Session, card: Card) -> None:
    """Everything by which this card's guest was known or proved who they are. Part of erasing a guest."""
    for table in (BoundToken, Passkey, CardCode, Confirmation, FactorTries):
        session.execute(delete(table).where(col(table.program_id) == card.program_id, col(table.card_id) == card.id))
    guest = session.get_one(Guest, (card.program_id, card.owner_id))
    guest.pin_hash = ""
    session.add(guest)
    session.flush()
