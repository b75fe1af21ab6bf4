"""The guest said yes on their own phone: for five minutes one till may spend points on it, once, and nobody types anything."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, bindparam, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass.cards import Card
from walletpass.database import new_id, now, prepared, table
from walletpass.identification import tries
from walletpass.identification.models import Confirmation

LASTS = timedelta(minutes=5)


def confirm(session: Session, card: Card, way: str) -> datetime:
    """From now on, until then. A new yes takes the place of the one before."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    said: dict[str, Any] = {"id": new_id(), "way": way, "taken_by": "", "expires_at": (until := now() + LASTS)}
    row = dialect.insert(Confirmation).values(program_id=card.program_id, card_id=card.id, **said)
    session.execute(row.on_conflict_do_update(index_elements=["program_id", "card_id"], set_=said))
    return until


def waits(session: Session, card: Card, bearer: str) -> str:
    """The way in which the guest said yes, where this bearer may still take it up; nothing changes."""
    asked = {"program": card.program_id, "card": card.id, "moment": now(), "mine": tries.by(bearer)}
    return session.execute(_waiting(session), asked).scalar() or ""


@prepared
def _waiting(dialect: Any) -> Executable:
    said = table(Confirmation).c
    ours = said.program_id == bindparam("program"), said.card_id == bindparam("card"), said.expires_at > bindparam("moment")
    return select(said.way).where(*ours, or_(said.taken_by == "", said.taken_by == bindparam("mine")))


def take_up(session: Session, card: Card, bearer: str) -> Confirmation | None:
    """The yes, for this bearer alone from now on; of two tills the first has it. It is still good once only: see `proofs`."""
    mine = tries.by(bearer)
    free = or_(col(Confirmation.taken_by) == "", col(Confirmation.taken_by) == mine)
    ours = col(Confirmation.program_id) == card.program_id, col(Confirmation.card_id) == card.id
    taken = update(Confirmation).where(*ours, col(Confirmation.expires_at) > now(), free).values(taken_by=mine)
    won = session.execute(taken.returning(col(Confirmation.id)).execution_options(synchronize_session=False)).first()
    return session.get_one(Confirmation, (card.program_id, card.id), populate_existing=True) if won is not None else None
