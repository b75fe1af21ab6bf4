"""A card whose codes are in the wrong hands, or whose phone is."""

import secrets
from datetime import timedelta

from sqlmodel import Session

from walletpass import delivery, events
from walletpass.cards.changes import next_tag, touch
from walletpass.cards.codes import current_key_id
from walletpass.cards.issue import free_number, new_serial_number
from walletpass.cards.models import Card
from walletpass.database import now
from walletpass.errors import Conflict
from walletpass.events import Kind


def renew(session: Session, card: Card) -> None:
    """A new code, number and link for a card whose old ones are in the wrong hands: those open nothing from now on.

    It stays the same pass on the guest's phones, with its points, so ``key_id`` stays as well: what phones prove themselves by is
    derived with it. Raises Conflict for a card that was ended.
    """
    _must_be_in_use(session, card)
    _new_codes(session, card)
    session.add(card)
    session.flush()
    touch(session, card)
    _tell(session, card)


def reissue(session: Session, card: Card) -> Card:
    """A new pass for a card whose phone is lost: besides what `renew` changes, a new serial number and with it new secrets.

    The card stays the guest's, with all that is written down of it. What phones hold is from now on the pass of another card, which
    is returned: it has ended, and says neither a name nor points. Each wallet's room then hands its phones over to it
    (`apple.hand_over`, `google.hand_over`). Raises Conflict for a card that was ended.
    """
    _must_be_in_use(session, card)
    left = Card(
        **{name: getattr(card, name) for name in ("program_id", "kind", "guest_id", "serial_number", "token", "number", "link", "key_id")},
        state="voided", version=card.version + 1, tag=next_tag(session, card.program_id), shown={}, wallets=card.wallets,
        changed_at=max(now().replace(microsecond=0), card.changed_at + timedelta(seconds=1)), created_at=card.created_at,
    )  # fmt: skip
    _new_codes(session, card)
    card.serial_number, card.key_id, card.wallets = new_serial_number(), current_key_id(), []
    card.rotation_key, card.rotation_step = "", 0
    session.add(card)
    session.flush()
    touch(session, card)
    session.add(left)
    session.flush()
    delivery.enqueue(session, left.program_id, left.id, left.version, left.wallets)
    _tell(session, card)
    return left


def _must_be_in_use(session: Session, card: Card) -> None:
    session.refresh(card, with_for_update=True)
    if card.state != "active":
        raise Conflict("This card was ended. Give the guest a new one.")


def _tell(session: Session, card: Card) -> None:
    """Whoever has written down a number, a code or a link has to ask for the new one."""
    if not card.is_ticket:
        events.happened(session, card.program_id, Kind.CARD_RENEWED, card_id=card.id)


def _new_codes(session: Session, card: Card) -> None:
    card.token, card.link, card.number = secrets.token_hex(16), secrets.token_urlsafe(16), free_number(session, card.program_id)
