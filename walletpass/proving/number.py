from dataclasses import dataclass

from sqlmodel import Session

from walletpass import cards, codes, events, guests, messages
from walletpass.cards import Card
from walletpass.codes import Waiting
from walletpass.errors import Conflict
from walletpass.events import Kind
from walletpass.guests import Guest
from walletpass.programs import Program
from walletpass.proving import points

PURPOSE = "join"


@dataclass(frozen=True)
class Standing:
    """What a card's page says about the number: to whom a code goes, and the one that can be typed."""

    phone: str
    waiting: Waiting | None
    verified: bool


def standing(session: Session, card: Card) -> Standing | None:
    """None where there is nothing to prove: no number, no way to send there, or a card that is no good any more."""
    guest = guests.get(session, card.program_id, card.owner_id)
    if not guest.phone or card.state != "active" or not messages.reachable(messages.way_to(guest.phone)):
        return None
    waiting = codes.waiting(session, card.program_id, PURPOSE, card.id)
    return Standing(guests.masked(guest.phone), waiting, guest.verified_at is not None)


def ask(session: Session, program: Program, card: Card, language: str) -> Waiting:
    """Send a code to the number of this card's guest; raises as `codes.send`, and Conflict when it was proved already."""
    guest = guests.get(session, program.id, card.owner_id)
    if guest.verified_at is not None or not guest.phone:
        raise Conflict("This number needs no code.")
    return codes.send(session, program, PURPOSE, guest.phone, card.id, language=language)


def prove(session: Session, program: Program, card: Card, code: str) -> Card | None:
    """The card that the guest has from now on, or None for a wrong code. The try counts with the caller's commit."""
    guest = guests.get(session, program.id, card.owner_id)
    if not codes.check(session, program, PURPOSE, card.id, code, to=guest.phone):
        return None
    # Whoever proves gathers the other guests of the number: two at once would wait for each other's.
    guests.lock_phones(session, program.id, [guest.phone])
    for one in (guest, card):
        session.refresh(one)
    if guest.merged_into:
        # Somebody proved the same number a moment ago, and this card went up in theirs.
        return cards.survivor(session, program.id, card.id)
    if guests.verify(session, guest):
        events.happened(session, program.id, Kind.GUEST_VERIFIED, card_id=card.id, data={"guest": guest.id})
        _gather(session, program, card, guest)
        points.welcome(session, program, card, guest.phone)
        return card
    # The number has an owner, perhaps since a moment ago.
    return _bring_home(session, program, card, guest, guests.by_phone(session, program.id, guest.phone)[0])


def current(session: Session, card: Card) -> Card:
    """The card that this one has gone up in, if it has. One that was ended leads nowhere: who holds its link proved nothing."""
    return (cards.survivor(session, card.program_id, card.id) or card) if card.state == "active" else card


def _gather(session: Session, program: Program, card: Card, guest: Guest) -> None:
    """What was on the number before anybody had proved it comes to who did. Those cards end: whoever holds one may be anybody who
    once typed the number, and must not open the owner's."""
    for other in guests.by_phone(session, program.id, guest.phone):
        if other.id == guest.id:
            continue
        old = cards.of_guest(session, program.id, other.id)
        if old is not None:
            points.merge(session, program, old, card, ends=True)
        guests.merge(session, other, guest)


def _bring_home(session: Session, program: Program, card: Card, guest: Guest, owner: Guest) -> Card:
    """The card of somebody who has proved the number once more goes up in the one that they have."""
    home = cards.of_guest(session, program.id, owner.id)
    guests.merge(session, guest, owner)
    if home is None:
        # Their card was ended: this one is theirs.
        card.guest_id = owner.id
        session.add(card)
        session.flush()
        return card
    points.merge(session, program, card, home)
    return home
