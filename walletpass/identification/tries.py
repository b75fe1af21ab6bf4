"""Wrong PINs and codes: five, and then half an hour of nothing, for this card and whoever tried."""

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass.database import now
from walletpass.errors import FactorLocked
from walletpass.identification.models import FactorTries

TRIES = 5
LOCK = timedelta(minutes=30)
KEY = ("program_id", "card_id", "tried_by", "kind")


def by(bearer: str) -> str:
    """A bearer in 64 characters, of which none is a part of an API key's hash."""
    return hashlib.sha256(bearer.encode()).hexdigest()


def count(session: Session, program_id: str, card_id: str, tried_by: str, kind: str) -> None:
    """One more, before anything is looked at and in a transaction of its own: a hundred at once are a hundred, and a request that is
    cut off counts. Raises FactorLocked, also for the right one."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(FactorTries).values(program_id=program_id, card_id=card_id, tried_by=tried_by, kind=kind, count=0)
    # Always leaves us a locked row, also when a right PIN deletes it at this moment.
    session.execute(row.on_conflict_do_update(index_elements=KEY, set_={"count": col(FactorTries.count)}))
    ours = _ours(program_id, card_id, tried_by, kind)
    tries = session.exec(select(FactorTries).where(*ours).with_for_update().execution_options(populate_existing=True)).one()
    if tries.locked_until is not None:
        if tries.locked_until > now():
            raise FactorLocked("Too many wrong tries. Wait half an hour, or let the guest prove it another way.", until=tries.locked_until)
        tries.count, tries.locked_until = 0, None
    tries.count += 1
    if tries.count >= TRIES:
        tries.locked_until = now() + LOCK
    session.add(tries)


def forgive(session: Session, program_id: str, card_id: str, tried_by: str, kind: str) -> None:
    session.execute(delete(FactorTries).where(*_ours(program_id, card_id, tried_by, kind)))


def _ours(program_id: str, card_id: str, tried_by: str, kind: str) -> tuple[Any, ...]:
    return (
        col(FactorTries.program_id) == program_id,
        col(FactorTries.card_id) == card_id,
        col(FactorTries.tried_by) == tried_by,
        col(FactorTries.kind) == kind,
    )
