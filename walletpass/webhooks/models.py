from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class Webhook(Row, table=True):
    """An address of somebody else's server that is told what happens here.

    ``reached`` is the number of the last event that it has taken, or that it does not want; all of ``kinds``, or every kind where
    there is none. ``secret`` is sealed; ``old_secret`` signs along until ``old_until``. ``failures`` are tries in a row that failed,
    and ``due_at`` is when the next one may be. Whoever sends holds the row as ``owner`` until ``lease_until``; then anybody may.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint("state IN ('active', 'paused', 'off')", name="state"),
        Index("ix_webhook_due", "due_at", sqlite_where=text("state = 'active'"), postgresql_where=text("state = 'active'")),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    url: str = Field(max_length=500)
    secret: str = Field(max_length=200)
    old_secret: str = Field(default="", max_length=200)
    old_until: datetime | None = Field(default=None, sa_type=Time)
    kinds: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    state: str = Field(default="active", max_length=8)
    reason: str = Field(default="", max_length=200)
    reached: int = Field(default=0, sa_type=BigInteger)
    failures: int = 0
    due_at: datetime = Field(default_factory=now, sa_type=Time)
    lease_until: datetime | None = Field(default=None, sa_type=Time)
    owner: str = Field(default="", max_length=64)
    made_by: str = Field(default="", max_length=26)
    created_at: datetime = Field(default_factory=now, sa_type=Time)
    secret_at: datetime = Field(default_factory=now, sa_type=Time)
    delivered_at: datetime | None = Field(default=None, sa_type=Time)


class WebhookDelivery(Row, table=True):
    """One try, or a request that somebody asked for (``again``) and that waits for its turn.

    ``status`` is the answer of HTTP, 0 where there was none; ``reason`` is ours or the first words of the answer.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "webhook_id"], ["webhook.program_id", "webhook.id"]),
        CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="state"),
        Index("ix_webhook_delivery_webhook", "program_id", "webhook_id", "id"),
        Index(
            "ix_webhook_delivery_waiting", "program_id", "webhook_id",
            sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'"),
        ),
    )  # fmt: skip

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    webhook_id: str = Field(max_length=26)
    event_id: str = Field(max_length=26)
    kind: str = Field(max_length=20)
    again: bool = False
    state: str = Field(max_length=10)
    status: int = 0
    reason: str = Field(default="", max_length=200)
    milliseconds: int = 0
    at: datetime = Field(default_factory=now, sa_type=Time)
