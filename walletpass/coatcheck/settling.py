"""Conflicts of offline deeds, and the people who settle them."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from walletpass.coatcheck import hooks, proposing, rooms, steps, tickets
from walletpass.coatcheck.counter import at_the_counter
from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.kinds import State
from walletpass.coatcheck.models import Cloakroom, CoatItem, Conflict, Hook, Ticket
from walletpass.coatcheck.words import clean
from walletpass.database import now
from walletpass.errors import HookTaken, Malformed, NotFound

LONGEST = 200
# Settled by saying on which hook the thing really hangs.
OF_HOOKS = ("hook_taken", "hook_unknown")


def conflicts(session: Session, room: Cloakroom) -> Sequence[Conflict]:
    """Those that nobody has settled, oldest first."""
    ours = col(Conflict.program_id) == room.program_id, col(Conflict.cloakroom_id) == room.id, col(Conflict.settled_at).is_(None)
    return session.exec(select(Conflict).where(*ours).order_by(col(Conflict.listed_at), col(Conflict.key), col(Conflict.number))).all()


def about(session: Session, conflict: Conflict) -> CoatItem | None:
    """The thing that a conflict is about: by its number, or the only one of its ticket; None where the books know of none."""
    if conflict.number:
        return session.get(CoatItem, (conflict.program_id, conflict.ticket_id, conflict.number))
    found = tickets.items_of(session, conflict.program_id, [conflict.ticket_id])[conflict.ticket_id]
    return found[0] if len(found) == 1 else None


def settle(session: Session, room: Cloakroom, key: str, code: str, number: int, how: str, hand: Hand, *, hook: str = "") -> Conflict:
    """A person has looked. ``how`` says what they found; where two things claim one hook, ``hook`` is where this one hangs now.

    Raises NotFound for a conflict that is none, or over; HookTaken, Malformed.
    """
    said = clean(how, "how", LONGEST)
    if not said:
        raise Malformed("Say how it was settled.", field="how")
    conflict = session.get(Conflict, (room.program_id, key, code, number))
    if conflict is None or conflict.settled_at is not None or conflict.cloakroom_id != room.id:
        raise NotFound("There is no such conflict here any more.")
    if code in OF_HOOKS:
        if not hook:
            raise Malformed("Say on which hook it hangs now.", field="hook")
        _hang(session, room, conflict, rooms.hook(session, room, hook), hand)
    session.refresh(conflict, with_for_update=True)
    conflict.settled_at, conflict.settled_by, conflict.settled_how = now(), hand.staff_id, said
    session.add(conflict)
    session.flush()
    return conflict


def _hang(session: Session, room: Cloakroom, conflict: Conflict, target: Hook, hand: Hand) -> None:
    ticket = session.get_one(Ticket, (room.program_id, conflict.ticket_id))
    with at_the_counter(session, ticket, hand) as counter:
        item: CoatItem = counter.chosen([conflict.number], (State.HUNG,))[0]
        if item.state != State.HUNG or item.hook_id:
            raise NotFound("There is no such conflict here any more.")
        if hooks.take(session, room.program_id, [target.id]) is not None:
            free = proposing.next_free(session, room, item.kind, target)
            raise HookTaken(f"{target.label} is taken.", hook=target.label, free=free)
        values = {"hook_id": target.id, "claim_id": None, "hook_label": target.label, "confirmed": True}
        steps.step(session, item, State.HUNG, hand, counter.shift, **values)
