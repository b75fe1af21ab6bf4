from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from walletpass.database import Row, Time, now


class GoogleClass(Row, table=True):
    """What Google was last told about a program: a class of its cards, and one of its coat tickets, each written again only when
    that changes. ``kind`` is that of the cards.

    ``class_hash`` is the `marks.Mark` of the class: digests of all of it, of what makes phones ring and of which fields
    it has, ``whole.telling.shape`` in 64 characters. Parts are ``?`` while a write is on its way.
    """

    __tablename__ = "google_class"
    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    kind: str = Field(default="card", primary_key=True, max_length=10)
    class_hash: str = Field(max_length=64)
    pushed_at: datetime = Field(sa_type=Time)


class GoogleObject(Row, table=True):
    """What Google was last told about a card: ``pushed_hash`` is the `marks.Mark` of its loyalty object, in the form of
    `GoogleClass.class_hash`; then the points and the message in it.

    ``asked_at`` is when a guest first asked for the save link; ``saved`` is Google's own word that somebody holds the card,
    ``saved_at`` and ``removed_at`` are when a guest last put it in the wallet and took it out, and ``event_ms`` is the time
    (Unix milliseconds) of the newest of those calls. ``notified`` and ``messaged`` are when the guest's phone was last made to
    ring by a change and by a message: moments in ISO 8601, the newest last, no more than three.
    """

    __tablename__ = "google_object"
    __table_args__ = (ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),)

    card_id: str = Field(primary_key=True, max_length=26)
    asked_at: datetime | None = Field(default=None, sa_type=Time)
    saved: bool = False
    saved_at: datetime | None = Field(default=None, sa_type=Time)
    removed_at: datetime | None = Field(default=None, sa_type=Time)
    event_ms: int = Field(default=0, sa_type=BigInteger)
    pushed_hash: str = Field(max_length=64)
    pushed_points: int
    pushed_message: str = Field(default="", max_length=64)
    pushed_at: datetime = Field(sa_type=Time)
    notified: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    messaged: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class GoogleNonce(Row, table=True):
    """A call of Google's that has been heard: it is not heard twice."""

    __tablename__ = "google_nonce"
    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]), Index("ix_google_nonce_expires", "expires_at"))

    nonce: str = Field(primary_key=True, max_length=64)
    expires_at: datetime = Field(sa_type=Time)


class GooglePace(SQLModel, table=True):
    """When the next request of a service account may leave, in Unix milliseconds: all workers of all machines take turns here."""

    __tablename__: ClassVar[str] = "google_pace"

    account: str = Field(primary_key=True, max_length=254)
    next_ms: int = Field(sa_type=BigInteger)


class Letter(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


class GoogleMessage(Row, table=True):
    """A message to everybody who holds the program's card: one message of the class. ``id`` is its name at Google."""

    __tablename__ = "google_message"
    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint("state IN ('waiting', 'sent', 'dead')", name="state"),
        Index("ix_google_message_due", "state", "due_at"),
    )

    id: str = Field(primary_key=True, max_length=40)
    header: str = Field(max_length=60)
    body: str = Field(max_length=500)
    notify: bool = True
    starts_at: datetime = Field(default_factory=now, sa_type=Time)
    ends_at: datetime | None = Field(default=None, sa_type=Time)
    state: str = Field(default=Letter.WAITING, max_length=10)
    due_at: datetime = Field(default_factory=now, sa_type=Time)
    attempts: int = 0
    reason: str = Field(default="", max_length=300)
    created_at: datetime = Field(default_factory=now, sa_type=Time)
    done_at: datetime | None = Field(default=None, sa_type=Time)
