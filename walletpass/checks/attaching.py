"""Whose check it is."""

from datetime import timedelta

from sqlmodel import Session, col, select

from walletpass.cards import Card, must_be_card
from walletpass.checks.closing import credit
from walletpass.checks.lines import lines_of
from walletpass.checks.models import Check
from walletpass.checks.opening import find, must_be_open
from walletpass.checks.telling import tell
from walletpass.database import now
from walletpass.errors import Conflict, NotAllowed
from walletpass.events import Kind
from walletpass.ledger import Entry, Origin
from walletpass.programs import Program


def attach(
    session: Session, program: Program, check_id: str, card: Card, origin: Origin, *, anytime: bool = False
) -> tuple[Check, Entry | None]:
    """This is the guest's check; while it is open, another guest may take the place of the first.

    A check that was closed without a guest, or whose points were taken back, earns now: within the program's ``undo_minutes``, later
    only ``anytime``. Returns the earn, where there is one. Raises Conflict, NotAllowed, CoatTicket, and
    what `ledger.earn` raises.
    """
    check = find(session, program.id, check_id)
    must_be_card(card)
    if card.program_id != program.id or card.state != "active" or card.merged_into:
        raise Conflict("This card is not in use any more. Ask the guest for the new one.")
    if check.state == "open":
        if check.card_id != card.id:
            _put(session, check, card.id, origin)
        return check, None
    if check.state not in ("closed", "taken_back"):
        must_be_open(check)
    if check.state == "closed" and check.card_id:
        raise Conflict("This check belongs to a guest already. Take its points back first, then attach another one.", state=check.state)
    _must_be_in_time(program, check, anytime)
    _put(session, check, card.id, origin)
    return check, credit(session, program, check, lines_of(session, check), card, origin)


def detach(session: Session, program: Program, check_id: str) -> Check:
    """It was not this guest's check. Raises Conflict unless it is open."""
    check = find(session, program.id, check_id)
    must_be_open(check)
    check.card_id, check.attached_at, check.attached_by = "", None, ""
    session.add(check)
    session.flush()
    return check


def join(session: Session, program: Program, join_code: str, card: Card, origin: Origin) -> tuple[Check, Entry | None] | None:
    """A guest who has just got a card by the code on the table: the check is theirs, unless somebody else has it or it is over.

    None where nothing was attached: a guest is not told why, and has the card all the same.
    """
    ours = col(Check.program_id) == program.id, col(Check.join_code) == join_code
    check_id = session.exec(select(Check.id).where(*ours)).first() if join_code and join_code.isprintable() else None
    if check_id is None:
        return None
    check = find(session, program.id, check_id)
    if check.card_id or check.state not in ("open", "closed") or (check.state == "closed" and not _in_time(program, check)):
        return None
    return attach(session, program, check_id, card, origin)


def _put(session: Session, check: Check, card_id: str, origin: Origin) -> None:
    check.card_id, check.attached_at, check.attached_by = card_id, origin.event_at or now(), origin.staff_id
    session.add(check)
    session.flush()
    tell(session, check, Kind.CHECK_ATTACHED, check.attached_at, origin)


def _in_time(program: Program, check: Check) -> bool:
    return check.closed_at is None or now() - check.closed_at <= timedelta(minutes=program.undo_minutes)


def _must_be_in_time(program: Program, check: Check, anytime: bool) -> None:
    if not anytime and not _in_time(program, check):
        raise NotAllowed(f"This check was closed more than {program.undo_minutes} minutes ago. A manager can attach its guest.")
