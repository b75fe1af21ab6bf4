"""Taking an entry back, whole, soon after it was made: the wrong guest, the wrong amount."""

from sqlmodel import Session

from walletpass.errors import AlreadyReversed, Conflict
from walletpass.ledger import accounts, due, merging
from walletpass.ledger.entries import Origin
from walletpass.ledger.models import EarnedCheck, Entry, EntryType, Payment
from walletpass.ledger.refund import take_bonuses
from walletpass.ledger.reversing import REVERSAL, expired_of, reverse_earn, reverse_redeem, taken_back
from walletpass.programs import Program


def undo(session: Session, program: Program, entry: Entry, origin: Origin) -> Entry:
    """Reverse what still stands of a credit or a redemption.

    An undone redemption returns to the lots it came from. An undone earn takes its own lot first, then others; what was
    spent already becomes debt up to the program's limit, and what expired is not taken twice. Its check may earn again.
    Raises AlreadyReversed, or Conflict for what cannot be undone.
    """
    if entry.type not in REVERSAL:
        raise Conflict("Only points earned or paid can be undone.")
    if entry.check_id:
        accounts.lock_check(session, program.id, entry.check_id)
    account = due.locked(session, program.id, entry.card_id)
    done = taken_back(session, entry)
    points = abs(entry.delta) - (done or 0) - (0 if entry.type == EntryType.REDEEM else expired_of(session, entry))
    if done is not None and points <= 0:
        raise AlreadyReversed("This was undone already.")
    if entry.type == EntryType.REDEEM:
        reversal = reverse_redeem(session, program, account, entry, points, origin)
        _unpay(session, entry)
    else:
        account = merging.brought_back(session, program, entry.card_id, max(0, points), origin)
        reversal = reverse_earn(session, program, account, entry, max(0, points), origin)
        _reopen(session, program, entry, origin)
    merging.follow(session, program, {entry.card_id}, origin)
    return reversal


def _unpay(session: Session, redeemed: Entry) -> None:
    """As if these points had never paid: what is refunded later is money."""
    payment = session.get(Payment, (redeemed.program_id, redeemed.card_id, redeemed.seq))
    if payment is not None:
        session.delete(payment)
        session.flush()


def _reopen(session: Session, program: Program, earned: Entry, origin: Origin) -> None:
    """The check of an undone earn may earn again, and what came with it goes."""
    standing = session.get(EarnedCheck, (program.id, earned.check_id))
    if standing is not None and (standing.card_id, standing.seq) == (earned.card_id, earned.seq):
        take_bonuses(session, program, standing, 0, origin)
        session.delete(standing)
        session.flush()
