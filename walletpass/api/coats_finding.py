"""Whose coat it is, by what is shown at the counter."""

from sqlmodel import Session

from walletpass import cards, coatcheck, identification
from walletpass.api.finding import NUMBERS_PER_MINUTE, doorman
from walletpass.cards import Card
from walletpass.coatcheck import Cloakroom, Hand, How, Ticket
from walletpass.errors import NotFound, NotOurCode
from walletpass.identification.reading import clean
from walletpass.programs import Program
from walletpass.staff import Actor

NOT_OURS = "This is not one of our cards."


def hand(actor: Actor, how: str = How.SCAN) -> Hand:
    return Hand(actor.staff_id, actor.till_id, actor.source, How(how))


def room_of(session: Session, actor: Actor, room_id: str) -> Cloakroom:
    """A cloakroom of the actor's venue, or of any where they have none. Raises NotFound."""
    return coatcheck.rooms.get(session, actor.program_id, room_id, actor.venue_id)


def ticket_of(session: Session, actor: Actor, ticket_id: str) -> Ticket:
    ticket = coatcheck.tickets.get(session, actor.program_id, ticket_id)
    room_of(session, actor, ticket.cloakroom_id)
    return ticket


def card_of(session: Session, program: Program, actor: Actor, text: str) -> Card:
    """A card or a wallet ticket, in use or ended, by its code, its number or its id, or by what was bound to a guest; never by a phone
    number, which anybody may say. Nothing is used up: what it opens is a coat, once.

    Raises DeadCode for the code of a lost phone; NotOurCode, also for a card that ended and left nothing here, or whose guest has
    another one; and TooMany for who types numbers that are nobody's.
    """
    read = clean(text)
    guessed = cards.is_card_number("".join(char for char in read if char.isdigit())) and not cards.is_card_code(read)
    if guessed:
        doorman().admit("card number", f"{actor.program_id}:{actor.bearer}", NUMBERS_PER_MINUTE)
    card = _by_id(session, program, read) or cards.known(session, program.id, read)
    if card is None or card.state != "active":
        coatcheck.must_be_alive(session, program.id, read)
    if card is None:
        card = identification.identify(session, program, read, kind="token").card
    elif guessed:
        doorman().take_back("card number", f"{actor.program_id}:{actor.bearer}")
    if card.state != "active" and not card.is_ticket and (card.merged_into or not coatcheck.tickets.open_of_card(session, card)):
        raise NotOurCode(NOT_OURS)
    return card


def card_in_use(session: Session, program: Program, actor: Actor, text: str) -> Card:
    """One that takes things on. Raises NotOurCode for an ended one, besides as `card_of`."""
    card = card_of(session, program, actor, text)
    if card.state != "active":
        raise NotOurCode(NOT_OURS)
    return card


def late_card(session: Session, program: Program, actor: Actor, text: str) -> tuple[Card | None, str]:
    """Of what was scanned offline: the card, or the code of what is wrong with it."""
    try:
        return card_of(session, program, actor, text), ""
    except NotFound:
        return None, NotOurCode.code


def _by_id(session: Session, program: Program, text: str) -> Card | None:
    try:
        return cards.get(session, program.id, text) if len(text) == 26 else None
    except NotFound:
        return None
