"""What a sender told us counts once, by the sender's own name of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Executable, update
from sqlmodel import Session, col, select

from walletpass.database import new_id, now, prepared, table
from walletpass.hostess.models import Signal


@dataclass(frozen=True)
class Sender:
    """Who told us: ``source`` is the key, source or till, ``id`` the sender's name of the signal; without one it is a new signal."""

    source: str = ""
    id: str = ""


def take(session: Session, program_id: str, sender: Sender, kind: Literal["arrival", "call"]) -> Signal:
    """The signal, ours until commit: with ``ended_in`` where it came before. A rival that is under way is waited for."""
    row = {
        "program_id": program_id, "source": sender.source, "id": sender.id or new_id(), "kind": kind, "ended_in": "", "at": now(),
    }  # fmt: skip
    session.execute(_once(session), row)
    return session.get_one(Signal, (program_id, row["source"], row["id"]), populate_existing=True)


def end(session: Session, signal: Signal, ended_in: str) -> None:
    ours = col(Signal.program_id) == signal.program_id, col(Signal.source) == signal.source, col(Signal.id) == signal.id
    session.execute(update(Signal).where(*ours).values(ended_in=ended_in))


def senders(session: Session, program_id: str, arrival_id: str, since: datetime) -> set[str]:
    """Whose signals ended in this arrival, by their sources; also where it was taken back."""
    ours = col(Signal.program_id) == program_id, col(Signal.at) >= since, col(Signal.kind) == "arrival"
    return set(session.exec(select(Signal.source).where(*ours, col(Signal.ended_in) == arrival_id)))


@prepared
def _once(dialect: Any) -> Executable:
    statement: Executable = dialect.insert(table(Signal)).on_conflict_do_nothing()
    return statement
