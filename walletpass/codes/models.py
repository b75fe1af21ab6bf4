from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKeyConstraint, Index
from sqlmodel import Field

from walletpass.database import Row, Time, now


class Code(Row, table=True):
    """The one code that is good for a purpose, a subject (a card, a hold, a staff member: its id) and whoever asked for it (a till, a
    session, or nobody in particular). ``digest`` and ``recipient`` are HMACs; ``message_id`` is what carries it."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint("tries >= 0", name="tries"),
        Index("ix_code_expires", "expires_at"),
    )

    purpose: str = Field(primary_key=True, max_length=10)
    subject: str = Field(primary_key=True, max_length=80)
    asker: str = Field(default="", primary_key=True, max_length=80)
    digest: str = Field(max_length=64)
    recipient: str = Field(max_length=64)
    message_id: str = Field(max_length=26)
    tries: int = 0
    sent_at: datetime = Field(default_factory=now, sa_type=Time)
    expires_at: datetime = Field(sa_type=Time)
    used_at: datetime | None = Field(default=None, sa_type=Time)


class Allowance(Row, table=True):
    """When one number or mailbox (its HMAC) was last written to: seconds since 1970, oldest first, those of a day."""

    __tablename__ = "code_allowance"
    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]), Index("ix_code_allowance_last", "last_at"))

    recipient: str = Field(primary_key=True, max_length=64)
    sent: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    last_at: datetime = Field(default_factory=now, sa_type=Time)


class CodesOfDay(Row, table=True):
    """How many codes a program has sent on a day (UTC, ``2026-11-29``)."""

    __table_args__: Any = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    day: str = Field(primary_key=True, max_length=10)
    count: int = 0
