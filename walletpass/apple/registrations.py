"""Which device wants to hear of which card.

Locks are taken in one order everywhere: the card, then the device. So a phone that registers while another room changes
the card, or while a dead token is cleared away, waits for a moment and no more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass import cards
from walletpass.apple import proofs
from walletpass.apple.models import SILENT, AppleDevice, DeviceDelivery, Registration
from walletpass.cards import Card, UpdateTag
from walletpass.database import now
from walletpass.delivery import PausedChannel

WALLET = "apple"
MOST_DEVICES = 20
# A device that neither asks nor fetches is pushed once more after this time, and then left in peace.
NUDGE_AFTER, NUDGE_BEFORE = timedelta(minutes=5), timedelta(hours=24)


@dataclass(frozen=True)
class Listener:
    """A device that is registered for a card, and whether it has to be told of the card's ``version``."""

    program_id: str
    card_id: str
    device_id: str
    push_token: str
    version: int
    told: int = 0
    not_before: datetime | None = None

    @property
    def key(self) -> dict[str, str]:
        return {"program_id": self.program_id, "card_id": self.card_id, "device_id": self.device_id}


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
    proofs.note_back(session, card.program_id, device_id, card.id)
    if added:
        _drop_oldest(session, card)
    return added


def unregister(session: Session, card: Card, device_id: str) -> None:
    """Nothing happens for a device that was not registered."""
    _lock(session, card.program_id, [card.id])
    _remove(session, card.program_id, device_id, card.id, "")
    _drop_if_bare(session, card.program_id, device_id)
    _take_off_if_unheard(session, card)


def hand_over(session: Session, card: Card, to: Card) -> None:
    """The devices that hold the pass of ``card`` hold that of ``to`` from now on (`cards.reissue`), with how far it has come on each."""
    ours = col(Registration.program_id) == card.program_id, col(Registration.card_id) == card.id
    # With a column that is in no index: the one that has all others would be read from end to end.
    devices = [device_id for device_id, _ in session.exec(select(Registration.device_id, Registration.registered_at).where(*ours))]
    for kind in (Registration, DeviceDelivery):
        theirs = col(kind.program_id) == card.program_id, col(kind.card_id) == card.id, col(kind.device_id).in_(devices)
        session.execute(update(kind).where(*theirs).values(card_id=to.id))


def updated_since(session: Session, program_id: str, device_id: str, tag: int) -> Sequence[Card]:
    """The device's cards changed after ``tag``; all of them when we never gave such a tag (a backup was restored)."""
    ids = session.exec(
        select(Registration.card_id).where(col(Registration.program_id) == program_id, col(Registration.device_id) == device_id)
    ).all()
    if not ids:
        return ()
    given = session.get(UpdateTag, program_id)
    return cards.changed_since(session, program_id, ids, tag if given is not None and tag <= given.value else -1)


def listeners(session: Session, program_id: str, card_ids: Iterable[str]) -> Sequence[Listener]:
    """Every device that is registered for one of the cards. ``told`` is the newest version it was pushed for.

    That it has fetched one is not enough: what we handed to the network may have been lost there, and a push too many is not.
    """
    told = func.coalesce(DeviceDelivery.sent_version, 0)
    rows = session.exec(
        _heard(col(Card.version), told, col(DeviceDelivery.not_before))
        .join(Card, and_(col(Card.program_id) == col(Registration.program_id), col(Card.id) == col(Registration.card_id)))
        .where(col(Registration.program_id) == program_id, col(Registration.card_id).in_(list(card_ids)))
    ).all()
    return [Listener(*row) for row in rows]


