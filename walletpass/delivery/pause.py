"""A channel that the vendor has shut for one program: an expired certificate, a wrong topic."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass.database import after_commit, now
from walletpass.delivery.bell import ring
from walletpass.delivery.models import PausedChannel


def pause(session: Session, program_id: str, channel: str, reason: str, seconds: float) -> None:
    """Claim nothing of this program for so long; then one batch tries again."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    moment = now()
    row = dialect.insert(PausedChannel).values(
        program_id=program_id, channel=channel, since=moment, until=moment + timedelta(seconds=seconds), reason=reason[:300]
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["program_id", "channel"], set_={"until": row.excluded.until, "reason": row.excluded.reason}
        )
    )


def resume(session: Session, program_id: str, channel: str) -> None:
    """The operator has mended it: everything that waits leaves at once."""
    session.execute(delete(PausedChannel).where(col(PausedChannel.program_id) == program_id, col(PausedChannel.channel) == channel))
    after_commit(session, ring)


def forget_if_over(session: Session, program_id: str, channel: str) -> None:
    """After a delivery that worked. A pause that still runs was set by the same batch, and stays."""
    found = session.get(PausedChannel, (program_id, channel))
    if found is not None and found.until <= now():
        session.delete(found)


def paused(session: Session, program_id: str) -> Sequence[PausedChannel]:
    """Shut channels, also those that are about to try again."""
    return session.exec(select(PausedChannel).where(col(PausedChannel.program_id) == program_id).order_by(PausedChannel.channel)).all()
