"""What is known of a guest beyond checks, and what is said to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKeyConstraint, Index
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class SentenceRule(Row, table=True):
    """One occasion for a sentence, as the owner wants it; a program without rows has them all, in our order.

    ``words`` are the owner's own by language, ``days`` how long an absence is, or how near a birthday.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint("days BETWEEN 0 AND 3650", name="days"),
    )

    kind: str = Field(primary_key=True, max_length=16)
    position: int
    active: bool = True
    days: int = 0
    words: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class Said(Row, table=True):
    """A sentence that somebody said. For the same reason, ``about``, it does not come again."""

    __table_args__ = (ForeignKeyConstraint(["program_id", "guest_id"], ["guest.program_id", "guest.id"]),)

    guest_id: str = Field(primary_key=True, max_length=26)
    kind: str = Field(primary_key=True, max_length=16)
    about: str = Field(primary_key=True, max_length=64)
    by: str = Field(default="", max_length=26)
    at: datetime = Field(default_factory=now, sa_type=Time)


class GuestNote(Row, table=True):
    """What the next colleague should know of a guest: in one venue, or everywhere (an empty ``venue_id``)."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "guest_id"], ["guest.program_id", "guest.id"]),
        Index("ix_guest_note_guest", "program_id", "guest_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    guest_id: str = Field(max_length=26)
    venue_id: str = Field(default="", max_length=26)
    text: str = Field(max_length=300)
    by: str = Field(default="", max_length=26)
    at: datetime = Field(default_factory=now, sa_type=Time)


class Manner(Row, table=True):
    """How a guest is met: ``say_name`` is how the name is said, ``place`` the table they like. ``vip`` is None where the rule decides."""

    __table_args__ = (ForeignKeyConstraint(["program_id", "guest_id"], ["guest.program_id", "guest.id"]),)

    guest_id: str = Field(primary_key=True, max_length=26)
    say_name: str = Field(default="", max_length=80)
    place: str = Field(default="", max_length=20)
    vip: bool | None = None
