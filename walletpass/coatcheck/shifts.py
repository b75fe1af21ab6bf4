"""The evenings of a cloakroom, and their reports."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.kinds import HERE, STANDING, State
from walletpass.coatcheck.models import Cloakroom, CoatItem, Shift, Step
from walletpass.coatcheck.models.tickets import IS_HERE
from walletpass.database import new_id, now
from walletpass.errors import Conflict, NotFound, Unaccounted


def open_shift(session: Session, room: Cloakroom, hand: Hand) -> Shift:
    """Begin one. Raises Conflict where one is open."""
    if not _insert(session, room, hand):
        raise Conflict("A shift is open here already.")
    return _current(session, room)


def current(session: Session, room: Cloakroom, hand: Hand) -> Shift:
    """The open shift, held so that it cannot be closed before this transaction is over. The first deed of an evening begins it:
    nobody turns a guest away because somebody forgot to press a button."""
    while True:
        if (found := _open(session, room, share=True)) is not None:
            return found
        _insert(session, room, hand)


def close_shift(session: Session, room: Cloakroom, hand: Hand) -> Shift:
    """Raises Unaccounted with what hangs, Conflict where no shift is open: of two at once one closes it."""
    shift = _open(session, room)
    if shift is None:
        raise Conflict("No shift is open here.")
    if left := unaccounted(session, room):
        raise Unaccounted(
            f"{len(left)} things hang here. Each is given back, kept or lost before the shift ends.",
            items=[{"ticket": item.ticket_id, "number": item.number, "hook": item.hook_label, "kind": item.kind} for item in left],
        )
    shift.counts = report(session, shift)
    shift.closed_at, shift.closed_by = now(), hand.staff_id
    session.add(shift)
    session.flush()
    return shift


def open_one(session: Session, room: Cloakroom) -> Shift | None:
    ours = col(Shift.program_id) == room.program_id, col(Shift.cloakroom_id) == room.id
    return session.exec(select(Shift).where(*ours, col(Shift.closed_at).is_(None))).first()


def get(session: Session, program_id: str, shift_id: str) -> Shift:
    """Raises NotFound."""
    shift = session.get(Shift, (program_id, shift_id))
    if shift is None:
        raise NotFound("There is no such shift here.")
    return shift


def unaccounted(session: Session, room: Cloakroom) -> Sequence[CoatItem]:
    """What hangs, or was pulled, in the order of the tickets."""
    hanging = select(CoatItem).where(*_here(room), col(CoatItem.state).in_(STANDING))
    # Sorted here: asked to do it, SQLite goes through all tickets in their order.
    return sorted(session.exec(hanging).all(), key=lambda item: (item.ticket_id, item.number))


def report(session: Session, shift: Shift) -> dict[str, int]:
    """How many things: ``carried`` over and taken ``in``, and of those ``out``, ``lost``, ``disposed`` and still ``here``, of which
    ``kept_here`` are kept; ``carried + in = out + lost + disposed + here``. ``kept`` became so in this shift; ``money`` is minor units.
    """
    if shift.closed_at is not None:
        return dict(shift.counts)
    ours = col(Step.program_id) == shift.program_id, col(Step.shift_id) == shift.id
    rows = session.exec(select(col(Step.was), col(Step.became), func.count()).where(*ours).group_by(col(Step.was), col(Step.became))).all()
    edges = {(was, became): int(count) for was, became, count in rows}
    ends = {state: sum(count for (_, became), count in edges.items() if became == state) for state in State}
    taken_in = edges.get(("", State.HUNG), 0)
    of_item = (
        col(Step.program_id) == col(CoatItem.program_id),
        col(Step.ticket_id) == col(CoatItem.ticket_id),
        col(Step.number) == col(CoatItem.number),
    )
    paid = select(func.coalesce(func.sum(col(CoatItem.price)), 0)).join(Step, of_item[0] & of_item[1] & of_item[2])
    money = session.exec(paid.where(*ours, col(Step.was) == "")).one()
    out, lost, disposed = ends[State.RETURNED], ends[State.LOST], ends[State.DISPOSED]
    room = session.get_one(Cloakroom, (shift.program_id, shift.cloakroom_id))
    return {
        "carried": shift.carried, "in": taken_in, "out": out, "kept": ends[State.KEPT], "lost": lost, "disposed": disposed,
        "here": shift.carried + taken_in - out - lost - disposed, "kept_here": _count(session, room, (State.KEPT,)), "money": int(money),
    }  # fmt: skip


def _open(session: Session, room: Cloakroom, *, share: bool = False) -> Shift | None:
    ours = col(Shift.program_id) == room.program_id, col(Shift.cloakroom_id) == room.id, col(Shift.closed_at).is_(None)
    wanted = select(Shift).where(*ours).with_for_update(read=share).execution_options(populate_existing=True)
    return session.exec(wanted).first()


def _current(session: Session, room: Cloakroom) -> Shift:
    found = _open(session, room)
    if found is None:
        raise Conflict("The shift was closed at the same moment. Please look again.")
    return found


def _insert(session: Session, room: Cloakroom, hand: Hand) -> bool:
    """A new shift; False where one is open. A rival that is under way is waited for: its row blocks ours."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = {
        "program_id": room.program_id, "id": new_id(), "cloakroom_id": room.id, "opened_at": now(), "opened_by": hand.staff_id,
        "closed_by": "", "carried": 0, "counts": {},
    }  # fmt: skip
    if session.execute(dialect.insert(Shift).values(**row).on_conflict_do_nothing().returning(col(Shift.id))).first() is None:
        return False
    # Counted when the row is ours: from now on nobody does anything here before we are done.
    made = session.get_one(Shift, (room.program_id, row["id"]))
    made.carried = _count(session, room, HERE)
    session.add(made)
    session.flush()
    return True


def _count(session: Session, room: Cloakroom, states: Sequence[State]) -> int:
    return int(session.exec(select(func.count()).select_from(CoatItem).where(*_here(room), col(CoatItem.state).in_(states))).one())


def _here(room: Cloakroom) -> tuple[Any, ...]:
    return col(CoatItem.program_id) == room.program_id, col(CoatItem.cloakroom_id) == room.id, IS_HERE
