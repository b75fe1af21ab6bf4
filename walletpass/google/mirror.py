"""Google keeps a copy of every class and object; here it is brought up to date, and what it was told is remembered.

There is no version to write against at Google, the last write wins: so every write is the full state, and a state that
Google has is not written again.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from walletpass.cards import CardFace
from walletpass.database import now
from walletpass.google.client import LOYALTY_CLASS, LOYALTY_OBJECT, Client, NotThere, Resource
from walletpass.google.models import GoogleClass, GoogleObject
from walletpass.google.objects import loyalty_class, loyalty_object, points

# What a first write says of the columns that others fill.
FRESH: dict[type[SQLModel], Resource] = {GoogleObject: {"event_ms": 0, "pushed_message": "", "notified": [], "messaged": []}}


@dataclass(frozen=True)
class Told:
    """What Google has been told: hashes are empty and points None where it was nothing."""

    class_hash: str = ""
    object_hash: str = ""
    points: int | None = None
    saved: bool = False


def told(session: Session, program_id: str, card_id: str) -> Told:
    program = session.get(GoogleClass, program_id)
    card = session.get(GoogleObject, (program_id, card_id))
    return Told(
        class_hash=program.class_hash if program else "",
        object_hash=card.pushed_hash if card else "",
        points=card.pushed_points if card else None,
        saved=card.saved if card else False,
    )


def bring_up_to_date(client: Client, face: CardFace, before: Told) -> Told:
    """Write what Google does not know yet: the class first, as an object needs it. Raises DeliveryError.

    A phone is asked to notify its holder when the points of a card that Google had have changed, and for nothing else.
    """
    its_class, its_object = loyalty_class(face), loyalty_object(face)
    after = replace(before, class_hash=fingerprint(its_class), object_hash=fingerprint(its_object), points=points(face))
    if after.class_hash != before.class_hash:
        client.upsert(LOYALTY_CLASS, its_class)
    if after.object_hash == before.object_hash:
        return after
    try:
        answer = _write_object(client, its_object, before, notify=before.points not in (None, after.points))
    except NotThere:
        # Google lost one of the two, or we have come to another issuer: begin again.
        client.upsert(LOYALTY_CLASS, its_class)
        answer = client.upsert(LOYALTY_OBJECT, its_object)
    return replace(after, saved=bool(answer.get("hasUsers", before.saved)))


def remember(session: Session, face: CardFace, after: Told, **card: Any) -> None:
    """Keep what Google has just been told; ``card`` are further columns of the card's row."""
    moment = now()
    _put(session, GoogleClass, ["program_id"], program_id=face.program_id, class_hash=after.class_hash, pushed_at=moment)
    _put(
        session,
        GoogleObject,
        ["program_id", "card_id"],
        program_id=face.program_id,
        card_id=face.card_id,
        saved=after.saved,
        pushed_hash=after.object_hash,
        pushed_points=after.points,
        pushed_at=moment,
        **card,
    )


def fingerprint(resource: Resource) -> str:
    return hashlib.sha256(json.dumps(resource, sort_keys=True).encode()).hexdigest()


def _write_object(client: Client, resource: Resource, before: Told, *, notify: bool) -> Resource:
    if not before.object_hash:
        return client.upsert(LOYALTY_OBJECT, resource)
    # Google does not keep the wish to notify: it is part of each write that has it.
    wish = {"notifyPreference": "NOTIFY_ON_UPDATE"} if notify else {}
    return client.patch(LOYALTY_OBJECT, resource["id"], resource | wish)


def _put(session: Session, table: type[SQLModel], key: list[str], **values: Any) -> None:
    """Insert or overwrite, without a race between the worker and a guest at the button."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(table).values(**{**FRESH.get(table, {}), **values})
    rest = {name: row.excluded[name] for name in values if name not in key}
    session.execute(row.on_conflict_do_update(index_elements=key, set_=rest))
