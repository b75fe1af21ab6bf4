"""Signing in at a till."""

from datetime import timedelta
from typing import Any

from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass.database import now, transaction
from walletpass.errors import NotAllowed, PinLocked, WrongPin
from walletpass.staff import secrets
from walletpass.staff.actors import MAY
from walletpass.staff.models import PinTries, Staff, StaffSession, Till
from walletpass.staff.team import hasher

TRIES = 5
LOCK = timedelta(minutes=30)
WRONG = "This PIN does not fit. Please try again."


def sign_in(till: Till, staff_id: str, pin: str) -> str:
    """The secret of a new session. Opens its own transactions: a try counts even when the request is cut off.

    The try is counted before the PIN is looked at, so a hundred at once are a hundred. Raises WrongPin or PinLocked.
    """
    _prove(till.program_id, till.id, staff_id, pin)
    secret, digest = secrets.make()
    with transaction() as session:
        session.execute(delete(PinTries).where(*_ours(till.program_id, till.id, staff_id)))
        session.add(StaffSession(program_id=till.program_id, token_hash=digest, staff_id=staff_id, till_id=till.id))
    return secret


def vouch(program_id: str, till_id: str, staff_id: str, pin: str, deed: str) -> Staff:
    """Somebody who may do the ``deed`` lets a colleague do it now, with their own PIN at the colleague's till; who it is.

    Counts and raises like `sign_in`; NotAllowed for the right PIN of somebody who may not.
    """
    staff = _prove(program_id, till_id, staff_id, pin)
    if deed not in MAY[staff.role]:
        raise NotAllowed("A manager has to do this.")
    with transaction() as session:
        session.execute(delete(PinTries).where(*_ours(program_id, till_id, staff_id)))
    return staff


def _prove(program_id: str, till_id: str, staff_id: str, pin: str) -> Staff:
    with transaction() as session:
        staff = session.get(Staff, (program_id, staff_id))
        if staff is None or not staff.active:
            raise WrongPin(WRONG)
        _count(session, program_id, till_id, staff_id)
    if not _fits(staff.pin_hash, pin):
        raise WrongPin(WRONG)
    return staff


def sign_out(session: Session, program_id: str, secret: str) -> None:
    session.execute(
        update(StaffSession)
        .where(col(StaffSession.program_id) == program_id, col(StaffSession.token_hash) == secrets.digest(secret))
        .values(ended_at=now())
    )


def unlock(session: Session, program_id: str, staff_id: str) -> None:
    """A manager's word: the person may try again on every till."""
    session.execute(delete(PinTries).where(col(PinTries.program_id) == program_id, col(PinTries.staff_id) == staff_id))


def locked(session: Session, program_id: str, till_id: str | None = None) -> set[str]:
    """The ids of those who are locked out, on one till or on any."""
    rows = select(PinTries.staff_id).where(col(PinTries.program_id) == program_id, col(PinTries.locked_until) > now())
    if till_id is not None:
        rows = rows.where(col(PinTries.till_id) == till_id)
    return set(session.exec(rows).all())


def _count(session: Session, program_id: str, till_id: str, staff_id: str) -> None:
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(PinTries).values(program_id=program_id, till_id=till_id, staff_id=staff_id, count=0)
    # Always leaves us a locked row, also when a colleague's right PIN deletes it at this moment.
    session.execute(row.on_conflict_do_update(index_elements=["program_id", "till_id", "staff_id"], set_={"count": col(PinTries.count)}))
    tries = session.exec(select(PinTries).where(*_ours(program_id, till_id, staff_id)).with_for_update()).one()
    if tries.locked_until is not None:
        if tries.locked_until > now():
            raise PinLocked("Too many tries. Wait half an hour, or ask a manager to unlock you.", until=tries.locked_until.isoformat())
        tries.count, tries.locked_until = 0, None
    tries.count += 1
    if tries.count >= TRIES:
        tries.locked_until = now() + LOCK
    session.add(tries)


def _ours(program_id: str, till_id: str, staff_id: str) -> tuple[Any, ...]:
    return col(PinTries.program_id) == program_id, col(PinTries.till_id) == till_id, col(PinTries.staff_id) == staff_id


def _fits(pin_hash: str, pin: str) -> bool:
    try:
        return hasher.verify(pin_hash, pin)
    except (Argon2Error, InvalidHashError):
        return False
