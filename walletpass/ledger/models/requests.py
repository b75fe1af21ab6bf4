"""What was asked for: keys with their answers, and deeds that came too late."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKeyConstraint, Index
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class Key(Row, table=True):
    """An idempotency key and the answer it is bound to, kept for ever. Ids and numbers only."""

    __tablename__ = "idempotency_key"
    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    key: str = Field(primary_key=True, max_length=200)
    fingerprint: str = Field(max_length=64)
    status: int = 0
    answer: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(default_factory=now, sa_type=Time)


class LateDeed(Row, table=True):
    """A write that a till brought too late to be booked silently: a manager decides. ``body`` holds ids and numbers only."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint("state IN ('waiting', 'booked', 'refused')", name="state"),
        Index("ix_late_deed_waiting", "program_id", "state"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    route: str = Field(max_length=20)
    key: str = Field(max_length=200)
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    venue_id: str = Field(default="", max_length=26)
    staff_id: str = Field(default="", max_length=26)
    device_id: str = Field(default="", max_length=26)
    event_at: datetime = Field(sa_type=Time)
    listed_at: datetime = Field(default_factory=now, sa_type=Time)
    state: str = Field(default="waiting", max_length=8)
    decided_by: str = Field(default="", max_length=26)
    decided_at: datetime | None = Field(default=None, sa_type=Time)
