"""One check of the past comes in."""

from datetime import UTC

from sqlmodel import Session, col, select

from walletpass import cards
from walletpass.checks.attaching import attach
from walletpass.checks.closing import Payment, close
from walletpass.checks.history.reading import Past
from walletpass.checks.lines import add_lines
from walletpass.checks.models import Check
from walletpass.checks.opening import open_check
from walletpass.database import now
from walletpass.errors import Malformed
from walletpass.ledger import Entry, Origin
from walletpass.programs import Program, Venue

SOURCE = "file"


def is_known(session: Session, program: Program, past: Past) -> bool:
    return session.get(Check, (program.id, past.id)) is not None


def take(session: Session, program: Program, past: Past, *, earns: bool) -> Entry | None:
    """The earn; None where no guest is named or ``earns`` is off.

    Raises Malformed, Conflict and NotOurCode, as the till would be told.
    """
    at = past.closed_at.astimezone(UTC)
    if at > now():
        raise Malformed("This check lies in the future.")
    origin = Origin("command", event_at=at)
    open_check(
        session,
        program.id,
        past.id,
        venue_id=_venue(session, program, past.venue),
        place=past.place,
        waiter=past.waiter,
        source=SOURCE,
        at=at,
    )
    add_lines(session, program, past.id, past.lines, at=at)
    if past.card:
        attach(session, program, past.id, cards.find_by_code(session, program.id, past.card), origin)
    return close(session, program, past.id, Payment(), origin, earns=earns)[1]


def _venue(session: Session, program: Program, name: str) -> str:
    if not name:
        return ""
    found = session.exec(select(Venue.id).where(col(Venue.program_id) == program.id, col(Venue.name) == name)).first()
    if found is None:
        raise Malformed("There is no venue of this name here.")
    return found
