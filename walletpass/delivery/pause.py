"""A channel that the vendor has shut for one program: an expired certificate, a wrong topic."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass import config, programs
from walletpass.database import after_commit, now
from walletpass.delivery.bell import ring
from walletpass.delivery.models import PausedChannel

# What an operator calls a channel, and the command that looks for what has shut it.
CALLED = {"apple": ("Apple Wallet", "certs check"), "google": ("Google Wallet", "google check")}


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


def paused(session: Session, program_id: str = "") -> Sequence[PausedChannel]:
    """Shut channels, also those that are about to try again; of one program, or of all."""
    found = select(PausedChannel).where(col(PausedChannel.program_id) == program_id) if program_id else select(PausedChannel)
    return session.exec(found.order_by(PausedChannel.program_id, PausedChannel.channel)).all()


def warnings(session: Session, program_id: str = "", channel: str = "", *, reasons: bool = True, look: bool = True) -> Iterator[str]:
    """A sentence for each shut channel, with what mends it, by the restaurant's clock.

    Without ``reasons`` for whoever may ask: what a vendor says names accounts. Without ``look`` for who is looking already.
    """
    for shut in paused(session, program_id):
        if channel in ("", shut.channel):
            yield _sentence(shut, ZoneInfo(programs.get(session, shut.program_id).timezone), reasons, look)


def _sentence(shut: PausedChannel, zone: ZoneInfo, reasons: bool, look: bool) -> str:
    name, command = CALLED.get(shut.channel, (shut.channel, "doctor"))
    how = f" (walletpass {command} {shut.program_id} says how)" if look else ""
    since, until = shut.since.astimezone(zone), shut.until.astimezone(zone)
    again = f"it tries again at {until:%H:%M}" if shut.until > now() else "it tries again as soon as delivery runs"
    if not reasons:
        return f"{name} is paused for {shut.program_id} since {since:%Y-%m-%d %H:%M}; {again}. The page of deliveries says why."
    return (
        f"{name} is paused for {shut.program_id} since {since:%Y-%m-%d %H:%M}, and changes wait: {shut.reason.rstrip('.')}. "
        f"Mend it{how}, then press Resume now on {config.current().base_url}/t/{shut.program_id}/deliveries, or {again}."
    )
