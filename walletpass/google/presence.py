"""Where a card is, by Google's word: in somebody's wallet, or taken out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, bindparam, func, update
from sqlmodel import Session, col, select

from walletpass.cards import Card
from walletpass.database import prepared, table
from walletpass.google.models import GoogleObject

SAME = (col(Card.program_id) == col(GoogleObject.program_id)) & (col(Card.id) == col(GoogleObject.card_id))


@dataclass(frozen=True)
class Presence:
    """``since`` is None for a card in the wallet whose saving we were not told of."""

    saved: bool
    since: datetime | None


@dataclass(frozen=True)
class Count:
    saved: int
    removed: int


def presence(session: Session, program_id: str, card_id: str) -> Presence | None:
    """None for a card that was in no Google Wallet, as far as we know."""
    found = session.execute(_told(session), {"program": program_id, "card": card_id}).first()
    if found is None:
        return None
    saved, saved_at, removed_at = found
    if not saved:
        return Presence(False, removed_at) if removed_at else None
    told = saved_at is not None and (removed_at is None or saved_at >= removed_at)
    return Presence(True, saved_at if told else None)


@prepared
def _told(dialect: Any) -> Executable:
    rows = table(GoogleObject).c
    ours = rows.program_id == bindparam("program"), rows.card_id == bindparam("card")
    return select(rows.saved, rows.saved_at, rows.removed_at).where(*ours)


def hand_over(session: Session, card: Card, to: Card) -> None:
    """The object that Google has of ``card`` is that of ``to`` from now on (`cards.reissue`): in whosever wallet it is."""
    its_row = col(GoogleObject.program_id) == card.program_id, col(GoogleObject.card_id) == card.id
    session.execute(update(GoogleObject).where(*its_row).values(card_id=to.id))


def count(session: Session, program_id: str) -> Count:
    """How many of the program's cards are in Google Wallet, and how many were there and are not any more. Coat tickets do not count."""

    def cards(*where: Any) -> int:
        counted = select(func.count()).select_from(GoogleObject).join(Card, SAME)
        return session.exec(counted.where(col(GoogleObject.program_id) == program_id, col(Card.kind) == "card", *where)).one()

    saved = col(GoogleObject.saved)
    return Count(cards(saved), cards(~saved, col(GoogleObject.removed_at).is_not(None)))


def latest(session: Session, program_id: str, limit: int = 20) -> Sequence[tuple[Card, datetime]]:
    """Cards with the moment when Google was last told of them, newest first."""
    found = select(Card, GoogleObject.pushed_at).join(GoogleObject, SAME).where(col(Card.program_id) == program_id)
    return [(card, at) for card, at in session.exec(found.order_by(col(GoogleObject.pushed_at).desc()).limit(limit)).all()]
