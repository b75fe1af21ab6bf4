"""The right check on the wrong card."""

from sqlmodel import Session

from walletpass.cards import Card
from walletpass.errors import AlreadyReversed, Conflict
from walletpass.events import Kind
from walletpass.ledger import accounts, due, expiry, tiers, velocity
from walletpass.ledger.earn import ripe
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import EarnedCheck, Entry, EntryType
from walletpass.ledger.reversing import expired_of, reverse_earn, taken_back
from walletpass.programs import Program


def move(session: Session, program: Program, entry: Entry, to: Card, origin: Origin) -> Entry:
    """What stands of an earn goes to another guest, with the time at which it was earned; the new entry.

    What the first guest has spent of it becomes their debt, as with `undo`. Raises Conflict for what is no earn or belongs to
    a check that is not standing, AlreadyReversed.
    """
    velocity.not_their_own(to, origin)
    if entry.type != EntryType.EARN or entry.card_id == to.id:
        raise Conflict("Only the points of a check can be moved, and to another card.")
    accounts.lock_check(session, program.id, entry.check_id)
    # Both at once, in one order, so that two who move back and forth do not wait for each other.
    account, target = due.both(session, program.id, entry.card_id, to.id)
    standing = session.get(EarnedCheck, (program.id, entry.check_id), with_for_update=True, populate_existing=True)
    if standing is None or (standing.card_id, standing.seq) != (entry.card_id, entry.seq):
        raise AlreadyReversed("These points were undone or moved already.")
    points = entry.delta - (taken_back(session, entry) or 0) - expired_of(session, entry)
    reverse_earn(session, program, account, entry, max(0, points), origin)
    moved = Origin(**{**vars(origin), "event_at": entry.event_at})
    come = write(
        session,
        target,
        EntryType.EARN,
        max(0, points),
        moved,
        check_id=entry.check_id,
        base=entry.base,
        called=Kind.POINTS_MOVED,
        said={"from": entry.card_id},
    )
    if come.delta:
        accounts.credit(
            session, target, come, come.delta,
            active_from=ripe(program, entry.event_at), expires_at=expiry.ends(program, to.created_at, entry.event_at),
            rolls=program.expiry == "activity",
        )  # fmt: skip
    standing.card_id, standing.seq = come.card_id, come.seq
    session.add(standing)
    session.flush()
    tiers.rise(session, program, to, standing.closed_at)
    return come
