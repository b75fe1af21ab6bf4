"""How a class or an object is written: inserted, patched, or put whole where something that Google has must go."""

import threading
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from walletpass.database import now, reading, retrying, transaction
from walletpass.errors import Postponed
from walletpass.google import messages
from walletpass.google.client import BadPicture, Client, Kind, NotThere, QuotaFull, Resource
from walletpass.google.drawing import Drawing
from walletpass.google.marks import Mark
from walletpass.google.models import GoogleClass

log = structlog.get_logger(__name__)

# What a resource can do without when Google cannot fetch it.
PICTURES = ("heroImage", "wideProgramLogo", "imageModulesData", "logo")
RING = {"notifyPreference": "NOTIFY_ON_UPDATE"}
# Seconds; as long as one card's calls may take.
CLASS_WAIT = 15.0

_one_class = threading.Lock()


def write_class(client: Client, program_id: str, drawn: Drawing, *, again: bool) -> None:
    """Unless a neighbouring thread has done so meanwhile; ``again`` writes in any case."""
    if not _one_class.acquire(timeout=CLASS_WAIT):
        raise Postponed("The class is being written; the card waits for it.")
    try:
        with reading() as session:
            row = session.get(GoogleClass, (program_id, drawn.kind))
            before = Mark.read(row.class_hash) if row else None
        mark, _ = drawn.marks
        if before == mark and not again:
            return
        if before is not None:
            _remember(program_id, drawn.kind, before.unsure())
        try:
            _written(client, drawn.class_kind, drawn.its_class, before, keep_messages=True)
        except NotThere:
            _written(client, drawn.class_kind, drawn.its_class, None, keep_messages=False)
        _remember(program_id, drawn.kind, mark)
    finally:
        _one_class.release()


def write_object(
    client: Client, drawn: Drawing, before: Mark | None, *, ring: bool, keep_messages: bool, whole: bool
) -> tuple[Resource, bool | None]:
    """Answers the object as Google has it, and whether its holder was told: None when the quota for that was full.

    ``whole`` when messages must go; otherwise ``keep_messages`` says whether there may be some.
    """

    def write(wish: Resource) -> Resource:
        try:
            mark = before.unsure() if before and whole else before
            return _written(client, drawn.object_kind, drawn.its_object | wish, mark, keep_messages=keep_messages)
        except NotThere:
            # Google lost one of the two, or we have come to another issuer: begin again.
            _without_bad_pictures(drawn.its_class, lambda body: client.upsert(drawn.class_kind, body))
            return _without_bad_pictures(drawn.its_object, lambda body: client.upsert(drawn.object_kind, body))

    if not ring:
        return write({}), False
    try:
        answer = write(RING)
    except QuotaFull:
        return write({}), None
    return answer, bool(answer.get("hasUsers", True))


def _written(client: Client, kind: Kind, resource: Resource, before: Mark | None, *, keep_messages: bool) -> Resource:
    id = resource["id"]
    wishless = {name: value for name, value in resource.items() if name not in RING}
    if before is None:
        return _without_bad_pictures(wishless, lambda body: client.upsert(kind, body))
    if before.shape == Mark.of(wishless).shape:
        return _without_bad_pictures(resource, lambda body: client.patch(kind, id, body))
    there = client.get(kind, id).get("messages") if keep_messages else None
    kept = {"messages": messages.silenced(there)} if there else {}
    return _without_bad_pictures(resource | kept, lambda body: client.put(kind, id, body))


def _without_bad_pictures(resource: Resource, write: Callable[[Resource], Resource]) -> Resource:
    """One dead picture fails the whole write: once more without those that can be spared."""
    try:
        return write(resource)
    except BadPicture as error:
        plain = {name: value for name, value in resource.items() if name not in PICTURES}
        if plain == resource:
            raise
        log.error("google.bad_picture", id=resource["id"], reason=error.message)
        return write(plain)


def _remember(program_id: str, kind: str, mark: Mark) -> None:
    values = {"program_id": program_id, "kind": kind, "class_hash": str(mark), "pushed_at": now()}

    def work() -> None:
        with transaction() as session:
            put_row(session, GoogleClass, ["program_id", "kind"], {}, **values)

    retrying(work)


def put_row(session: Session, table: type[SQLModel], key: list[str], first: Resource | None = None, **values: Any) -> None:
    """Insert, with ``first`` for what others fill, or overwrite: without a race between the worker and a guest at the button."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(table).values(**{**(first or {}), **values})
    rest = {name: row.excluded[name] for name in values if name not in key}
    session.execute(row.on_conflict_do_update(index_elements=key, set_=rest))
