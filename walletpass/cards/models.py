from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Index
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class Card(Row, table=True):
    """One guest's card in one program.

    ``serial_number``, ``token``, ``key_id`` and ``link`` never change: phones and printed codes hold them. ``version``
    counts what the guest has been shown, ``tag`` is the program's sequence number of the last change (Apple's update
    tag), ``changed_at`` grows by at least a second with every version (HTTP dates have no finer grain). ``rotation_key`` is
    sealed and stands only where a wallet shows a code that changes; ``rotation_step`` is the last one that was accepted.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "guest_id"], ["guest.program_id", "guest.id"]),
        Index("uq_card_serial_number", "program_id", "serial_number", unique=True),
        Index("uq_card_token", "program_id", "token", unique=True),
        Index("uq_card_number", "program_id", "number", unique=True),
        Index("uq_card_link", "program_id", "link", unique=True),
        Index("ix_card_guest", "program_id", "guest_id"),
        CheckConstraint("state IN ('active', 'voided')", name="state"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    guest_id: str = Field(max_length=26)
    serial_number: str = Field(max_length=32)
    number: str = Field(max_length=12)
    token: str = Field(max_length=32)
    key_id: str = Field(max_length=1)
    link: str = Field(max_length=22)
    state: str = Field(default="active", max_length=10)
    version: int = 1
    tag: int = 0
    changed_at: datetime = Field(sa_type=Time)
    shown: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    wallets: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    rotation_key: str = Field(default="", max_length=200)
    rotation_step: int = Field(default=0, sa_type=BigInteger)
    created_at: datetime = Field(default_factory=now, sa_type=Time)


class UpdateTag(Row, table=True):
    """The last update tag given in a program. The row is locked until commit, so tags become visible in their order."""

    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    value: int = 0


class DesignVersion(Row, table=True):
    """What the cards of a program were last published with. ``reached`` is the last card of a round that is not over."""

    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    design: str = Field(max_length=40)
    palette: str = Field(max_length=40)
    fingerprint: str = Field(max_length=64)
    reached: str | None = Field(default=None, max_length=26)
    published_at: datetime = Field(default_factory=now, sa_type=Time)
