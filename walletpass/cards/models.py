from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now
from walletpass.errors import CoatTicket

NO_POINTS = "This is a coat ticket. It has no points."


class Card(Row, table=True):
    """One guest's card in one program, or the coat ticket of a guest without one: of ``kind`` ticket, and nobody's.

    ``serial_number``, ``token``, ``key_id`` and ``link`` are held by phones and printed codes: only `renew` gives a new token,
    number and link, and only `reissue` all of them. ``version`` counts what the guest has been shown, ``tag`` is the program's sequence number of the last change (Apple's update
    tag), ``changed_at`` grows by at least a second with every version (HTTP dates have no finer grain). ``rotation_key`` is
    sealed and stands only where a wallet shows a code that changes; ``rotation_step`` is the last one that was accepted.
    A merged card opens the card ``merged_into``, which is ``joined``: it speaks for others as well.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "guest_id"], ["guest.program_id", "guest.id"]),
        Index("uq_card_serial_number", "program_id", "serial_number", unique=True),
        Index("uq_card_token", "program_id", "token", unique=True),
        Index("uq_card_number", "program_id", "number", unique=True),
        Index("uq_card_link", "program_id", "link", unique=True),
        Index("ix_card_guest", "program_id", "guest_id"),
        Index(
            "ix_card_merged",
            "program_id",
            "merged_into",
            sqlite_where=text("merged_into <> ''"),
            postgresql_where=text("merged_into <> ''"),
        ),
        CheckConstraint("state IN ('active', 'voided')", name="state"),
        CheckConstraint("kind IN ('card', 'ticket')", name="kind"),
        # A card without a guest would be lost with its points; a ticket of a guest would be a card without.
        CheckConstraint("(kind = 'ticket') = (guest_id IS NULL)", name="guest"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    kind: str = Field(default="card", max_length=10)
    guest_id: str | None = Field(default=None, max_length=26)
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
    merged_into: str = Field(default="", max_length=26)
    joined: bool = False
    rotation_key: str = Field(default="", max_length=200)
    rotation_step: int = Field(default=0, sa_type=BigInteger)
    created_at: datetime = Field(default_factory=now, sa_type=Time)

    @property
    def is_ticket(self) -> bool:
        return self.kind == "ticket"

    @property
    def owner_id(self) -> str:
        """The id of the guest whose card it is. Raises CoatTicket."""
        if self.guest_id is None:
            raise CoatTicket(NO_POINTS)
        return self.guest_id


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
