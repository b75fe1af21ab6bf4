"""Finding cards."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Executable, bindparam
from sqlmodel import Session, col, select

from walletpass.cards import rotation
from walletpass.cards.codes import NOT_OURS, bare, is_card_number, read_card_code
from walletpass.cards.joining import survivor
from walletpass.cards.models import NO_POINTS, Card
from walletpass.database import prepared
from walletpass.errors import CoatTicket, Gone, NotFound, NotOurCode


def get(session: Session, program_id: str, card_id: str) -> Card:
    """A card or a coat ticket. Raises NotFound."""
    return _found(session.get(Card, (program_id, card_id)))


def find_by_code(session: Session, program_id: str, text: str) -> Card:
    """The card behind a scanned code or a typed number; blanks and dashes are forgiven.

    NotOurCode, with one sentence, for everything else: forged, foreign, mistyped, unknown, voided; CoatTicket for a ticket. A code
    that changes is used up by it, so it wants a session that may write; CodeExpired or CodeUsed when it is not good any more.
    """
    digits = bare(text)
    if rotation.is_changing_code(digits):
        return in_use(session, rotation.read(session, program_id, digits))
    return in_use(session, _behind(session, program_id, digits))


def find(session: Session, program_id: str, text: str) -> Card:
    """A card by its id, its code or its number; for the rest see `find_by_code`."""
    card = session.get(Card, (program_id, text)) if len(text) == 26 else None
    return in_use(session, card) if card is not None else find_by_code(session, program_id, text)


def known(session: Session, program_id: str, text: str) -> Card | None:
    """Whatever of ours a code or a number speaks of: a card or a coat ticket, in use or ended. None for the forged and the foreign.

    Of a card that went up in another that one, unless it has ended since. Nothing is used up, and nothing is proved: also a code that
    has changed since tells whose it was.
    """
    digits = bare(text)
    try:
        card = rotation.spoken_of(session, program_id, digits) or _behind(session, program_id, digits)
    except NotOurCode:
        return None
    return survivor(session, program_id, card.id) if card is not None and card.merged_into and card.state == "active" else card


def in_use(session: Session, card: Card | None) -> Card:
    """The card itself, or the one that it went up in. Raises NotOurCode, CoatTicket."""
    if card is not None and card.state == "active" and card.merged_into:
        card = survivor(session, card.program_id, card.merged_into)
    if card is None or (card.state != "active" and not card.is_ticket):
        raise NotOurCode(NOT_OURS)
    return must_be_card(card)


def must_be_card(card: Card) -> Card:
    """The card itself. Raises CoatTicket for a ticket: it has no guest, no points and no checks."""
    if card.is_ticket:
        raise CoatTicket(NO_POINTS)
    return card


def _behind(session: Session, program_id: str, digits: str) -> Card | None:
    """By a number or a code that never changes. Raises NotOurCode."""
    if is_card_number(digits):
        found, said = _by_number(session), digits
    else:
        found, said = _by_token(session), read_card_code(program_id, digits)
    card: Card | None = session.execute(found, {"program": program_id, "said": said}).scalar()
    return card


@prepared
def _by_number(dialect: Any) -> Executable:
    return select(Card).where(col(Card.program_id) == bindparam("program"), col(Card.number) == bindparam("said"))


@prepared
def _by_token(dialect: Any) -> Executable:
    return select(Card).where(col(Card.program_id) == bindparam("program"), col(Card.token) == bindparam("said"))


def by_link(session: Session, program_id: str, link: str, *, tickets: bool = False) -> Card:
    """Raises NotFound, and without ``tickets`` CoatTicket for one."""
    card = _found(session.exec(select(Card).where(col(Card.program_id) == program_id, col(Card.link) == link)).first())
    return card if tickets else must_be_card(card)


def by_link_in_use(session: Session, program_id: str, link: str, *, tickets: bool = False) -> Card:
    """`by_link`, for whoever wants to do or take something by it. Raises Gone for what has ended: its link may be in a stranger's phone."""
    card = by_link(session, program_id, link, tickets=tickets)
    if card.state != "active":
        raise Gone("This ticket is over." if card.is_ticket else "This card is no longer in use. Please ask the staff.")
    return card


def of_guest(session: Session, program_id: str, guest_id: str) -> Card | None:
    """The newest card of a guest that is good, and has not gone up in another one."""
    ours = col(Card.program_id) == program_id, col(Card.guest_id) == guest_id
    good = col(Card.state) == "active", col(Card.merged_into) == ""
    return session.exec(select(Card).where(*ours, *good).order_by(col(Card.created_at).desc(), col(Card.id).desc())).first()


def by_serial(session: Session, program_id: str, serial_number: str) -> Card | None:
    return session.exec(select(Card).where(col(Card.program_id) == program_id, col(Card.serial_number) == serial_number)).first()


def changed_since(session: Session, program_id: str, card_ids: Sequence[str], tag: int) -> Sequence[Card]:
    """Those of the cards whose update tag is above ``tag``."""
    return session.exec(select(Card).where(col(Card.program_id) == program_id, col(Card.id).in_(card_ids), col(Card.tag) > tag)).all()


def _found(card: Card | None) -> Card:
    if card is None:
        raise NotFound("This card is not known here.")
    return card
