"""Two cards of one guest become one: points go over with their ends, and both codes open the survivor.

The old card's account stays, empty, with its history. What happens later to one of its old checks is booked there, and what that
leaves is carried over at once.
"""

from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import Session, col, select

from walletpass import cards, events
from walletpass.cards import Card
from walletpass.database import now
from walletpass.errors import AlreadyReversed, Conflict, Gone
from walletpass.events import Kind
from walletpass.ledger import accounts, due, velocity
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import Account, EntryType, Lot, Merge
from walletpass.programs import Program

UNDONE_WITHIN = timedelta(hours=24)


def merge(session: Session, program: Program, card: Card, into: Card, origin: Origin) -> Merge:
    """``card`` goes up in ``into``: sums stay what they are. Done again, it is the same merge.

    Raises Conflict for one card with itself, with a card that has gone up in another, or while points of it are held.
    """
    session.add_all([card, into])
    source, _ = due.both(session, program.id, card.id, into.id)
    # Two may have been joined while we waited for their accounts.
    for one in (card, into):
        session.refresh(one)
    velocity.not_their_own(into, origin)
    if card.merged_into and (standing := _standing(session, program.id, card.id)) and standing.into_id == into.id:
        return standing
    if card.id == into.id or card.merged_into or into.merged_into or "voided" in (card.state, into.state):
        raise Conflict("These two cards cannot become one: choose two cards that are in use.")
    if source.held:
        raise Conflict("Points of this card are held for an open check. Take them, or let them go, first.")
    made = Merge(program_id=program.id, card_id=card.id, into_id=into.id)
    session.add(made)
    cards.join(session, card, into)
    carry(session, program, card.id, into.id, origin)
    events.happened(
        session, program.id, Kind.CARD_MERGED, card_id=card.id, staff_id=origin.staff_id, source=origin.source, data={"into": into.id}
    )
    return made


def unmerge(session: Session, program: Program, made: Merge, origin: Origin) -> None:
    """What is left of the points that went over goes back, within a day. Raises Gone later, AlreadyReversed, and
    Conflict, also where the card that went up has ended since."""
    made = session.get_one(Merge, (made.program_id, made.id), with_for_update=True, populate_existing=True)
    if made.undone_at is not None:
        raise AlreadyReversed("These cards were parted already.")
    if now() - made.made_at > UNDONE_WITHIN:
        raise Gone("Cards can be parted within a day of becoming one. Move single checks instead.")
    card, into = cards.get(session, program.id, made.card_id), cards.get(session, program.id, made.into_id)
    source, survivor = due.both(session, program.id, card.id, into.id)
    session.refresh(card)
    if card.state != "active":
        raise Conflict("The card that went up in this one has ended. Move single checks instead.")
    if survivor.held:
        raise Conflict("Points of this card are held for an open check. Take them, or let them go, first.")
    for lot in _lots(session, survivor):
        if lot.source == EntryType.MERGE and lot.from_card == card.id:
            _over(session, survivor, source, lot, lot.remaining, origin)
    made.undone_at = now()
    session.add(made)
    cards.part(session, card, into)


def carry(session: Session, program: Program, from_id: str, to_id: str, origin: Origin) -> None:
    """All points of an account, lot by lot, and its debt, to another."""
    source, survivor = due.both(session, program.id, from_id, to_id)
    for lot in _lots(session, source):
        _over(session, source, survivor, lot, lot.remaining - lot.held, origin)
    if source.debt:
        _owe(session, source, survivor, source.debt, origin)


def brought_back(session: Session, program: Program, card_id: str, points: int, origin: Origin) -> Account:
    """The account that an old entry stands on, locked; of a card that has gone up in another, with the points that are to be taken."""
    survivor = cards.survivor(session, program.id, card_id)
    if survivor is None or survivor.id == card_id:
        return due.locked(session, program.id, card_id)
    source, target = due.both(session, program.id, card_id, survivor.id)
    left, came_from = points, set(cards.ids_of(session, cards.get(session, program.id, card_id)))
    # The points that came over with this card first: those of the other guest are theirs, if the two part again.
    for lot in sorted(accounts.open_lots(session, target), key=lambda one: one.from_card not in came_from):
        part = min(left, lot.remaining - lot.held)
        left -= part
        _over(session, target, source, lot, part, origin)
    return source


def follow(session: Session, program: Program, card_ids: Iterable[str], origin: Origin) -> None:
    """What a deed has left on cards that are others' by now goes on to these."""
    for card_id in sorted(card_ids):
        survivor = cards.survivor(session, program.id, card_id)
        if survivor is not None and survivor.id != card_id:
            carry(session, program, card_id, survivor.id, origin)


def _standing(session: Session, program_id: str, card_id: str) -> Merge | None:
    found = select(Merge).where(col(Merge.program_id) == program_id, col(Merge.card_id) == card_id, col(Merge.undone_at).is_(None))
    return session.exec(found).first()


def _lots(session: Session, account: Account) -> list[Lot]:
    ours = col(Lot.program_id) == account.program_id, col(Lot.card_id) == account.card_id, col(Lot.remaining) > 0
    return list(session.exec(select(Lot).where(*ours).order_by(col(Lot.seq)).execution_options(populate_existing=True)).all())


def _over(session: Session, source: Account, target: Account, lot: Lot, points: int, origin: Origin) -> None:
    """Points of one lot, to a lot of the other account that ends when it would have ended."""
    if points <= 0:
        return
    gone = write(session, source, EntryType.MERGE, -points, origin)
    accounts.debit(session, source, gone, points, [lot])
    come = write(session, target, EntryType.MERGE, points, origin)
    accounts.credit(
        session, target, come, points,
        active_from=lot.active_from if lot.state == "pending" else None, expires_at=lot.expires_at, rolls=lot.rolls,
        from_card=source.card_id,
    )  # fmt: skip


def _owe(session: Session, source: Account, target: Account, debt: int, origin: Origin) -> None:
    """A debt goes over: what the target has pays it, and the rest is owed there."""
    freed = write(session, source, EntryType.MERGE, debt, origin)
    accounts.credit(session, source, freed, debt)
    owed = write(session, target, EntryType.MERGE, -debt, origin)
    target.debt += accounts.debit(session, target, owed, debt, accounts.open_lots(session, target))
    session.add(target)
    session.flush()
