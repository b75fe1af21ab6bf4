from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class Guest(Row, table=True):
    """``phone`` is E.164. It is not unique: see the room's door."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        Index("ix_guest_phone", "program_id", "phone"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    name: str = Field(max_length=80)
    phone: str = Field(max_length=16)
    language: str = Field(default="en", max_length=8)
    channel_code: str = Field(default="", max_length=40)
    created_at: datetime = Field(default_factory=now, sa_type=Time)


class Consent(Row, table=True):
    """Proof of what was agreed to: the text is found again by version and language, and checked by its SHA-256."""

    __table_args__ = (ForeignKeyConstraint(["program_id", "guest_id"], ["guest.program_id", "guest.id"]),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    guest_id: str = Field(max_length=26)
    purpose: str = Field(max_length=40)
    version: str = Field(max_length=20)
    language: str = Field(max_length=8)
    text_hash: str = Field(max_length=64)
    given_at: datetime = Field(default_factory=now, sa_type=Time)
