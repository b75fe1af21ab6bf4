from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class State(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"
    DEAD = "dead"


class Outbox(Row, table=True):
    """One change of one card on its way through one channel.

    ``version`` is the newest version of the card when the row was last touched; what is sent is always the card as it
    stands. A row in SENDING belongs to ``owner`` until ``lease_until``; then anybody may take it up again. ``bulk`` is one of
    many that change together (a new design, a campaign): whoever stands at a till goes first.
    """

    __table_args__ = (
        # One pending row per card and channel: a burst of changes leaves as one message.
        Index(
            "uq_outbox_pending",
            "program_id",
            "card_id",
            "channel",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "ix_outbox_open",
            "channel",
            "bulk",
            "due_at",
            sqlite_where=text("state IN ('pending', 'sending')"),
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
        Index("ix_outbox_card", "program_id", "card_id"),
        Index("ix_outbox_dead", "program_id", "done_at", sqlite_where=text("state = 'dead'"), postgresql_where=text("state = 'dead'")),
        CheckConstraint("state IN ('pending', 'sending', 'delivered', 'superseded', 'dead')", name="state"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    card_id: str = Field(max_length=26)
    channel: str = Field(max_length=16)
    version: int
    bulk: bool = False
    state: str = Field(default=State.PENDING, max_length=12)
    due_at: datetime = Field(default_factory=now, sa_type=Time)
    lease_until: datetime | None = Field(default=None, sa_type=Time)
    owner: str = Field(default="", max_length=64)
    attempts: int = 0
    reason: str = Field(default="", max_length=300)
    created_at: datetime = Field(default_factory=now, sa_type=Time)
    done_at: datetime | None = Field(default=None, sa_type=Time)


class PausedChannel(Row, table=True):
    """A program's channel that the vendor has shut: nothing is claimed before ``until``, and no row loses a try by it.

    ``since`` is when it began; it survives tries that failed in the same way.
    """

    channel: str = Field(primary_key=True, max_length=16)
    since: datetime = Field(default_factory=now, sa_type=Time)
    until: datetime = Field(sa_type=Time)
    reason: str = Field(max_length=300)
