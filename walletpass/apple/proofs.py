"""How far a change has come: taken by APNs, asked for, fetched. Nothing is called delivered before a phone came for it.

A phone's request for a pass does not say which device it comes from. It is put down to the one registered device, or to
the one that has just asked what is new; where that is open, to none: a card on two phones rather lags than lies.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, and_, bindparam, func, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass.apple.models import DeviceDelivery, Registration
from walletpass.cards import Card
from walletpass.database import now, prepared

KEY = ["program_id", "card_id", "device_id"]


@dataclass(frozen=True)
class DeviceProof:
    """One registered device and how far a card has come on it. Versions are the card's, 0 is none."""

    card_id: str
    registered_at: datetime
    sent_version: int = 0
    sent_at: datetime | None = None
    last_reason: str = ""
    not_before: datetime | None = None
    asked_at: datetime | None = None
    fetched_version: int = 0
    fetched_points: int | None = None
    fetched_at: datetime | None = None


def proof(session: Session, card: Card) -> list[DeviceProof]:
    """Each registered device of the card, the one that lags most first."""
    found = session.execute(_devices_of(session), {"program": card.program_id, "card": card.id})
    return sorted((_proof(*row) for row in found), key=lambda one: (one.fetched_version, one.registered_at))


@prepared
def _devices_of(dialect: Any) -> Executable:
    ours = col(Registration.program_id) == bindparam("program"), col(Registration.card_id) == bindparam("card")
    statement: Executable = _devices().where(*ours)
    return statement


def lagging(session: Session, program_id: str, before: datetime, limit: int = 50) -> list[tuple[Card, DeviceProof]]:
    """Devices without the newest version of a card that changed before ``before``; the longest wait first."""
    behind = func.coalesce(DeviceDelivery.fetched_version, 0) < col(Card.version)
    found = session.exec(
        _devices(Card)
        .join(Card, and_(col(Card.program_id) == col(Registration.program_id), col(Card.id) == col(Registration.card_id)))
        .where(col(Registration.program_id) == program_id, behind, col(Card.changed_at) < before)
        .order_by(col(Card.changed_at))
        .limit(limit)
    ).all()
    return [(card, _proof(registration, row)) for registration, row, card in found]


def latest(session: Session, program_id: str, limit: int = 30) -> Sequence[tuple[Card, DeviceDelivery]]:
    """What was sent to whom, newest first; also to devices that are gone."""
    return _with_cards(session, program_id, col(DeviceDelivery.sent_at), limit)


def gone(session: Session, program_id: str, limit: int = 20) -> Sequence[tuple[Card, DeviceDelivery]]:
    """Devices that stopped listening, newest first."""
    return _with_cards(session, program_id, col(DeviceDelivery.left_at), limit)


def note_asked(session: Session, program_id: str, device_id: str, changed: Iterable[Card]) -> None:
    """The device was told that these cards have changed."""
    _put(session, [{"program_id": program_id, "card_id": card.id, "device_id": device_id, "asked_at": now()} for card in changed])


def has_news(session: Session, program_id: str, device_id: str, changed: Sequence[Card]) -> list[Card]:
    """Those of the listed cards for which it is worth writing down that the device asked."""
    asked = session.exec(
        select(DeviceDelivery.card_id)
        .join(Card, and_(col(Card.program_id) == col(DeviceDelivery.program_id), col(Card.id) == col(DeviceDelivery.card_id)))
        .where(
            col(DeviceDelivery.program_id) == program_id,
            col(DeviceDelivery.device_id) == device_id,
            col(DeviceDelivery.card_id).in_([card.id for card in changed]),
            col(DeviceDelivery.asked_at) > func.coalesce(DeviceDelivery.fetched_at, Card.created_at),
            col(DeviceDelivery.asked_at) > func.coalesce(DeviceDelivery.sent_at, Card.created_at),
        )
    ).all()
    return [card for card in changed if card.id not in asked]


def lags(session: Session, card: Card) -> bool:
    """Whether a fetch of this version would tell us anything."""
    oldest = session.scalar(_OLDEST_FETCHED, _of_card(card))
    return oldest is not None and oldest < card.version


def note_fetched(session: Session, card: Card) -> bool:
    """Somebody came for this version. False where it cannot be said which device it was."""
    devices = session.scalars(_DEVICES, _of_card(card)).all()
    device_id = devices[0] if len(devices) == 1 else _who_asked(session, card, devices)
    if device_id is None:
        return False
    points = card.shown.get("points")
    fetched = {"fetched_version": card.version, "fetched_at": now(), "fetched_points": points if isinstance(points, int) else None}
    _put(session, [{**_of_card(card), "device_id": device_id, **fetched}], newer="fetched_version")
    return True


