"""A restaurant's day: what is paid after midnight belongs to the evening before."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from walletpass.database import now
from walletpass.programs.models import Program

BEGINS = time(5)


def day_of(program: Program, moment: datetime | None = None) -> date:
    """The day that a moment belongs to by the restaurant's clock; without one, today."""
    local = (moment or now()).astimezone(ZoneInfo(program.timezone))
    return (local - timedelta(days=local.time() < BEGINS)).date()


def day_begins(program: Program, day: date) -> datetime:
    return datetime.combine(day, BEGINS, ZoneInfo(program.timezone))
