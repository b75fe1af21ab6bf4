from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKeyConstraint, Index
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class Event(Row, table=True):
    """Something that happened. ``number`` counts from 1 in each program; ``id`` stays what it was when the feed is sent again.

    ``at`` is when it happened, which a till may tell us later; ``recorded_at`` when it was written. ``data`` holds ids and numbers.
    """

    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]), Index("ix_event_id", "program_id", "id"))

    number: int = Field(primary_key=True, sa_type=BigInteger)
    id: str = Field(default_factory=new_id, max_length=26)
    kind: str = Field(max_length=20)
    card_id: str = Field(default="", max_length=26)
    check_id: str = Field(default="", max_length=64)
    venue_id: str = Field(default="", max_length=26)
    staff_id: str = Field(default="", max_length=26)
    device_id: str = Field(default="", max_length=26)
    source: str = Field(default="", max_length=16)
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=Time)
    recorded_at: datetime = Field(default_factory=now, sa_type=Time)


class EventCount(Row, table=True):
    """The number of a program's last event, and of the last one that was forgotten. Locked until commit by whoever counts on."""

    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    value: int = Field(default=0, sa_type=BigInteger)
    forgotten: int = Field(default=0, sa_type=BigInteger)
