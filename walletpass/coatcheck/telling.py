"""What a card says of the coats of its guest."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from walletpass import cards, events, guests, programs
from walletpass.cards import Card
from walletpass.coatcheck import tickets
from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.kinds import STANDING, State
from walletpass.coatcheck.models import Cloakroom, CoatItem, Ticket
from walletpass.events import Kind

KEPT = {
    "en": "Kept for you: {where}",
    "uk": "Зберігаємо для вас: {where}",
    "ru": "Храним для вас: {where}",
}


def tell(session: Session, ticket: Ticket) -> None:
    """Let the guest's card, and all that went up in it, show where their things are; nothing when they have them."""
    if ticket.card_id:
        tell_card(session, cards.get(session, ticket.program_id, ticket.card_id))


def tell_card(session: Session, card: Card) -> None:
    """A wallet ticket says besides how many things and where, and ends with its last one."""
    card = cards.survivor(session, card.program_id, card.id) or card
    found = tickets.open_of_card(session, card)
    things = tickets.items_of(session, card.program_id, [one.id for one in found])
    shown: dict[str, Any] = {"coat": _where(session, card, found, things)}
    if card.is_ticket:
        standing = [item for items in things.values() for item in items if item.state in STANDING]
        shown["items"] = len(standing) or None
    for one in cards.faces_of(session, card):
        cards.show(session, one, **shown)
    if card.is_ticket and not found:
        cards.void(session, card)


def happened(session: Session, kind: Kind, ticket: Ticket, hand: Hand, things: Sequence[CoatItem]) -> None:
    room = session.get_one(Cloakroom, (ticket.program_id, ticket.cloakroom_id))
    events.happened(
        session, ticket.program_id, kind, card_id=ticket.card_id or "", venue_id=room.venue_id, staff_id=hand.staff_id,
        device_id=hand.till_id, source=hand.source, at=hand.moment, data={"ticket": ticket.id, "items": len(things), "cloakroom": room.id},
    )  # fmt: skip


def _where(session: Session, card: Card, found: Sequence[Ticket], things: dict[str, list[CoatItem]]) -> str | None:
    """``A17, A18``; with the cloakroom's name where the guest uses several; the morning after, where a kept thing is."""
    hanging = [(one.cloakroom_id, labels) for one in found if (labels := _labels(things[one.id]))]
    rooms = {room_id for room_id, _ in hanging}
    said = []
    for room_id, labels in hanging:
        name = session.get_one(Cloakroom, (card.program_id, room_id)).name if len(rooms) > 1 else ""
        said.append(f"{name}: {', '.join(labels)}" if name else ", ".join(labels))
    kept = {item.kept_where: None for items in things.values() for item in items if item.state == State.KEPT and item.told_at}
    if not said and kept:
        said.append(KEPT.get(language(session, card), KEPT["en"]).format(where=", ".join(kept)))
    return ", ".join(said) or None


def _labels(items: Sequence[CoatItem]) -> list[str]:
    """Each hook once, in the order of the things."""
    return list(dict.fromkeys(item.hook_label for item in items if item.state in STANDING and item.hook_label))


def language(session: Session, card: Card) -> str:
    guest = guests.get(session, card.program_id, card.guest_id) if card.guest_id else None
    return guest.language if guest else programs.get(session, card.program_id).language
