"""Which device wants to hear of which card.

Locks are taken in one order everywhere: the card, then the device. So a phone that registers while another room changes
the card, or while a dead token is cleared away, waits for a moment and no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass import cards
from walletpass.apple.models import AppleDevice, Registration
from walletpass.cards import Card, UpdateTag
from walletpass.database import now

WALLET = "apple"
MOST_DEVICES = 20


def register(session: Session, card: Card, device_id: str, push_token: str) -> bool:
    """True when the device was not registered for this card. Its push token is the newest one in any case.

    A card keeps its 20 newest registrations.
    """
    cards.put_on(session, card, WALLET)
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    moment = now()
    device = dialect.insert(AppleDevice).values(
        program_id=card.program_id, device_id=device_id, push_token=push_token, registered_at=moment, updated_at=moment
    )
    session.execute(
        device.on_conflict_do_update(
            index_elements=["program_id", "device_id"], set_={"push_token": device.excluded.push_token, "updated_at": moment}
        )
    )
    row = dialect.insert(Registration).values(program_id=card.program_id, device_id=device_id, card_id=card.id, registered_at=moment)
    added = session.execute(row.on_conflict_do_nothing().returning(col(Registration.card_id))).first() is not None
    if added:
        _drop_oldest(session, card)
    return added


def unregister(session: Session, card: Card, device_id: str) -> None:
    """Nothing happens for a device that was not registered."""
    _lock(session, card.program_id, [card.id])
    _remove(session, card.program_id, device_id, card.id)
    _drop_if_bare(session, card.program_id, device_id)
    _take_off_if_unheard(session, card)


def updated_since(session: Session, program_id: str, device_id: str, tag: int) -> Sequence[Card]:
    """The device's cards changed after ``tag``; all of them when we never gave such a tag (a backup was restored)."""
    ids = session.exec(
        select(Registration.card_id).where(col(Registration.program_id) == program_id, col(Registration.device_id) == device_id)
    ).all()
    if not ids:
        return ()
    given = session.get(UpdateTag, program_id)
    return cards.changed_since(session, program_id, ids, tag if given is not None and tag <= given.value else -1)


def tokens(session: Session, program_id: str, card_ids: Iterable[str]) -> dict[str, set[str]]:
    """Push tokens by card id; a card that nobody registered for is missing."""
    rows = session.exec(
        select(Registration.card_id, AppleDevice.push_token)
        .join(
            AppleDevice,
            (col(AppleDevice.program_id) == col(Registration.program_id)) & (col(AppleDevice.device_id) == col(Registration.device_id)),
        )
        .where(col(Registration.program_id) == program_id, col(Registration.card_id).in_(list(card_ids)))
    ).all()
    found: dict[str, set[str]] = defaultdict(set)
    for card_id, token in rows:
        found[card_id].add(token)
    return dict(found)


def forget(session: Session, program_id: str, push_token: str, before: datetime) -> None:
    """Drop every device that gave this token and has not given one since ``before``."""
    of_token = select(AppleDevice.device_id).where(
        col(AppleDevice.program_id) == program_id, col(AppleDevice.push_token) == push_token, col(AppleDevice.updated_at) <= before
    )
    devices = session.exec(of_token).all()
    held = select(Registration.card_id).where(col(Registration.program_id) == program_id, col(Registration.device_id).in_(devices))
    locked = _lock(session, program_id, set(session.exec(held).all()))
    # Asked again under the locks: the phone may have come back in between.
    for device_id in session.exec(of_token.order_by(AppleDevice.device_id).with_for_update()).all():
        session.execute(
            delete(Registration).where(
                col(Registration.program_id) == program_id, col(Registration.device_id) == device_id, col(Registration.card_id).in_(locked)
            )
        )
        _drop_if_bare(session, program_id, device_id)
    for card in locked.values():
        _take_off_if_unheard(session, card)


def settle_unheard(session: Session, program_id: str, card_id: str) -> None:
    """Stop sending a card's changes this way when, under its lock, no device is registered for it."""
    for card in _lock(session, program_id, [card_id]).values():
        _take_off_if_unheard(session, card)


def _lock(session: Session, program_id: str, card_ids: Iterable[str]) -> dict[str, Card]:
    found = {card_id: session.get(Card, (program_id, card_id), with_for_update=True) for card_id in sorted(card_ids)}
    return {card_id: card for card_id, card in found.items() if card is not None}


def _take_off_if_unheard(session: Session, card: Card) -> None:
    heard = select(Registration.device_id).where(col(Registration.program_id) == card.program_id, col(Registration.card_id) == card.id)
    if WALLET in card.wallets and session.exec(heard.limit(1)).first() is None:
        cards.take_off(session, card, WALLET)


def _drop_oldest(session: Session, card: Card) -> None:
    surplus = (
        select(Registration.device_id)
        .where(col(Registration.program_id) == card.program_id, col(Registration.card_id) == card.id)
        .order_by(col(Registration.registered_at).desc(), Registration.device_id)
        .offset(MOST_DEVICES)
    )
    for device_id in session.exec(surplus).all():
        _remove(session, card.program_id, device_id, card.id)
        _drop_if_bare(session, card.program_id, device_id)


def _remove(session: Session, program_id: str, device_id: str, card_id: str) -> None:
    session.execute(
        delete(Registration).where(
            col(Registration.program_id) == program_id, col(Registration.device_id) == device_id, col(Registration.card_id) == card_id
        )
    )


def _drop_if_bare(session: Session, program_id: str, device_id: str) -> None:
    """Delete the device row when it has no registration left; it is locked first, so that none appears meanwhile."""
    key = (col(AppleDevice.program_id) == program_id, col(AppleDevice.device_id) == device_id)
    if session.exec(select(AppleDevice.device_id).where(*key).with_for_update()).first() is None:
        return
    left = select(Registration.card_id).where(col(Registration.program_id) == program_id, col(Registration.device_id) == device_id)
    if session.exec(left.limit(1)).first() is None:
        session.execute(delete(AppleDevice).where(*key))