def note_sent(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """APNs took pushes: rows of the key, ``sent_version``, ``sent_at`` and ``apns_id``."""
    _put(session, [{**row, "last_reason": "", "not_before": None} for row in rows], newer="sent_version")


def note_refused(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """APNs did not: rows of the key, ``last_reason`` and ``not_before``."""
    _put(session, rows)


def note_left(session: Session, program_id: str, device_id: str, card_ids: Iterable[str], reason: str) -> None:
    left = {"program_id": program_id, "device_id": device_id, "left_at": now(), "last_reason": reason, "not_before": None}
    _put(session, [{**left, "card_id": card_id} for card_id in card_ids])


def note_back(session: Session, program_id: str, device_id: str, card_id: str) -> None:
    """A device that had left listens again; with a new token, its old waits are over."""
    session.execute(
        update(DeviceDelivery)
        .where(
            col(DeviceDelivery.program_id) == program_id,
            col(DeviceDelivery.card_id) == card_id,
            col(DeviceDelivery.device_id) == device_id,
            or_(col(DeviceDelivery.left_at).is_not(None), col(DeviceDelivery.last_reason) != ""),
        )
        .values(left_at=None, last_reason="", not_before=None)
    )


def _who_asked(session: Session, card: Card, devices: Sequence[str]) -> str | None:
    """The device that has waited longest since it asked. Locked, so that two phones at once are not taken for one."""
    candidates = session.exec(
        select(DeviceDelivery)
        .where(
            col(DeviceDelivery.program_id) == card.program_id,
            col(DeviceDelivery.card_id) == card.id,
            col(DeviceDelivery.device_id).in_(devices),
            col(DeviceDelivery.fetched_version) < card.version,
            col(DeviceDelivery.asked_at).is_not(None),
            or_(col(DeviceDelivery.fetched_at).is_(None), col(DeviceDelivery.asked_at) > col(DeviceDelivery.fetched_at)),
        )
        .order_by(DeviceDelivery.device_id)
        .with_for_update()
    ).all()
    return min(candidates, key=lambda one: one.asked_at or now()).device_id if candidates else None


_SAME_DEVICE = and_(*(getattr(DeviceDelivery, name) == getattr(Registration, name) for name in KEY))

# Asked with every GET of a pass; putting such a question together takes longer than the answer.
_OF_CARD = (col(Registration.program_id) == bindparam("program_id"), col(Registration.card_id) == bindparam("card_id"))
_DEVICES: Any = select(Registration.device_id).where(*_OF_CARD)
_OLDEST_FETCHED: Any = (
    select(func.min(func.coalesce(DeviceDelivery.fetched_version, 0)))
    .select_from(Registration)
    .join(DeviceDelivery, _SAME_DEVICE, isouter=True)
    .where(*_OF_CARD)
)


def _of_card(card: Card) -> dict[str, str]:
    return {"program_id": card.program_id, "card_id": card.id}


def _devices(*more: Any) -> Any:
    return select(Registration, DeviceDelivery, *more).join(DeviceDelivery, _SAME_DEVICE, isouter=True)


def _proof(registration: Registration, row: DeviceDelivery | None) -> DeviceProof:
    if row is None:
        return DeviceProof(registration.card_id, registration.registered_at)
    return DeviceProof(
        registration.card_id,
        registration.registered_at,
        row.sent_version,
        row.sent_at,
        row.last_reason,
        row.not_before,
        row.asked_at,
        row.fetched_version,
        row.fetched_points,
        row.fetched_at,
    )


def _with_cards(session: Session, program_id: str, moment: Any, limit: int) -> Sequence[tuple[Card, DeviceDelivery]]:
    return session.exec(
        select(Card, DeviceDelivery)
        .join(DeviceDelivery, and_(col(Card.program_id) == col(DeviceDelivery.program_id), col(Card.id) == col(DeviceDelivery.card_id)))
        .where(col(DeviceDelivery.program_id) == program_id, moment.is_not(None))
        .order_by(moment.desc())
        .limit(limit)
    ).all()


def _put(session: Session, rows: Sequence[dict[str, Any]], newer: str = "") -> None:
    """Insert or overwrite the named columns; with ``newer`` only where that column grows. In key order, against deadlocks."""
    if not rows:
        return
    fresh = {"sent_version": 0, "apns_id": "", "last_reason": "", "nudged_version": 0, "fetched_version": 0}
    change = _upsert(session.get_bind().dialect.name, tuple(name for name in rows[0] if name not in KEY), newer)
    session.execute(change, sorted(({**fresh, **each} for each in rows), key=lambda each: tuple(each[name] for name in KEY)))


@lru_cache(maxsize=16)
def _upsert(dialect: str, columns: tuple[str, ...], newer: str) -> Any:
    """One for each of the notes above: it takes long to make, and the writers of a SQLite wait meanwhile."""
    room: Any = sqlite if dialect == "sqlite" else postgresql
    row = room.insert(DeviceDelivery)
    return row.on_conflict_do_update(
        index_elements=KEY,
        set_={name: row.excluded[name] for name in columns},
        where=(col(getattr(DeviceDelivery, newer)) <= row.excluded[newer]) if newer else None,
    )
