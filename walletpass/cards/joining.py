"""Two cards of one guest: the one that went up in the other opens it from then on."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session, col, select

from walletpass.cards.models import Card


def join(session: Session, card: Card, into: Card) -> None:
    card.merged_into, into.joined = into.id, True
    session.add_all([card, into])
    session.flush()


def part(session: Session, card: Card, into: Card) -> None:
    card.merged_into = ""
    session.add(card)
    session.flush()
    into.joined = bool(_joined_to(session, into))
    session.add(into)
    session.flush()


def survivor(session: Session, program_id: str, card_id: str) -> Card | None:
    """The card that this one opens: itself, or the one that it went up in."""
    card = session.get(Card, (program_id, card_id))
    while card is not None and card.merged_into:
        card = session.get(Card, (program_id, card.merged_into))
    return card


def all_of(session: Session, card: Card) -> Sequence[Card]:
    """The card and those that went up in it."""
    found, fresh = [card], [card]
    while fresh := [old for one in fresh if one.joined for old in _joined_to(session, one)]:
        found += fresh
    return found


def faces_of(session: Session, card: Card) -> Sequence[Card]:
    """The card and those that went up in it and still open it: all that show what it has. One that ended may be in a stranger's phone."""
    return [one for one in (all_of(session, card) if card.joined else [card]) if one.state == "active"]


def ids_of(session: Session, card: Card) -> list[str]:
    return [one.id for one in all_of(session, card)]


def _joined_to(session: Session, card: Card) -> Sequence[Card]:
    # The last condition in so many words: without it neither database sees that the index of merged cards will do.
    ours = col(Card.program_id) == card.program_id, col(Card.merged_into) == card.id, text("card.merged_into <> ''")
    found = select(Card).where(*ours)
    return session.exec(found.order_by(col(Card.id))).all()
