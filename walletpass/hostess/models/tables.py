"""Tables that are kept free for those who did not book."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class KeptTable(Row, table=True):
    """How many tables are kept in a venue at a peak. ``weekdays`` are bits, Monday the lowest.

    ``begins`` and ``ends`` are minutes since the midnight in which the restaurant's day began: after midnight they go on beyond 1,440.
    One that was released stays for what was given of it.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays"),
        CheckConstraint("begins >= 0 AND begins < ends AND ends <= 1740", name="hours"),
        CheckConstraint("tables BETWEEN 1 AND 100", name="tables"),
        Index("ix_kept_table_venue", "program_id", "venue_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    venue_id: str = Field(default="", max_length=26)
    weekdays: int = 127
    begins: int
    ends: int
    tables: int
    released_at: datetime | None = Field(default=None, sa_type=Time)


class TableGiven(Row, table=True):
    """A kept table that was given on a day, and why. ``number`` counts from 1: no two are given as the same one."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "kept_id"], ["kept_table.program_id", "kept_table.id"]),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("party > 0", name="party"),
        Index("ix_table_given_card", "program_id", "card_id"),
    )

    kept_id: str = Field(primary_key=True, max_length=26)
    day: date = Field(primary_key=True)
    number: int = Field(primary_key=True)
    card_id: str = Field(default="", max_length=26)
    place: str = Field(default="", max_length=20)
    party: int = 1
    reason: str = Field(max_length=200)
    by: str = Field(default="", max_length=26)
    at: datetime = Field(default_factory=now, sa_type=Time)
