"""Tables kept free at the peak, for whoever stands at the door without a booking: so many, each given with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Executable, func
from sqlmodel import Session, col, select

from walletpass import events, programs
from walletpass.checks.words import plain
from walletpass.database import now, prepared, table
from walletpass.errors import Conflict, Malformed, NoTableKept, NotFound
from walletpass.events import Kind
from walletpass.hostess.by import NOBODY, By
from walletpass.hostess.models import KeptTable, TableGiven
from walletpass.programs import Program

SHORTEST_REASON, LONGEST_REASON = 3, 200
MOST = 100


@dataclass(frozen=True)
class Peak:
    """Kept tables of this hour: ``given`` of them were given on this ``day``."""

    kept: KeptTable
    day: date
    given: Sequence[TableGiven]

    @property
    def left(self) -> int:
        return max(0, self.kept.tables - len(self.given))


def keep_tables(
    session: Session, program_id: str, venue_id: str, *, weekdays: Sequence[int], begins: int, ends: int, tables: int
) -> KeptTable:
    """Keep so many tables on these ``weekdays`` (0 is Monday) from ``begins`` to ``ends``, minutes of the restaurant's day.

    An evening may go on beyond midnight: 25:00 is 1,500. Raises Malformed.
    """
    if not weekdays or any(not 0 <= day <= 6 for day in weekdays):
        raise Malformed("Say on which days of the week: 0 is Monday, 6 is Sunday.", field="weekdays")
    if not 0 <= begins < ends <= 29 * 60:
        raise Malformed("Say from when to when, within a day that ends at 5 in the morning (29:00).", field="begins")
    if not 1 <= tables <= MOST:
        raise Malformed(f"Keep 1 to {MOST} tables.", field="tables")
    days = sum(1 << day for day in set(weekdays))
    kept = KeptTable(program_id=program_id, venue_id=venue_id, weekdays=days, begins=begins, ends=ends, tables=tables)
    session.add(kept)
    session.flush()
    return kept


def release_tables(session: Session, program_id: str, kept_id: str) -> None:
    """Keep them no more. Raises NotFound."""
    kept = _lock(session, program_id, kept_id)
    kept.released_at = kept.released_at or now()
    session.add(kept)
    session.flush()


def every_kept(session: Session, program_id: str, venue_id: str = "") -> Sequence[KeptTable]:
    """What the owner keeps, in one venue or in all."""
    ours = [
        col(KeptTable.program_id) == program_id,
        col(KeptTable.released_at).is_(None),
        *([col(KeptTable.venue_id) == venue_id] if venue_id else []),
    ]
    return session.exec(select(KeptTable).where(*ours).order_by(col(KeptTable.venue_id), col(KeptTable.begins), col(KeptTable.id))).all()


def tables_kept(session: Session, program: Program, venue_id: str, at: datetime | None = None) -> list[Peak]:
    """The peaks of this hour, with what is left of them."""
    day, minute = _clock(program, at or now())
    ours = col(KeptTable.program_id) == program.id, col(KeptTable.venue_id) == venue_id, col(KeptTable.released_at).is_(None)
    rows = session.exec(select(KeptTable).where(*ours).order_by(col(KeptTable.begins), col(KeptTable.id))).all()
    peaks = [kept for kept in rows if kept.weekdays >> day.weekday() & 1 and kept.begins <= minute < kept.ends]
    if not peaks:
        return []
    given = select(TableGiven).where(
        col(TableGiven.program_id) == program.id, col(TableGiven.kept_id).in_([kept.id for kept in peaks]), col(TableGiven.day) == day
    )
    found = session.exec(given.order_by(col(TableGiven.number))).all()
    return [Peak(kept, day, [one for one in found if one.kept_id == kept.id]) for kept in peaks]


def give_table(
    session: Session, program: Program, venue_id: str, *, reason: str, party: int = 2, place: str = "", card_id: str = "", by: By = NOBODY
) -> TableGiven:
    """Give one of the tables that are kept at this hour. Raises NoTableKept where none is left, Malformed without a reason."""
    why = plain(reason, LONGEST_REASON)
    if len(why) < SHORTEST_REASON or party < 1:
        raise Malformed("Say for how many, and why: the owner reads it.", field="reason" if party >= 1 else "party")
    for peak in tables_kept(session, program, venue_id):
        kept = _lock(session, program.id, peak.kept.id)
        number = _given(session, kept, peak.day) + 1
        if number > kept.tables or kept.released_at is not None:
            continue
        row = {
            "program_id": program.id, "kept_id": kept.id, "day": peak.day, "number": number, "card_id": card_id, "place": plain(place, 20),
            "party": party, "reason": why, "by": by.staff_id, "at": now(),
        }  # fmt: skip
        if session.execute(_once(session), row).first() is None:
            raise Conflict("Somebody gave this table at this moment. Please look again.")
        events.happened(
            session, program.id, Kind.TABLE_GIVEN, card_id=card_id, venue_id=venue_id, staff_id=by.staff_id, device_id=by.till_id, data={"kept": kept.id, "number": number}
        )  # fmt: skip
        return session.get_one(TableGiven, (program.id, kept.id, peak.day, number))
    raise NoTableKept("No table is kept at this hour, or all of them were given.")


def given(session: Session, program_id: str, since: date, until: date) -> Sequence[TableGiven]:
    """What was given on these days, the last one left out: with the reasons, for the owner."""
    ours = col(TableGiven.program_id) == program_id, col(TableGiven.day) >= since, col(TableGiven.day) < until
    return session.exec(select(TableGiven).where(*ours).order_by(col(TableGiven.day), col(TableGiven.at))).all()


def _lock(session: Session, program_id: str, kept_id: str) -> KeptTable:
    kept = session.get(KeptTable, (program_id, kept_id), with_for_update=True, populate_existing=True)
    if kept is None:
        raise NotFound("No such tables are kept here.")
    return kept


def _given(session: Session, kept: KeptTable, day: date) -> int:
    ours = col(TableGiven.program_id) == kept.program_id, col(TableGiven.kept_id) == kept.id, col(TableGiven.day) == day
    return session.exec(select(func.count()).select_from(TableGiven).where(*ours)).one()


def _clock(program: Program, moment: datetime) -> tuple[date, int]:
    """The restaurant's day, and the minutes since its midnight: one in the morning is 25:00."""
    zone = ZoneInfo(program.timezone)
    day = programs.day_of(program, moment)
    # By the clock on the wall, also in the night in which it is put forward.
    wall = moment.astimezone(zone).replace(tzinfo=None) - datetime.combine(day, time())
    return day, int(wall.total_seconds()) // 60


@prepared
def _once(dialect: Any) -> Executable:
    given = table(TableGiven)
    statement: Executable = dialect.insert(given).on_conflict_do_nothing().returning(given.c.number)
    return statement
