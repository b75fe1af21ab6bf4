"""What Google says of a card, and what becomes of it.

Calls come late, twice and out of order, or not at all; the time in them decides which is the newest. A class of ours gives a
card to one holder on all of their devices, so a removal means that nobody holds it; Google's own word for that, which
comes with every write of the card, is believed after either. A removed card is written on as before, silently: its holder may
put it back from the phone, without us, and must find it true.
"""

import re
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass import cards
from walletpass.database import now
from walletpass.google import mirror
from walletpass.google.ecv2 import Call
from walletpass.google.ids import is_called, serial_number
from walletpass.google.models import GoogleNonce, GoogleObject
from walletpass.programs import Program

SAVE, REMOVAL = "save", "del"
NONCE = re.compile(r"[\x21-\x7e]{1,64}")
SERIAL = re.compile(r"[A-Za-z0-9_-]{1,32}")
# Beyond the end of a message: our machines' clocks may differ, and an ended one is refused without its nonce.
KEPT = timedelta(hours=1)

HEARD, LATE, REPLAYED = "heard", "late", "replayed"
OTHER_PROGRAM, UNKNOWN_OBJECT, UNKNOWN_EVENT, BAD_NONCE = "other_program", "unknown_object", "unknown_event", "malformed"


class Refusals:
    """How many calls led to nothing, by reason, since this process began."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def count(self, reason: str) -> None:
        with self._lock:
            self._counts[reason] += 1

    def all(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)


refusals = Refusals()


def belongs(program: Program, class_id: str) -> bool:
    """Whether a class is the program's: that of its cards, or one named after it behind a dot, which no program id has."""
    own = f"{program.google_issuer_id}.{program.id}"
    return class_id == own or class_id.startswith(f"{own}.")


def hear(session: Session, program: Program, call: Call) -> str:
    """Write a verified call down, once. Answers what became of it; only for HEARD and LATE is anything kept."""
    if not belongs(program, call.class_id):
        return OTHER_PROGRAM
    if call.event not in (SAVE, REMOVAL):
        return UNKNOWN_EVENT
    if not NONCE.fullmatch(call.nonce):
        return BAD_NONCE
    serial = serial_number(program.google_issuer_id, call.object_id)
    card = cards.by_serial(session, program.id, serial) if SERIAL.fullmatch(serial) else None
    if card is None or not is_called(card, call.object_id):
        return UNKNOWN_OBJECT
    if not _first_time(session, program.id, call):
        return REPLAYED
    row = session.get(GoogleObject, (program.id, card.id), with_for_update=True)
    if row is not None and not _newest(row, call):
        return LATE
    if row is not None:
        row.event_ms, row.saved = call.expires_ms, call.event == SAVE
        if call.event == SAVE:
            row.saved_at = now()
        else:
            row.removed_at = now()
        session.add(row)
    if call.event == SAVE:
        # Mends what Google missed, also a card lost here to an old backup. Where it missed nothing the next change need not wait for this.
        current = row is not None and mirror.is_current(session, program.id, card.id)
        cards.put_on(session, card, mirror.WALLET, seen=card.version if current else 0)
    return HEARD


def sweep(session: Session) -> int:
    """Forget the nonces of messages that are refused by their time alone."""
    ended = col(GoogleNonce.expires_at) < now()
    if session.exec(select(GoogleNonce.nonce).where(ended).limit(1)).first() is None:
        return 0
    forgotten: Any = session.execute(delete(GoogleNonce).where(ended))
    return int(forgotten.rowcount)


def _first_time(session: Session, program_id: str, call: Call) -> bool:
    """Keep the nonce; False where it is kept already. A rival with the same one waits here until we have committed."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    expires_at = datetime.fromtimestamp(call.expires_ms / 1000, UTC) + KEPT
    row = dialect.insert(GoogleNonce).values(program_id=program_id, nonce=call.nonce, expires_at=expires_at)
    kept = session.execute(row.on_conflict_do_nothing().returning(GoogleNonce.nonce))
    return kept.first() is not None


def _newest(row: GoogleObject, call: Call) -> bool:
    """Of two that end in the same millisecond the save counts, in whichever order they come: a card too many is pushed to."""
    return call.expires_ms > row.event_ms or (call.expires_ms == row.event_ms and call.event == SAVE)
