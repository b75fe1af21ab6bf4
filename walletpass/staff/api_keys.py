"""Keys of other systems: made for a purpose, shown once, taken away at once."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, bindparam, or_, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from walletpass import programs
from walletpass.database import now, prepared, table, transaction
from walletpass.errors import Malformed, NotFound, Unavailable
from walletpass.staff import secrets
from walletpass.staff.actors import INTEGRATION, Actor
from walletpass.staff.models import ApiKey

SCOPES = ("read", "earn", "redeem", "refund", "adjust", "checks", "members", "events", "coats", "signals")
# What a point of sale or a booking system needs. Whoever corrects balances is asked for by name.
# Who knows the guests by name and link has no need to spend their points: that is a key of its own, and so is a cloakroom's.
EVERYDAY = tuple(scope for scope in SCOPES if scope not in ("adjust", "members", "coats"))
LONGEST_LABEL = 80
NOTED_EVERY = timedelta(hours=1)

# When this process last noted the use of a key: of a hundred tills with one key a single one writes.
_noted: dict[tuple[str, str], datetime] = {}


def make_api_key(
    session: Session,
    program_id: str,
    label: str,
    *,
    scopes: Iterable[str] = EVERYDAY,
    venue_id: str = "",
    made_by: str = "",
    expires_at: datetime | None = None,
) -> str:
    """``wp_<program>_<secret>``, shown once. Raises Malformed for a label, scopes or a venue that cannot be."""
    wanted = set(scopes)
    if not wanted or not wanted <= set(SCOPES):
        raise Malformed(f"An API key needs at least one scope, of {', '.join(SCOPES)}.")
    if venue_id and all(venue.id != venue_id for venue in programs.venues(session, program_id)):
        raise Malformed("There is no such venue here.")
    secret, digest = secrets.make()
    row = ApiKey(program_id=program_id, key_hash=digest, label=_label(label), venue_id=venue_id, made_by=made_by, expires_at=expires_at)
    row.scopes = [scope for scope in SCOPES if scope in wanted]
    session.add(row)
    session.flush()
    return f"wp_{program_id}_{secret}"


def actor_by_api_key(session: Session, key: str) -> Actor | None:
    """None for a key that is unknown, revoked or has expired."""
    prefix, _, rest = key.partition("_")
    program_id, _, secret = rest.partition("_")
    if prefix != "wp":
        return None
    asked = {"program": program_id, "digest": (digest := secrets.digest(secret)), "moment": now()}
    found = session.execute(_open(session), asked).first()
    if found is None:
        return None
    label, venue_id, scopes = found
    return Actor(program_id, "api", INTEGRATION, label, venue_id=venue_id, key_hash=digest, scopes=frozenset(scopes))


@prepared
def _open(dialect: Any) -> Executable:
    keys = table(ApiKey).c
    ours = keys.program_id == bindparam("program"), keys.key_hash == bindparam("digest")
    standing = keys.revoked_at.is_(None), or_(keys.expires_at.is_(None), keys.expires_at > bindparam("moment"))
    return select(keys.label, keys.venue_id, keys.scopes).where(*ours, *standing)


def api_keys(session: Session, program_id: str) -> Sequence[ApiKey]:
    """Those that were not revoked, newest first."""
    standing = select(ApiKey).where(col(ApiKey.program_id) == program_id, col(ApiKey.revoked_at).is_(None))
    return session.exec(standing.order_by(col(ApiKey.created_at).desc(), col(ApiKey.key_hash))).all()


def revoke_api_key(session: Session, program_id: str, key_id: str) -> ApiKey:
    """It opens nothing from now on. Raises NotFound for a key that is none, or was revoked before."""
    found = next((key for key in api_keys(session, program_id) if key.id == key_id), None)
    if found is None:
        raise NotFound("There is no such API key here.")
    found.revoked_at = now()
    session.add(found)
    session.flush()
    return found


def note_use(actor: Actor) -> None:
    """That a key was used, at most once an hour, in a transaction of its own: call it with no other one open.

    A busy database may lose the note, never the request.
    """
    moment, ours = now(), (actor.program_id, actor.key_hash)
    if moment - _noted.get(ours, moment - 2 * NOTED_EVERY) < NOTED_EVERY:
        return
    _noted[ours] = moment
    key = col(ApiKey.program_id) == actor.program_id, col(ApiKey.key_hash) == actor.key_hash
    try:
        with transaction() as session:
            session.execute(update(ApiKey).where(*key).values(last_used_at=moment))
    except (OperationalError, Unavailable):
        return


def _label(text: str) -> str:
    seen = " ".join("".join(char for char in text if char.isprintable()).split())
    if not seen or len(seen) > LONGEST_LABEL:
        raise Malformed(f"Say in 1 to {LONGEST_LABEL} letters what the API key is for.")
    return seen
