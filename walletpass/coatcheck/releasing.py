"""A guest whose phone is lost gets their coat: never by a hint alone, always by a manager, and the old code dies at once."""

from collections.abc import Callable

from sqlmodel import Session

from walletpass import cards, guests, programs
from walletpass.cards import Card
from walletpass.coatcheck import looking, returning, telling
from walletpass.coatcheck.counter import at_the_counter
from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.models import CoatItem, DeadCode, Ticket
from walletpass.coatcheck.words import clean
from walletpass.database import insert_first
from walletpass.errors import ReasonNeeded, WrongFactor
from walletpass.events import Kind

SHORTEST = 3
LONGEST = 120


def release(
    session: Session,
    ticket: Ticket,
    description: str,
    hand: Hand,
    *,
    phone: str = "",
    renew: Callable[[Session, Card], object] = cards.renew,
) -> list[CoatItem]:
    """Give back all that is here to whoever has nothing to show. ``hand`` is an override with its manager, who has been proven, and a reason.

    What was described is recorded, and whether there was a phone number: where one is on file, the guest says all of it. Every code
    and number that opened the guest's card dies, and ``renew`` gives it new ones; a wallet ticket is ended. Raises ReasonNeeded,
    WrongFactor for a number that is not the guest's, and as `hand_back` does.
    """
    described = clean(description, "description", LONGEST)
    if min(len(described), len(hand.reason.strip())) < SHORTEST or not hand.approved_by:
        raise ReasonNeeded("Say what was left and why it is given out; a manager confirms it.")
    known = _knows_the_number(session, ticket, phone)
    told = f"{'by phone number' if known else 'without phone number'}; described: {described}; {clean(hand.reason, 'reason', 200)}"
    with at_the_counter(session, ticket, Hand(**{**vars(hand), "reason": told})) as counter:
        items = returning.give(counter, None)
        telling.happened(session, Kind.COAT_RELEASED, ticket, hand, items)
        if ticket.card_id:
            for card in cards.faces_of(session, _standing(session, ticket.program_id, ticket.card_id)):
                _kill_code(session, ticket, card, hand)
                if card.state == "active":
                    renew(session, card)
    return items


def _standing(session: Session, program_id: str, card_id: str) -> Card:
    """The card, or the one that it went up in since."""
    return cards.survivor(session, program_id, card_id) or cards.get(session, program_id, card_id)


def _knows_the_number(session: Session, ticket: Ticket, phone: str) -> bool:
    card = cards.get(session, ticket.program_id, ticket.card_id) if ticket.card_id else None
    guest = guests.get(session, card.program_id, card.guest_id) if card and card.guest_id else None
    if not phone.strip():
        if guest is not None and guest.phone:
            raise WrongFactor("This guest's phone number is on file. Ask for all of it.", field="phone")
        return False
    country = programs.get(session, ticket.program_id).country
    if guest is None or not guest.phone or guests.clean_phone(phone, country) != guest.phone:
        raise WrongFactor("This is not the phone number of the guest who left these things.", field="phone")
    return True


def _kill_code(session: Session, ticket: Ticket, card: Card, hand: Hand) -> None:
    for old in (cards.card_code(card.program_id, card.key_id, card.token), card.number):
        digest = looking.digest(card.program_id, old)
        insert_first(session, DeadCode(program_id=card.program_id, digest=digest, ticket_id=ticket.id, released_by=hand.staff_id))
