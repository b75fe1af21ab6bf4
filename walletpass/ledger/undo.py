"""Taking an entry back, whole, soon after it was made: the wrong guest, the wrong amount."""

from sqlmodel import Session

from walletpass.errors import AlreadyReversed, Conflict
from walletpass.ledger import due
from walletpass.ledger.entries import Origin
from walletpass.ledger.models import EarnedCheck, Entry, EntryType
from walletpass.ledger.reversing import REVERSAL, expired_of, reverse_earn, reverse_redeem, taken_back
from walletpass.programs import Program


def undo(session: Session, program: Program, entry: Entry, origin: Origin) -> Entry:
    """Reverse what still stands of an earn or a redemption.

    An undone redemption returns to the lots it came from. An undone earn takes its own lot first, then others; what was
    spent already becomes debt up to the program's limit, and what expired is not taken twice. Its check may earn again.
    Raises AlreadyReversed, or Conflict for what cannot be undone.
    """
    account = due.locked(session, program.id, entry.card_id)
    if entry.type not in REVERSAL:
        raise Conflict("Only points earned or paid can be undone.")
    done = taken_back(session, entry)
    points = abs(entry.delta) - (done or 0) - (expired_of(session, entry) if entry.type == EntryType.EARN else 0)
    if done is not None and points <= 0:
        raise AlreadyReversed("This was undone already.")
    if entry.type == EntryType.REDEEM:
        return reverse_redeem(session, account, entry, points, origin)
    reversal = reverse_earn(session, program, account, entry, max(0, points), origin)
    standing = session.get(EarnedCheck, (program.id, entry.check_id))
    if standing is not None and (standing.card_id, standing.seq) == (entry.card_id, entry.seq):
        session.delete(standing)
        session.flush()
    return reversal
