"""Writing entries, and reading them again."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from walletpass.database import now
from walletpass.errors import NotFound
from walletpass.ledger.models import CONTRA, Account, Entry, EntryType


@dataclass(frozen=True)
class Origin:
    """Who did it, where and with which key. ``source`` is till, api, system or command."""

    source: str
    key: str = ""
    venue_id: str = ""
    staff_id: str = ""
    device_id: str = ""
    reason: str = ""
    event_at: datetime | None = None


def write(
    session: Session,
    account: Account,
    kind: EntryType,
    delta: int,
    origin: Origin,
    *,
    check_id: str = "",
    base: int = 0,
    reverses: int | None = None,
) -> Entry:
    """Append an entry to a locked account and move its head. The caller moves the numbers and lots."""
    moment = now()
    entry = Entry(
        program_id=account.program_id,
        card_id=account.card_id,
        seq=account.seq + 1,
        type=kind,
        delta=delta,
        contra=CONTRA[kind],
        check_id=check_id,
        base=base,
        reverses=reverses,
        source=origin.source,
        venue_id=origin.venue_id,
        staff_id=origin.staff_id,
        device_id=origin.device_id,
        key=origin.key,
        reason=origin.reason,
        event_at=origin.event_at or moment,
        recorded_at=moment,
        previous=account.head,
        hash="",
    )
    entry.hash = digest(entry)
    account.seq, account.head = entry.seq, entry.hash
    session.add(account)
    session.add(entry)
    session.flush()
    return entry


_HASHED = tuple(sorted(Entry.model_fields.keys() - {"hash", "reason"}))


def digest(entry: Entry) -> str:
    """The hash that chains an entry to ``previous``; times to the microsecond in UTC."""
    values = [getattr(entry, name) for name in _HASHED]
    plain = [value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value for value in values]
    return hashlib.sha256(json.dumps(plain, separators=(",", ":")).encode()).hexdigest()


def entry(session: Session, program_id: str, entry_id: str) -> Entry:
    """The entry with the public id ``<card id>-<seq>``. Raises NotFound."""
    card_id, _, seq = entry_id.partition("-")
    usable = seq.isascii() and seq.isdigit() and len(seq) <= 9
    found = session.get(Entry, (program_id, card_id, int(seq))) if usable else None
    if found is None:
        raise NotFound("This entry is not known here.")
    return found


def recent(session: Session, program_id: str, card_id: str, limit: int = 10) -> Sequence[tuple[Entry, bool]]:
    """The newest entries of a card, newest first, each with whether it was reversed, be it in part."""
    ours = col(Entry.program_id) == program_id, col(Entry.card_id) == card_id
    found = session.exec(select(Entry).where(*ours).order_by(col(Entry.seq).desc()).limit(limit)).all()
    undone = set(session.exec(select(Entry.reverses).where(*ours, col(Entry.reverses).in_([entry.seq for entry in found]))).all())
    return [(entry, entry.seq in undone) for entry in found]
