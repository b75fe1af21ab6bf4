"""Where a card is, by Google's word: in somebody's wallet, or taken out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from walletpass.cards import Card
from walletpass.google.models import GoogleObject


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
    row = session.get(GoogleObject, (program_id, card_id))
    if row is None or not (row.saved or row.removed_at):
        return None
    if not row.saved:
        return Presence(False, row.removed_at)
    told = row.saved_at is not None and (row.removed_at is None or row.saved_at >= row.removed_at)
    return Presence(True, row.saved_at if told else None)


def count(session: Session, program_id: str) -> Count:
    """How many of the program's cards are in Google Wallet, and how many were there and are not any more."""

    def cards(*where: Any) -> int:
        counted = select(func.count()).select_from(GoogleObject).where(col(GoogleObject.program_id) == program_id, *where)
        return session.exec(counted).one()

    saved = col(GoogleObject.saved)
    return Count(cards(saved), cards(~saved, col(GoogleObject.removed_at).is_not(None)))


def latest(session: Session, program_id: str, limit: int = 20) -> Sequence[tuple[Card, datetime]]:
    """Cards with the moment when Google was last told of them, newest first."""
    same = (col(Card.program_id) == col(GoogleObject.program_id)) & (col(Card.id) == col(GoogleObject.card_id))
    found = select(Card, GoogleObject.pushed_at).join(GoogleObject, same).where(col(Card.program_id) == program_id)
    return [(card, at) for card, at in session.exec(found.order_by(col(GoogleObject.pushed_at).desc()).limit(limit)).all()]
