"""What devices did while the server was away, and what of it could not be."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from walletpass.database import Row, Time, now

OPEN = text("settled_at IS NULL")


class OfflineDeed(Row, table=True):
    """A deed as a device sent it, once by its ``key``. ``at`` is the device's time."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "cloakroom_id"], ["cloakroom.program_id", "cloakroom.id"]),
        CheckConstraint("kind IN ('check_in', 'hand_back', 'keep', 'lose')", name="kind"),
        Index("ix_offline_deed_ticket", "program_id", "ticket_id"),
    )

    key: str = Field(primary_key=True, max_length=200)
    kind: str = Field(max_length=10)
    cloakroom_id: str = Field(max_length=26)
    ticket_id: str = Field(max_length=64)
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=Time)
    recorded_at: datetime = Field(default_factory=now, sa_type=Time)
    staff_id: str = Field(default="", max_length=26)
    till_id: str = Field(default="", max_length=26)


class Conflict(Row, table=True):
    """What of an offline deed is not as it said: of one thing by its ``number``, or of the ticket (0).

    It ends when a person settles it, or by itself when it is true no more; ``settled_how`` says which.
    """

    __tablename__ = "coat_conflict"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "key"], ["offline_deed.program_id", "offline_deed.key"]),
        Index("ix_coat_conflict_open", "program_id", "cloakroom_id", "listed_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_coat_conflict_ticket", "program_id", "ticket_id"),
    )

    key: str = Field(primary_key=True, max_length=200)
    code: str = Field(primary_key=True, max_length=20)
    number: int = Field(primary_key=True)
    cloakroom_id: str = Field(max_length=26)
    ticket_id: str = Field(max_length=64)
    listed_at: datetime = Field(default_factory=now, sa_type=Time)
    settled_at: datetime | None = Field(default=None, sa_type=Time)
    settled_by: str = Field(default="", max_length=26)
    settled_how: str = Field(default="", max_length=200)