def silent(session: Session, limit: int) -> Sequence[Listener]:
    """Devices that were pushed some minutes ago and have not stirred, each once: they are marked as told again."""
    moment = now()
    of_device = and_(*(getattr(DeviceDelivery, name) == getattr(Registration, name) for name in proofs.KEY))
    shut = exists().where(
        col(PausedChannel.program_id) == col(DeviceDelivery.program_id),
        col(PausedChannel.channel) == WALLET,
        col(PausedChannel.until) > moment,
    )
    found = session.exec(
        select(DeviceDelivery)
        .join(Registration, of_device)
        .where(
            text(SILENT),
            col(DeviceDelivery.sent_at) < moment - NUDGE_AFTER,
            col(DeviceDelivery.sent_at) > moment - NUDGE_BEFORE,
            or_(col(DeviceDelivery.asked_at).is_(None), col(DeviceDelivery.asked_at) < col(DeviceDelivery.sent_at)),
            ~shut,
        )
        .limit(limit)
        .with_for_update(skip_locked=True, of=DeviceDelivery)
    ).all()
    for row in found:
        row.nudged_version = row.sent_version
        session.add(row)
    session.flush()
    marked = {(row.program_id, row.card_id, row.device_id): row.sent_version for row in found}
    rows = session.exec(_heard(col(DeviceDelivery.sent_version)).where(col(Registration.card_id).in_([row.card_id for row in found]))).all()
    return [Listener(*row) for row in rows if tuple(row[:3]) in marked]


def _heard(*more: Any) -> Any:
    device = and_(col(AppleDevice.program_id) == col(Registration.program_id), col(AppleDevice.device_id) == col(Registration.device_id))
    row = and_(*(getattr(DeviceDelivery, name) == getattr(Registration, name) for name in proofs.KEY))
    return (
        select(Registration.program_id, Registration.card_id, Registration.device_id, AppleDevice.push_token, *more)
        .select_from(Registration)
        .join(AppleDevice, device)
        .join(DeviceDelivery, row, isouter=True)
    )


def forget(session: Session, program_id: str, push_token: str, before: datetime, reason: str) -> None:
    """Drop every device that gave this token and has not given one since ``before``; ``reason`` is kept with its history."""
    of_token = select(AppleDevice.device_id).where(
        col(AppleDevice.program_id) == program_id, col(AppleDevice.push_token) == push_token, col(AppleDevice.updated_at) <= before
    )
    devices = session.exec(of_token).all()
    held = select(Registration.card_id).where(col(Registration.program_id) == program_id, col(Registration.device_id).in_(devices))
    locked = _lock(session, program_id, set(session.exec(held).all()))
    # Asked again under the locks: the phone may have come back in between.
    for device_id in session.exec(of_token.order_by(AppleDevice.device_id).with_for_update()).all():
        dropped = session.exec(
            delete(Registration)
            .where(
                col(Registration.program_id) == program_id, col(Registration.device_id) == device_id, col(Registration.card_id).in_(locked)
            )
            .returning(col(Registration.card_id))
        )
        proofs.note_left(session, program_id, device_id, [card_id for (card_id,) in dropped.all()], reason)
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
        _remove(session, card.program_id, device_id, card.id, f"more than {MOST_DEVICES} devices")
        _drop_if_bare(session, card.program_id, device_id)


def _remove(session: Session, program_id: str, device_id: str, card_id: str, reason: str) -> None:
    gone = session.exec(
        delete(Registration)
        .where(col(Registration.program_id) == program_id, col(Registration.device_id) == device_id, col(Registration.card_id) == card_id)
        .returning(col(Registration.card_id))
    )
    if gone.first() is not None:
        proofs.note_left(session, program_id, device_id, [card_id], reason)


def _drop_if_bare(session: Session, program_id: str, device_id: str) -> None:
    """Delete the device row when it has no registration left; it is locked first, so that none appears meanwhile."""
    key = (col(AppleDevice.program_id) == program_id, col(AppleDevice.device_id) == device_id)
    if session.exec(select(AppleDevice.device_id).where(*key).with_for_update()).first() is None:
        return
    left = select(Registration.card_id).where(col(Registration.program_id) == program_id, col(Registration.device_id) == device_id)
    if session.exec(left.limit(1)).first() is None:
        session.execute(delete(AppleDevice).where(*key))
