"""Points promised to a check that is still open: locked at the quote, spent at the payment."""

from datetime import timedelta

from sqlmodel import Session

from walletpass.cards import Card
from walletpass.database import new_id, now
from walletpass.errors import Conflict, Gone, InsufficientBalance, Malformed, NotFound
from walletpass.events import Kind
from walletpass.ledger import accounts, due, expiry
from walletpass.ledger.bill import Bill
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import Account, Entry, EntryType, Hold
from walletpass.ledger.redeem import may_pay, record, within_cap
from walletpass.programs import Program


def hold(session: Session, program: Program, card: Card, bill: Bill, points: int, origin: Origin) -> Hold:
    """Promise points to a check, for ``program.hold_minutes``. Raises as `redeem` does, and then nothing is promised."""
    account, pays = may_pay(session, program, card, bill, points, origin)
    hold_id = new_id()
    said: dict[str, int | str] = {"points": points, "hold": hold_id}
    entry = write(session, account, EntryType.HOLD, 0, origin, check_id=bill.check_id, base=bill.redeemable_base, said=said)
    left = points
    for lot in accounts.open_lots(session, account):
        if part := min(left, lot.remaining - lot.held):
            lot.held += part
            left -= part
            session.add_all([lot, accounts.allocated(entry, lot, part)])
    if left:
        raise InsufficientBalance("Some of these points have expired.", available=account.available)
    account.available -= points
    account.held += points
    made = Hold(
        program_id=program.id, id=hold_id, card_id=card.id, entry_seq=entry.seq, check_id=bill.check_id, points=points, worth=pays.worth,
        expires_at=now() + timedelta(minutes=program.hold_minutes),
    )  # fmt: skip
    session.add_all([account, made])
    session.flush()
    return made


def capture(session: Session, program: Program, hold_id: str, bill: Bill, points: int, origin: Origin) -> Entry:
    """Spend ``points`` of a hold, all or a part; the rest is free again. ``bill`` is the check as it is paid.

    Raises Gone for a hold that has ended, AboveCap when the check has become too small for it, Malformed, NotFound.
    """
    bill.check(program.max_amount)
    account, found = _open(session, program, hold_id)
    if bill.check_id != found.check_id:
        raise Malformed("These points are held for another check.")
    if not 1 <= points <= found.points:
        raise Malformed(f"Of this hold, from 1 to {found.points} points can be paid.", maximum=found.points)
    pays = within_cap(session, program, bill, points, but=found.id)
    entry = write(
        session, account, EntryType.REDEEM, -points, origin, check_id=found.check_id, base=bill.redeemable_base,
        called=Kind.POINTS_CAPTURED, said={"hold": found.id},
    )  # fmt: skip
    due.end(session, account, found, "captured", spent=points, by=entry)
    record(session, entry, pays)
    expiry.live_on(session, program, account, entry.event_at)
    return entry


def release(session: Session, program: Program, hold_id: str, origin: Origin) -> Entry:
    """Give the points of a hold back. Raises Gone for one that has ended, NotFound."""
    account, found = _open(session, program, hold_id)
    said: dict[str, int | str] = {"points": found.points, "hold": found.id}
    entry = write(session, account, EntryType.HOLD_RELEASE, 0, origin, check_id=found.check_id, said=said)
    due.end(session, account, found, "released")
    return entry


def find_hold(session: Session, program_id: str, hold_id: str) -> Hold:
    """Raises NotFound."""
    known = session.get(Hold, (program_id, hold_id))
    if known is None:
        raise NotFound("This hold is not known here.")
    return known


def _open(session: Session, program: Program, hold_id: str) -> tuple[Account, Hold]:
    known = find_hold(session, program.id, hold_id)
    accounts.lock_check(session, program.id, known.check_id)
    account = due.locked(session, program.id, known.card_id)
    session.refresh(known)
    if known.state == "captured":
        raise Conflict("The points of this hold were paid already.")
    if known.state != "open":
        raise Gone("This hold has ended and its points are free again. Ask for a new one.")
    return account, known
