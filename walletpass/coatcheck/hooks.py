"""Taking places on hooks and letting them go. The rows are locked in the order of their ids, and stay so until commit."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import update
from sqlmodel import Session, col

from walletpass.coatcheck.models import Hook


def take(session: Session, program_id: str, hook_ids: Iterable[str]) -> str | None:
    """One place for each id. None when all were free; else the id of the first that was not, and the caller has to give up."""
    for hook_id, count in sorted(Counter(hook_ids).items()):
        free = col(Hook.taken) + count <= col(Hook.capacity), col(Hook.in_use).is_(True)
        if not _count(session, program_id, hook_id, count, *free):
            return hook_id
    return None


def let_go(session: Session, program_id: str, hook_ids: Iterable[str]) -> None:
    for hook_id, count in sorted(Counter(hook_ids).items()):
        _count(session, program_id, hook_id, -count)


def _count(session: Session, program_id: str, hook_id: str, change: int, *where: object) -> bool:
    ours = col(Hook.program_id) == program_id, col(Hook.id) == hook_id
    counted = update(Hook).where(*ours, *where).values(taken=col(Hook.taken) + change).returning(col(Hook.id))  # type: ignore[arg-type]
    return session.execute(counted.execution_options(synchronize_session=False)).first() is not None
