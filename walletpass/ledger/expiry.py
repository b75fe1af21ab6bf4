"""When points end: each lot says it for itself, by the rules of the day on which it was made.

A number of days is so many times 24 hours; a day of the calendar is the restaurant's, and ends at its midnight.
"""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import Session, col, select

from walletpass.database import now
from walletpass.ledger.models import Account, Lot
from walletpass.programs import Program


def ends(program: Program, joined_at: datetime, at: datetime) -> datetime | None:
    """When points that were earned ``at`` end, on a card made at ``joined_at``; None for never."""
    zone = ZoneInfo(program.timezone)
    if program.expiry in ("earned", "activity"):
        return (
            _month_end(at + timedelta(days=program.expiry_days), zone)
            if program.expiry_month_end
            else at + timedelta(days=program.expiry_days)
        )
    if program.expiry == "date":
        return _after(_next(at.astimezone(zone).date(), program.expiry_month, program.expiry_day), zone)
    if program.expiry == "anniversary":
        joined, today = joined_at.astimezone(zone).date(), at.astimezone(zone).date()
        last = _next(today, joined.month, joined.day, strictly=True)
        return (
            _month_end(_after(last - timedelta(days=1), zone), zone) if program.expiry_month_end else _after(last - timedelta(days=1), zone)
        )
    return None


def live_on(session: Session, program: Program, account: Account, at: datetime) -> None:
    """The guest was active: lots that roll live on from here."""
    if program.expiry != "activity":
        return
    end = ends(program, at, at)
    ours = col(Lot.program_id) == account.program_id, col(Lot.card_id) == account.card_id
    rolling = update(Lot).where(*ours, col(Lot.remaining) > 0, col(Lot.rolls), col(Lot.expires_at) < end)
    session.execute(rolling.values(expires_at=end), execution_options={"synchronize_session": False})


def schedule(session: Session, program_id: str, card_id: str) -> list[tuple[datetime | None, int]]:
    """What can be spent now and until when, soonest first; it adds up to the available points."""
    free = col(Lot.remaining) - col(Lot.held)
    ours = col(Lot.program_id) == program_id, col(Lot.card_id) == card_id, col(Lot.state) == "active", free > 0
    found = session.exec(select(Lot).where(*ours).order_by(col(Lot.expires_at).is_(None), col(Lot.expires_at), col(Lot.seq))).all()
    amounts: dict[datetime | None, int] = {}
    for lot in found:
        if lot.expires_at is None or lot.expires_at > now():
            amounts[lot.expires_at] = amounts.get(lot.expires_at, 0) + lot.remaining - lot.held
    return list(amounts.items())


def _next(today: date, month: int, day: int, *, strictly: bool = False) -> date:
    """The next such day, today included; 29 February is the 28th in other years."""
    for year in (today.year, today.year + 1):
        found = date(year, month, min(day, monthrange(year, month)[1]))
        if found > today or (found == today and not strictly):
            return found
    raise ValueError(f"no day {day}.{month}.")


def _after(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which this day is over there."""
    return datetime.combine(day + timedelta(days=1), time(), zone)


def _month_end(moment: datetime, zone: ZoneInfo) -> datetime:
    local = (moment - timedelta(microseconds=1)).astimezone(zone).date()
    return _after(local.replace(day=monthrange(local.year, local.month)[1]), zone)
