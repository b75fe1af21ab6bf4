"""Cards and guests that turned out to be one, for many at a time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import text
from sqlmodel import Session, col, select

from walletpass.cards import Card
from walletpass.guests import Guest

One = TypeVar("One", Card, Guest)


@dataclass(frozen=True)
class Family:
    """A guest's newest good card, every card that went up in it, and whose those were; the guest is the first of ``guest_ids``."""

    card: Card | None
    card_ids: Collection[str]
    guest_ids: Sequence[str]


def survivors(session: Session, kind: type[One], program_id: str, asked: Iterable[str]) -> dict[str, One]:
    """For each of these that is known, by the id that was asked for, the one that it went up in: itself, if none."""
    ids = {one for one in asked if one}
    found: dict[str, One] = {}
    wanted = set(ids)
    while wanted:
        rows = session.exec(select(kind).where(col(kind.program_id) == program_id, col(kind.id).in_(wanted))).all()
        found |= {row.id: row for row in rows}
        wanted = {row.merged_into for row in rows if row.merged_into} - found.keys()
    return {one: _last(found[one], found) for one in ids if one in found}


def families_of(session: Session, program_id: str, guest_ids: Collection[str]) -> dict[str, Family]:
    good = _good_cards(session, program_id, guest_ids)
    older = _older(session, program_id, [card.id for card in good.values() if card.joined])
    found = {}
    for guest_id in guest_ids:
        card = good.get(guest_id)
        cards = [card, *older.get(card.id, ())] if card is not None else []
        found[guest_id] = Family(card, {one.id for one in cards}, list(dict.fromkeys([guest_id, *(one.owner_id for one in cards)])))
    return found


def _last(row: One, found: Mapping[str, One]) -> One:
    while row.merged_into and row.merged_into in found:
        row = found[row.merged_into]
    return row


def _good_cards(session: Session, program_id: str, guest_ids: Collection[str]) -> dict[str, Card]:
    ours = col(Card.program_id) == program_id, col(Card.guest_id).in_(guest_ids)
    good = col(Card.state) == "active", col(Card.merged_into) == ""
    return {card.owner_id: card for card in session.exec(select(Card).where(*ours, *good).order_by(col(Card.created_at), col(Card.id)))}


def _older(session: Session, program_id: str, card_ids: Collection[str]) -> dict[str, list[Card]]:
    """The cards that went up in each of these, through as many merges as there were."""
    root = {card_id: card_id for card_id in card_ids}
    found: dict[str, list[Card]] = {}
    wanted = set(card_ids)
    while wanted:
        # In so many words, so that the index of merged cards is used: see `cards.joining`.
        ours = col(Card.program_id) == program_id, col(Card.merged_into).in_(wanted), text("card.merged_into <> ''")
        rows = [row for row in session.exec(select(Card).where(*ours).order_by(col(Card.id))) if row.id not in root]
        for row in rows:
            root[row.id] = root[row.merged_into]
            found.setdefault(root[row.id], []).append(row)
        wanted = {row.id for row in rows}
    return found
