from sqlmodel import Session

from walletpass.cards import Card
from walletpass.errors import InsufficientBalance, Malformed
from walletpass.ledger import accounts, due
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import Entry, EntryType
from walletpass.programs import Program


def adjust(session: Session, program: Program, card: Card, points: int, origin: Origin) -> Entry:
    """Give or take points by hand, within the program's limit and never below zero. ``origin`` must carry a reason.

    Raises Malformed or InsufficientBalance. Who may do this is the caller's question.
    """
    if not points or abs(points) > program.adjust_limit:
        raise Malformed(f"A correction is between 1 and {program.adjust_limit} points, up or down.", maximum=program.adjust_limit)
    if not origin.reason:
        raise Malformed("A correction needs a reason.")
    account = due.locked(session, program.id, card.id)
    if points < 0 and -points > account.available:
        raise InsufficientBalance(f"There are {account.available} points on this card.", available=account.available)
    entry = write(session, account, EntryType.ADJUST, points, origin)
    if points > 0:
        accounts.credit(session, account, entry, points)
    elif accounts.debit(session, account, entry, -points, accounts.open_lots(session, account)):
        raise InsufficientBalance("Some of these points have expired.", available=account.available)
    return entry
