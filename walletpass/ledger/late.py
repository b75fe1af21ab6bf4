"""Writes that came too late to be booked silently. They stay listed until a manager has decided, and for ever after."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from walletpass import events
from walletpass.database import now
from walletpass.errors import Conflict, NotFound
from walletpass.events import Kind
from walletpass.ledger.entries import Origin
from walletpass.ledger.models import EarnedCheck, LateDeed


def list_late(session: Session, program_id: str, route: str, body: dict[str, Any], origin: Origin) -> LateDeed:
    """Keep a write for a manager. ``body`` holds ids and numbers only."""
    deed = LateDeed(
        program_id=program_id, route=route, key=origin.key, body=body, venue_id=origin.venue_id, staff_id=origin.staff_id,
        device_id=origin.device_id, event_at=origin.event_at or now(), decided_by="",
    )  # fmt: skip
    session.add(deed)
    session.flush()
    events.happened(
        session, program_id, Kind.LATE_LISTED, card_id=body.get("card", ""), venue_id=deed.venue_id, staff_id=deed.staff_id, source=origin.source,
        at=deed.event_at, data={"late": deed.id},
    )  # fmt: skip
    return deed


def late_deeds(session: Session, program_id: str) -> Sequence[LateDeed]:
    """Those that nobody has decided, oldest first."""
    waiting = select(LateDeed).where(col(LateDeed.program_id) == program_id, col(LateDeed.state) == "waiting")
    return session.exec(waiting.order_by(col(LateDeed.event_at), col(LateDeed.id))).all()


def late_deed(session: Session, program_id: str, deed_id: str) -> LateDeed:
    """Raises NotFound."""
    deed = session.get(LateDeed, (program_id, deed_id))
    if deed is None:
        raise NotFound("There is no such late deed here.")
    return deed


def decide_late(session: Session, deed: LateDeed, state: str, by: str) -> None:
    """``state`` is booked or refused, ``by`` a staff id. Of two at once one decides; the other gets Conflict."""
    ours = col(LateDeed.program_id) == deed.program_id, col(LateDeed.id) == deed.id
    decided = update(LateDeed).where(*ours, col(LateDeed.state) == "waiting").values(state=state, decided_by=by, decided_at=now())
    if session.execute(decided.returning(col(LateDeed.id))).first() is None:
        raise Conflict("Somebody has decided this already.")


def earned_before(session: Session, deed: LateDeed, check_id: str) -> bool:
    """Whether the check of a late deed has earned meanwhile: then it can only be refused, or what stands be undone first."""
    return session.get(EarnedCheck, (deed.program_id, check_id)) is not None
