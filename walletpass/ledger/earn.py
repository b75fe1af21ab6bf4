from sqlmodel import Session

from walletpass.cards import Card
from walletpass.errors import AlreadyEarned, Conflict
from walletpass.ledger import accounts, due
from walletpass.ledger.bill import Bill
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import EarnedCheck, Entry, EntryType
from walletpass.ledger.redeem import paid_with_points, promised
from walletpass.programs import Program


def earn(session: Session, program: Program, card: Card, bill: Bill, origin: Origin) -> Entry:
    """Credit a check. The part paid with points earns nothing; floored once, for the whole check.

    Raises AlreadyEarned when an earn of this check stands, Malformed for a bill that cannot be.
    """
    bill.check(program.max_amount)
    accounts.lock_check(session, program.id, bill.check_id)
    account = due.locked(session, program.id, card.id)
    standing = session.get(EarnedCheck, (program.id, bill.check_id), with_for_update=True)
    if standing is not None:
        raise AlreadyEarned("This check has earned its points already.", entry=f"{standing.card_id}-{standing.seq}")
    if promised(session, program, bill.check_id):
        raise Conflict("Points are still held for this check. Take them, or let them go, before it is closed.")
    base = max(0, bill.earning_base - paid_with_points(session, program, bill.check_id))
    points = points_for(program, base)
    entry = write(session, account, EntryType.EARN, points, origin, check_id=bill.check_id, base=base)
    closed = {"amount": bill.amount, "earning": bill.earning_base, "rate_bps": program.earn_bps}
    session.add(EarnedCheck(program_id=program.id, check_id=bill.check_id, card_id=card.id, seq=entry.seq, **closed))
    if points:
        accounts.credit(session, account, entry, points)
    return entry


def points_for(program: Program, base: int) -> int:
    """Whole points for an amount in minor units."""
    return base * program.earn_bps // 10_000
