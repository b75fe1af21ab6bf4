"""Writing entries, and reading them again."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Executable, bindparam, exists
from sqlmodel import Session, col, select

from walletpass import events
from walletpass.database import insert, now, prepared, table
from walletpass.errors import NotFound
from walletpass.events import Kind
from walletpass.ledger.models import CONTRA, Account, Entry, EntryType

# What the feed calls an entry; a deed that is more than its entry says so itself.
CALLED = {
    EntryType.EARN: Kind.POINTS_EARNED,
    EntryType.PROMO_EARN: Kind.POINTS_EARNED,
    EntryType.GIFT: Kind.POINTS_EARNED,
    EntryType.ACTIVATE: Kind.POINTS_ACTIVATED,
    EntryType.HOLD: Kind.POINTS_HELD,
    EntryType.HOLD_RELEASE: Kind.POINTS_RELEASED,
    EntryType.REDEEM: Kind.POINTS_REDEEMED,
    EntryType.REDEEM_REVERSAL: Kind.POINTS_REVERSED,
    EntryType.EARN_REVERSAL: Kind.POINTS_REVERSED,
    EntryType.EXPIRE: Kind.POINTS_EXPIRED,
    EntryType.ADJUST: Kind.POINTS_ADJUSTED,
    EntryType.WRITEOFF: Kind.POINTS_ADJUSTED,
    EntryType.MERGE: Kind.POINTS_MOVED,
}


@dataclass(frozen=True)
class Origin:
    """Who did it, where and with which key. ``source`` is till, api, webhook, system or command.

    ``own_card`` is the card of whoever does it, as a guest.
    """

    source: str
    key: str = ""
    venue_id: str = ""
    staff_id: str = ""
    device_id: str = ""
    reason: str = ""
    event_at: datetime | None = None
    own_card: str = ""

    @property
    def moment(self) -> datetime:
        """When it happened, by the till's clock where that is known."""
        return self.event_at or now()


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
    called: Kind | None = None,
    said: Mapping[str, int | str] | None = None,
) -> Entry:
    """Append an entry to a locked account and move its head. The caller moves the numbers and lots; one update of the account takes all.

    The feed hears of it: as ``called``, or as the type is called, with what else is ``said``.
    """
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
    insert(session, entry)
    _tell(session, entry, called or CALLED[kind], said or {})
    return entry


def _tell(session: Session, entry: Entry, kind: Kind, said: Mapping[str, int | str]) -> None:
    data: dict[str, int | str | None] = {"entry": entry.id, "type": entry.type, "points": entry.delta}
    if entry.reverses is not None:
        data["reverses"] = f"{entry.card_id}-{entry.reverses}"
    events.happened(
        session, entry.program_id, kind, card_id=entry.card_id, check_id=entry.check_id, venue_id=entry.venue_id,
        staff_id=entry.staff_id, device_id=entry.device_id, source=entry.source, at=entry.event_at, data={**data, **said},
    )  # fmt: skip


encode: Callable[[Any], str] = json.JSONEncoder(separators=(",", ":")).encode
HASHED = tuple(sorted(Entry.model_fields.keys() - {"hash", "reason"}))


def digest(entry: Entry) -> str:
    """The hash that chains an entry to ``previous``; times to the microsecond in UTC. `verify` makes the same text of a row."""
    values = [getattr(entry, name) for name in HASHED]
    plain = [value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value for value in values]
    return hashlib.sha256(encode(plain).encode()).hexdigest()


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
    asked = {"program": program_id, "card": card_id, "most": limit}
    return [(entry, undone) for entry, undone in session.execute(_newest(session), asked)]


@prepared
def _newest(dialect: Any) -> Executable:
    reversal = table(Entry).alias().c
    same = reversal.program_id == col(Entry.program_id), reversal.card_id == col(Entry.card_id)
    undone = exists().where(*same, reversal.reverses == col(Entry.seq))
    ours = col(Entry.program_id) == bindparam("program"), col(Entry.card_id) == bindparam("card")
    return select(Entry, undone).where(*ours).order_by(col(Entry.seq).desc()).limit(bindparam("most"))
