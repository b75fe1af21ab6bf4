"""A table sits down: the check from its first moment, and finding it again."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Executable, bindparam
from sqlmodel import Session, col, select

from walletpass import ledger
from walletpass.cards import Card
from walletpass.checks.models import Check
from walletpass.checks.telling import tell
from walletpass.checks.words import plain
from walletpass.database import now, prepared
from walletpass.errors import AlreadyReversed, Conflict, NotFound
from walletpass.events import Kind
from walletpass.guests import Guest

ENDED = {
    "closed": "This check is closed already.",
    "refunded": "This check was refunded already.",
    "voided": "This check was voided.",
    "taken_back": "The points of this check were taken back; attach its guest to earn them again.",
}


def open_check(
    session: Session,
    program_id: str,
    check_id: str,
    *,
    venue_id: str = "",
    place: str = "",
    waiter: str = "",
    source: str = "till",
    at: datetime | None = None,
) -> Check:
    """Raises Conflict, with the ``check`` that stands, for an id that was opened before."""
    ledger.lock_check(session, program_id, check_id)
    standing = session.get(Check, (program_id, check_id))
    if standing is not None:
        stands = {"id": standing.id, "state": standing.state, "amount": standing.amount, "opened_at": standing.opened_at}
        raise Conflict("A check of this id was opened before.", check=stands)
    check = Check(
        program_id=program_id, id=check_id, venue_id=venue_id, place=plain(place, 20), waiter=plain(waiter, 40), source=source,
        opened_at=at or now(), join_code=secrets.token_urlsafe(16),
    )  # fmt: skip
    session.add(check)
    session.flush()
    tell(session, check, Kind.CHECK_OPENED, check.opened_at)
    return check


def find(session: Session, program_id: str, check_id: str) -> Check:
    """The check, ours until commit and as it stands at this moment. Raises NotFound.

    Its lock is the one that the ledger takes for a check, and like there it comes before any card's.
    """
    ledger.lock_check(session, program_id, check_id)
    check: Check | None = session.execute(_look(session), {"program": program_id, "check": check_id}).scalar()
    if check is None:
        raise NotFound("No check is known here by this id.")
    return check


@prepared
def _look(dialect: Any) -> Executable:
    ours = col(Check.program_id) == bindparam("program"), col(Check.id) == bindparam("check")
    return select(Check).where(*ours).execution_options(populate_existing=True)


def get(session: Session, program_id: str, check_id: str) -> Check:
    """To look at only. Raises NotFound."""
    check = session.get(Check, (program_id, check_id))
    if check is None:
        raise NotFound("No check is known here by this id.")
    return check


def may_be_paid(session: Session, program_id: str, check_id: str) -> None:
    """Before points pay a part of it: one that is not known here may be, and so may one whose points were taken back. Raises Conflict."""
    check = session.get(Check, (program_id, check_id))
    if check is not None and check.state in ("voided", "refunded"):
        raise Conflict(ENDED[check.state], state=check.state)


def must_be_open(check: Check) -> None:
    """Raises Conflict."""
    if check.state != "open":
        raise Conflict(ENDED[check.state], state=check.state)


def must_be_closed(check: Check) -> None:
    """Raises Conflict, or AlreadyReversed for a check of which nothing is left."""
    if check.state == "open":
        raise Conflict("This check is still open: take lines off it, or void it.", state=check.state)
    if check.state == "refunded":
        raise AlreadyReversed(ENDED[check.state], state=check.state)
    if check.state != "closed":
        raise Conflict(ENDED[check.state], state=check.state)


@dataclass(frozen=True)
class Seen:
    """A check and the name on the card that is attached."""

    check: Check
    guest: str | None

    @property
    def ask_for_card(self) -> bool:
        """From the first line on, until there is a guest."""
        return self.check.state == "open" and self.check.first_line_at is not None and not self.check.card_id


def open_checks(session: Session, program_id: str, venue_id: str = "", limit: int = 500) -> list[Seen]:
    """Those of one venue, and those of which nobody said where; or of all. The one that waits longest first."""
    ours = [col(Check.program_id) == program_id, col(Check.state) == "open"]
    if venue_id:
        ours.append(col(Check.venue_id).in_([venue_id, ""]))
    return _seen(session, ours, limit)


def seen(session: Session, program_id: str, check_id: str) -> Seen:
    """Raises NotFound."""
    found = _seen(session, [col(Check.program_id) == program_id, col(Check.id) == check_id], 1)
    if not found:
        raise NotFound("No check is known here by this id.")
    return found[0]


def latest(session: Session, program_id: str, venue_id: str = "", limit: int = 10) -> list[Seen]:
    """The checks closed last, newest first."""
    ours = [col(Check.program_id) == program_id, col(Check.closed_at).is_not(None)]
    if venue_id:
        ours.append(col(Check.venue_id).in_([venue_id, ""]))
    return _seen(session, ours, limit, newest=True)


def _seen(session: Session, ours: list[ColumnElement[bool]], limit: int, *, newest: bool = False) -> list[Seen]:
    card = (col(Card.program_id) == col(Check.program_id)) & (col(Card.id) == col(Check.card_id))
    guest = (col(Guest.program_id) == col(Card.program_id)) & (col(Guest.id) == col(Card.guest_id))
    order = col(Check.closed_at).desc() if newest else col(Check.opened_at)
    rows = select(Check, Guest.name).outerjoin(Card, card).outerjoin(Guest, guest).where(*ours)
    return [Seen(check, name) for check, name in session.exec(rows.order_by(order, col(Check.id)).limit(limit))]
