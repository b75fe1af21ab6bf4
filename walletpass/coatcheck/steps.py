"""One step in the life of a thing: the only place where its state changes."""

from sqlalchemy import update
from sqlmodel import Session, col, select

from walletpass import staff
from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.kinds import State
from walletpass.coatcheck.models import CoatItem, Shift, Step
from walletpass.errors import Conflict


def step(session: Session, item: CoatItem, became: State, hand: Hand, shift: Shift, **values: object) -> None:
    """Write a step and what the thing is after it; ``values`` are other columns that change with it.

    The ticket is locked by the caller. Behind that lock stands the count of steps: whoever decided by an older state finds no row, and is told Conflict.
    """
    was, seq = item.state, item.steps + 1
    ours = col(CoatItem.program_id) == item.program_id, col(CoatItem.ticket_id) == item.ticket_id, col(CoatItem.number) == item.number
    session.flush()
    moved = update(CoatItem).where(*ours, col(CoatItem.state) == was, col(CoatItem.steps) == item.steps)
    moved = moved.values(state=became, steps=seq, **values).returning(col(CoatItem.number)).execution_options(synchronize_session=False)
    if session.execute(moved).first() is None:
        raise Conflict("Somebody else did something with this at the same moment. Please look again.")
    session.refresh(item)
    write(session, item, was, hand, shift)


def write(session: Session, item: CoatItem, was: str, hand: Hand, shift: Shift) -> None:
    """The row of a step to the state that the thing has now."""
    session.add(
        Step(
            program_id=item.program_id, ticket_id=item.ticket_id, number=item.number, seq=item.steps, was=was, became=item.state,
            hook_label=item.hook_label, shift_id=shift.id, how=hand.how, reason=hand.reason, approved_by=hand.approved_by,
            staff_id=hand.staff_id, till_id=hand.till_id, at=hand.moment,
        )
    )  # fmt: skip
    session.flush()


def last(session: Session, item: CoatItem) -> Step:
    return session.get_one(Step, (item.program_id, item.ticket_id, item.number, item.steps))


def of(session: Session, item: CoatItem) -> list[Step]:
    """The history of a thing, oldest first."""
    ours = col(Step.program_id) == item.program_id, col(Step.ticket_id) == item.ticket_id, col(Step.number) == item.number
    return list(session.exec(select(Step).where(*ours).order_by(col(Step.seq))).all())


def who(session: Session, taken: Step) -> dict[str, str]:
    """When, at which till, by whom, for people: first names."""
    return {"at": taken.at.isoformat(), "till": till_name(session, taken), "by": first_name(session, taken.program_id, taken.staff_id)}


def till_name(session: Session, taken: Step) -> str:
    till = session.get(staff.Till, (taken.program_id, taken.till_id)) if taken.till_id else None
    return till.name if till else ""


def first_name(session: Session, program_id: str, staff_id: str) -> str:
    person = session.get(staff.Staff, (program_id, staff_id)) if staff_id else None
    return person.name.split()[0] if person else ""
