"""What is out of use: a hook that broke, a cloakroom that is no more. Nothing of the past goes with it, and what hangs is moved first."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from walletpass.coatcheck.models import Cloakroom, Hook
from walletpass.coatcheck.rooms import of_room
from walletpass.coatcheck.settling import conflicts
from walletpass.coatcheck.shifts import open_one
from walletpass.coatcheck.tickets import open_in
from walletpass.errors import Conflict


def retire_hook(session: Session, hook: Hook) -> None:
    """Raises Conflict while something hangs there."""
    session.refresh(hook, with_for_update=True)
    if hook.taken:
        raise Conflict(f"Something hangs on {hook.label}. Move it first.")
    hook.in_use = False
    session.add(hook)
    session.flush()


def restore_hook(session: Session, hook: Hook) -> None:
    hook.in_use = True
    session.add(hook)
    session.flush()


def retire_room(session: Session, room: Cloakroom) -> None:
    """A cloakroom with all its hooks. Raises Conflict while something is there or waits to be settled, or its shift is open.

    A deed that a device did there without a network and tells later brings the room back, and is listed: nothing is lost with it.
    """
    hooks = session.exec(select(Hook).where(*of_room(room)).order_by(col(Hook.id)).with_for_update()).all()
    if any(hook.taken for hook in hooks) or open_in(session, room):
        raise Conflict(f"Something is still in {room.name}. Give it back, or move it.")
    if conflicts(session, room):
        raise Conflict(f"Something that a device said of {room.name} is not settled yet.")
    if open_one(session, room) is not None:
        raise Conflict(f"A shift is open in {room.name}. Close it first.")
    for hook in hooks:
        hook.in_use = False
    room.in_use = False
    session.add_all([*hooks, room])
    session.flush()


def retired_hooks(session: Session, room: Cloakroom) -> Sequence[Hook]:
    ours = select(Hook).where(*of_room(room), col(Hook.in_use).is_(False))
    return session.exec(ours.order_by(col(Hook.zone), col(Hook.number))).all()
