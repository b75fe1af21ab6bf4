"""Where new guests came from."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from walletpass.guests.models import Guest


def joined(session: Session, program_id: str, since: datetime, until: datetime) -> dict[str, int]:
    """How many guests joined by each invitation, by its code; those without one were entered by staff or another system."""
    rows = session.exec(
        select(Guest.channel_code, func.count())
        .where(col(Guest.program_id) == program_id, col(Guest.created_at) >= since, col(Guest.created_at) < until)
        .group_by(col(Guest.channel_code))
    ).all()
    return {code: int(times) for code, times in rows}
