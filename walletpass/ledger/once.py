"""Exactly once, whatever the Wi-Fi does: a key is bound to its answer in the transaction of the entry."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, bindparam, update
from sqlmodel import Session

from walletpass.database import now, prepared, table
from walletpass.errors import KeyReused, Malformed, MissingKey
from walletpass.ledger.models import Key

LONGEST_KEY = 200


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]


def fingerprint(route: str, body: Any) -> str:
    return hashlib.sha256(json.dumps([route, body], sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def begin_once(session: Session, program_id: str, key: str, request: str) -> Answer | None:
    """The first answer again, if this key has one; None when the caller is the first.

    A rival with the same key that is still under way is waited for: its uncommitted row blocks our insert. Raises
    MissingKey, Malformed, or KeyReused when the key belongs to another request.
    """
    if not key:
        raise MissingKey("Every write needs an Idempotency-Key header, so that a repeated request counts once.")
    if len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Malformed(f"An Idempotency-Key is at most {LONGEST_KEY} printable ASCII characters.")
    row = {"program_id": program_id, "key": key, "fingerprint": request, "status": 0, "answer": {}, "created_at": now()}
    if session.execute(_bind(session), row).first() is not None:
        return None
    stored = session.get_one(Key, (program_id, key))
    if stored.fingerprint != request:
        raise KeyReused("This Idempotency-Key, or this event's id, was used for another request.")
    return Answer(stored.status, stored.answer)


def finish_once(session: Session, program_id: str, key: str, answer: Answer) -> Answer:
    session.execute(_settle(session), {"of": program_id, "named": key, "status": answer.status, "answer": answer.body})
    return answer


@prepared
def _bind(dialect: Any) -> Executable:
    keys = table(Key)
    statement: Executable = dialect.insert(keys).on_conflict_do_nothing().returning(keys.c.key)
    return statement


@prepared
def _settle(dialect: Any) -> Executable:
    keys = table(Key)
    ours = keys.c.program_id == bindparam("of"), keys.c.key == bindparam("named")
    return update(keys).where(*ours).values(status=bindparam("status"), answer=bindparam("answer"))
