"""Points that a person gives or takes by hand: each with a reason."""

from datetime import datetime

from sqlmodel import Session

from walletpass.cards import Card
from walletpass.errors import Conflict, InsufficientBalance, Malformed
from walletpass.ledger import accounts, due, velocity
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import Entry, EntryType, Lot
from walletpass.programs import Program

MOST = 10**9


def adjust(session: Session, program: Program, card: Card, points: int, origin: Origin) -> Entry:
    """Give or take points by hand, within the program's limit and never below zero. ``origin`` must carry a reason.

    Raises Malformed, InsufficientBalance, NotAllowed for one's own card. Who may do this is the caller's question.
    """
    if not points or abs(points) > program.adjust_limit:
        raise Malformed(f"A correction is between 1 and {program.adjust_limit} points, up or down.", maximum=program.adjust_limit)
    _must_say_why(origin)
    velocity.not_their_own(card, origin)
    account = due.locked(session, program.id, card.id)
    if points < 0 and -points > account.available:
        raise InsufficientBalance(f"There are {account.available} points on this card.", available=account.available)
    entry = write(session, account, EntryType.ADJUST, points, origin)
    if points > 0:
        accounts.credit(session, account, entry, points)
    elif accounts.debit(session, account, entry, -points, accounts.open_lots(session, account)):
        raise InsufficientBalance("Some of these points have expired.", available=account.available)
    return entry


def opening(session: Session, program: Program, card: Card, points: int, expires_at: datetime | None, origin: Origin) -> Entry:
    """The balance that a guest brings along from another system, in a lot of its own. Raises Malformed."""
    if not 1 <= points <= MOST:
        raise Malformed(f"An opening balance is from 1 to {MOST} points.", maximum=MOST)
    _must_say_why(origin)
    account = due.locked(session, program.id, card.id)
    entry = write(session, account, EntryType.ADJUST, points, origin)
    accounts.credit(session, account, entry, points, expires_at=expires_at)
    return entry


def writeoff(session: Session, program: Program, card: Card, points: int, origin: Origin) -> Entry:
    """Forgive a debt, or a part of it. Raises Conflict for more than is owed, Malformed."""
    _must_say_why(origin)
    velocity.not_their_own(card, origin)
    account = due.locked(session, program.id, card.id)
    if not 1 <= points <= account.debt:
        raise Conflict(f"This card owes {account.debt} points.", maximum=account.debt)
    entry = write(session, account, EntryType.WRITEOFF, points, origin)
    accounts.credit(session, account, entry, points)
    return entry


def activate(session: Session, program: Program, entry: Entry, origin: Origin) -> Entry:
    """Points that wait can be spent from now on; the entry that says so. Raises Conflict for points that do not wait."""
    account = due.locked(session, program.id, entry.card_id)
    lot = session.get(Lot, (program.id, entry.card_id, entry.seq), populate_existing=True)
    if lot is None or lot.state != "pending" or not lot.remaining:
        raise Conflict("These points do not wait for anything.")
    return due.ripen(session, account, lot, origin)


def _must_say_why(origin: Origin) -> None:
    if not origin.reason:
        raise Malformed("A correction needs a reason.")
