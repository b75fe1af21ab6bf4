"""A guest is forgotten, and the books still add up."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, text
from sqlmodel import Session, col, select

from walletpass import cards, coatcheck, codes, events, guests, hostess, identification, ledger, messages, surveys
from walletpass.cards import Card
from walletpass.errors import NotFound
from walletpass.events import Kind
from walletpass.guestbook.models import OldNumber
from walletpass.guests import Guest


def erase(session: Session, program_id: str, guest_id: str) -> int:
    """Remove who a guest was, and everybody who turned out to be the same guest; how many cards were ended.

    The cards lose the name and whatever else they said of the guest, and are voided: the phones are told. Reasons of entries
    and words about coats are emptied; what hangs goes on hanging. What was earned, spent and paid stays, with its sums, and so do the
    proofs of consent, which name nobody. Raises NotFound, also for a guest who was erased before.
    """
    guest = guests.get(session, program_id, guest_id)
    session.refresh(guest, with_for_update=True)
    if guest.erased_at is not None:
        raise NotFound("This guest was erased before.")
    ended = 0
    for one in [guest, *_merged_into(session, guest)]:
        theirs = session.exec(select(Card).where(col(Card.program_id) == program_id, col(Card.guest_id) == one.id)).all()
        for card in theirs:
            _end(session, card)
            ended += 1
        hostess.forget(session, one, [card.id for card in theirs])
        for address in filter(None, (one.phone, one.email)):
            messages.forget(session, program_id, address)
        # Last: until here it is known by which number and address others may know the guest.
        guests.erase(session, one)
        events.happened(session, program_id, Kind.GUEST_ERASED, data={"guest": one.id})
    return ended


def _end(session: Session, card: Card) -> None:
    # Also one that ended when cards that ended still said whose they were.
    gone: dict[str, Any] = dict.fromkeys(card.shown)
    cards.show(session, card, **gone)
    cards.void(session, card)
    ledger.forget(session, card.program_id, card.id)
    identification.forget(session, card)
    codes.forget(session, card.program_id, card.id)
    coatcheck.forget(session, card.program_id, card.id)
    surveys.forget(session, card.program_id, card.id)
    session.execute(delete(OldNumber).where(col(OldNumber.program_id) == card.program_id, col(OldNumber.card_id) == card.id))


def _merged_into(session: Session, guest: Guest) -> Sequence[Guest]:
    """Through as many merges as there were."""
    found: list[Guest] = []
    looked_at = [guest.id]
    while looked_at:
        # In so many words, so that the index of merged guests is used: see `cards.joining`.
        theirs = col(Guest.merged_into).in_(looked_at), text("guest.merged_into <> ''")
        ours = col(Guest.program_id) == guest.program_id, *theirs, col(Guest.erased_at).is_(None)
        more = [one for one in session.exec(select(Guest).where(*ours)) if one not in found]
        found += more
        looked_at = [one.id for one in more]
    return found
