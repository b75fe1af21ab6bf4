"""Taking a thing off its hook for a moment, and hanging many elsewhere."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from walletpass import cards
from walletpass.coatcheck import claims, hooks, proposing, rooms, shifts, steps, telling, tickets
from walletpass.coatcheck.counter import at_the_counter
from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.kinds import State
from walletpass.coatcheck.models import Cloakroom, CoatItem, Hook, Ticket
from walletpass.coatcheck.returning import Numbers, refusal
from walletpass.errors import Conflict, HookTaken, Malformed

MOST_MOVES = 100


def pull(session: Session, ticket: Ticket, numbers: Numbers, hand: Hand) -> list[CoatItem]:
    """A guest wants something out of a pocket. The hook waits. Raises Conflict for what does not hang."""
    return _turn(session, ticket, numbers, hand, State.HUNG, State.PULLED)


def hang_again(session: Session, ticket: Ticket, numbers: Numbers, hand: Hand) -> list[CoatItem]:
    """Back on the same hook. Raises Conflict for what was not pulled."""
    return _turn(session, ticket, numbers, hand, State.PULLED, State.HUNG)


def _turn(session: Session, ticket: Ticket, numbers: Numbers, hand: Hand, was: State, became: State) -> list[CoatItem]:
    with at_the_counter(session, ticket, hand) as counter:
        items = counter.chosen(numbers, (was,))
        wrong = [item for item in items or counter.things if item.state != was]
        if wrong:
            raise refusal(session, wrong[0])
        if unsure := [item for item in items if not item.hook_id]:
            raise Conflict("Nobody knows for sure where this hangs. Settle that first.", number=unsure[0].number)
        for item in items:
            steps.step(session, item, became, hand, counter.shift)
        return items


def move(session: Session, room: Cloakroom, moves: Sequence[tuple[str, str]], hand: Hand) -> list[CoatItem]:
    """All that hangs on one hook to another one, by their labels; many at once, all or none. Two hooks may change places.

    Raises HookTaken where there is not enough room, Malformed for a hook that is none, Conflict where nothing hangs or something was pulled.
    """
    pairs = _pairs(session, room, moves)
    found = _hanging(session, room, [source.id for source, _ in pairs])
    _lock(session, found, room.program_id)
    shift = shifts.current(session, room, hand)
    locked = [tickets.lock(session, ticket) for ticket in _tickets(session, room.program_id, found)]
    # Who came or went before we had the locks is seen now.
    found = _hanging(session, room, [source.id for source, _ in pairs])
    if {item.ticket_id for item in found} - {ticket.id for ticket in locked}:
        raise Conflict("Something came on one of these hooks at the same moment. Please look again.")
    moved = _assign(found, pairs)
    _change_places(session, room, moved)
    for item, target in moved:
        steps.step(session, item, State.HUNG, hand, shift, hook_id=target.id, hook_label=target.label, confirmed=True)
    claims.fill(session, room.program_id, [source.id for source, _ in pairs], hand, shift)
    for ticket in locked:
        telling.tell(session, ticket)
    return [item for item, _ in moved]


def _pairs(session: Session, room: Cloakroom, moves: Sequence[tuple[str, str]]) -> list[tuple[Hook, Hook]]:
    if not 1 <= len(moves) <= MOST_MOVES:
        raise Malformed(f"Give 1 to {MOST_MOVES} moves.", field="moves")
    pairs = [(rooms.hook(session, room, source), rooms.hook(session, room, target)) for source, target in moves]
    if len({source.id for source, _ in pairs}) != len(pairs) or any(source.id == target.id for source, target in pairs):
        raise Malformed("Each hook is emptied once, and onto another one.", field="moves")
    return pairs


def _hanging(session: Session, room: Cloakroom, hook_ids: Sequence[str]) -> list[CoatItem]:
    ours = col(CoatItem.program_id) == room.program_id, col(CoatItem.hook_id).in_(hook_ids)
    found = session.exec(select(CoatItem).where(*ours).execution_options(populate_existing=True)).all()
    # Sorted here: asked to do it, SQLite goes through all tickets in their order.
    return sorted(found, key=lambda item: (item.ticket_id, item.number))


def _tickets(session: Session, program_id: str, items: Sequence[CoatItem]) -> list[Ticket]:
    return [tickets.get(session, program_id, ticket_id) for ticket_id in sorted({item.ticket_id for item in items})]


def _lock(session: Session, items: Sequence[CoatItem], program_id: str) -> None:
    """The cards, before the shift and the tickets, as every deed does."""
    for card_id in sorted({ticket.card_id for ticket in _tickets(session, program_id, items) if ticket.card_id}):
        session.refresh(cards.get(session, program_id, card_id), with_for_update=True)


def _assign(items: Sequence[CoatItem], pairs: Sequence[tuple[Hook, Hook]]) -> list[tuple[CoatItem, Hook]]:
    moved = []
    for source, target in pairs:
        there = [item for item in items if item.hook_id == source.id]
        if not there:
            raise Conflict(f"Nothing hangs on {source.label}.", hook=source.label)
        if any(item.state == State.PULLED for item in there):
            raise Conflict(f"What belongs on {source.label} was taken off for a moment. Hang it again first.", hook=source.label)
        moved += [(item, target) for item in there]
    return moved


def _change_places(session: Session, room: Cloakroom, moved: Sequence[tuple[CoatItem, Hook]]) -> None:
    """The difference for every hook, in one order, so that two hooks can change places."""
    change: dict[str, int] = {}
    for item, target in moved:
        change[item.hook_id or ""] = change.get(item.hook_id or "", 0) - 1
        change[target.id] = change.get(target.id, 0) + 1
    for hook_id, places in sorted(change.items()):
        if places < 0:
            hooks.let_go(session, room.program_id, [hook_id] * -places)
        elif hooks.take(session, room.program_id, [hook_id] * places) is not None:
            target = session.get_one(Hook, (room.program_id, hook_id))
            free = proposing.next_free(session, room, moved[0][0].kind, target)
            raise HookTaken(f"{target.label} has not enough room.", hook=target.label, free=free)
