from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class Way(StrEnum):
    SMS = "sms"
    EMAIL = "email"


class State(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


def way_to(recipient: str) -> Way:
    return Way.EMAIL if "@" in recipient else Way.SMS


OPEN = text("state IN ('pending', 'sending')")


class Message(Row, table=True):
    """Words on their way. ``text`` is sealed, and empty once the message was sent or given up; ``expires_at`` is when the words
    are of no use any more."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        Index("ix_message_open", "channel", "expires_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_message_recipient", "program_id", "recipient"),
        Index("ix_message_ended", "ended_at"),
        CheckConstraint("channel IN ('sms', 'email')", name="channel"),
        CheckConstraint("state IN ('pending', 'sending', 'sent', 'dead')", name="state"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    channel: str = Field(max_length=5)
    kind: str = Field(max_length=20)
    recipient: str = Field(max_length=254)
    language: str = Field(max_length=8)
    text: str = Field(max_length=12_000)
    state: str = Field(default=State.PENDING, max_length=8)
    attempts: int = 0
    due_at: datetime = Field(default_factory=now, sa_type=Time)
    expires_at: datetime = Field(sa_type=Time)
    lease_until: datetime | None = Field(default=None, sa_type=Time)
    owner: str = Field(default="", max_length=26)
    reason: str = Field(default="", max_length=300)
    created_at: datetime = Field(default_factory=now, sa_type=Time)
    ended_at: datetime | None = Field(default=None, sa_type=Time)
