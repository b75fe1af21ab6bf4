"""The books: accounts, their entries, the lots that credits opened, and what each entry took from them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, text
from sqlmodel import Field

from walletpass.database import Row, Time, now


class EntryType(StrEnum):
    EARN = "earn"
    PROMO_EARN = "promo_earn"
    ACTIVATE = "activate"
    HOLD = "hold"
    HOLD_RELEASE = "hold_release"
    REDEEM = "redeem"
    REDEEM_REVERSAL = "redeem_reversal"
    EARN_REVERSAL = "earn_reversal"
    EXPIRE = "expire"
    ADJUST = "adjust"
    MERGE = "merge"
    WRITEOFF = "writeoff"
    GIFT = "gift"


# The account on the other side of each entry: what a guest gains, another account loses.
CONTRA = {
    EntryType.EARN: "issued",
    EntryType.PROMO_EARN: "issued",
    EntryType.GIFT: "issued",
    EntryType.ACTIVATE: "issued",
    EntryType.EARN_REVERSAL: "issued",
    EntryType.HOLD: "redeemed",
    EntryType.HOLD_RELEASE: "redeemed",
    EntryType.REDEEM: "redeemed",
    EntryType.REDEEM_REVERSAL: "redeemed",
    EntryType.EXPIRE: "expired",
    EntryType.ADJUST: "adjustment",
    EntryType.WRITEOFF: "adjustment",
    EntryType.MERGE: "guest",
}


TYPES = ", ".join(f"'{kind}'" for kind in EntryType)


_guard = Column("seq", Integer, nullable=False, default=0)


class Account(Row, table=True):
    """The four numbers of a card, cached. ``seq`` and ``head`` are the number and hash of its last entry.

    ``seq`` is also the guard of every update: one that was computed from an older state finds no row.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),
        CheckConstraint("pending >= 0 AND available >= 0 AND held >= 0 AND debt >= 0", name="not_negative"),
        # Every credit pays debt first, so nobody has both.
        CheckConstraint("debt = 0 OR available = 0", name="debt_is_paid_first"),
    )
    __mapper_args__ = {"version_id_col": _guard, "version_id_generator": False}  # noqa: RUF012 (SQLAlchemy reads it once)
    card_id: str = Field(primary_key=True, max_length=26)
    pending: int = Field(default=0, sa_type=BigInteger)
    available: int = Field(default=0, sa_type=BigInteger)
    held: int = Field(default=0, sa_type=BigInteger)
    debt: int = Field(default=0, sa_type=BigInteger)
    seq: int = Field(default=0, sa_column=_guard)
    head: str = Field(default="", max_length=64)


class Entry(Row, table=True):
    """One change of one account, for ever: triggers refuse UPDATE and DELETE.

    ``delta`` is what the guest gained (negative: lost), ``contra`` the account that lost it. ``event_at`` is the till's
    clock, ``recorded_at`` ours. ``base`` is the amount in minor units that a rate was applied to. ``hash`` covers
    ``previous`` and every other column but ``reason``, which may name a person.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id"], ["account.program_id", "account.card_id"]),
        CheckConstraint(f"type IN ({TYPES})", name="type"),
        CheckConstraint("contra IN ('issued', 'redeemed', 'expired', 'adjustment', 'guest')", name="contra"),
        # A reversal names what it reverses; a refund in parts writes several.
        Index("ix_entry_reverses", "program_id", "card_id", "reverses"),
        Index("ix_entry_check", "program_id", "check_id"),
        # What was done on one day.
        Index("ix_entry_event", "program_id", "event_at"),
    )

    card_id: str = Field(primary_key=True, max_length=26)
    seq: int = Field(primary_key=True)
    type: str = Field(max_length=16)
    delta: int = Field(sa_type=BigInteger)
    contra: str = Field(max_length=12)
    check_id: str = Field(default="", max_length=64)
    base: int = Field(default=0, sa_type=BigInteger)
    reverses: int | None = None
    source: str = Field(max_length=16)
    venue_id: str = Field(default="", max_length=26)
    staff_id: str = Field(default="", max_length=26)
    device_id: str = Field(default="", max_length=26)
    key: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=200)
    event_at: datetime = Field(sa_type=Time)
    recorded_at: datetime = Field(default_factory=now, sa_type=Time)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)

    @property
    def id(self) -> str:
        """How the outside world names an entry."""
        return f"{self.card_id}-{self.seq}"


class Lot(Row, table=True):
    """What one credit left to spend. ``held`` is the part that open holds have promised; a lot that ``rolls`` lives on with
    every activity of the guest. ``from_lot`` or ``from_card`` is where a lot came from that no check made."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id", "seq"], ["entry.program_id", "entry.card_id", "entry.seq"]),
        CheckConstraint("0 <= held AND held <= remaining AND remaining <= amount", name="bounds"),
        CheckConstraint("state IN ('pending', 'active')", name="state"),
        Index("ix_lot_open", "program_id", "card_id", sqlite_where=text("remaining > 0"), postgresql_where=text("remaining > 0")),
    )

    card_id: str = Field(primary_key=True, max_length=26)
    seq: int = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)
    remaining: int = Field(sa_type=BigInteger)
    held: int = Field(default=0, sa_type=BigInteger)
    state: str = Field(default="active", max_length=8)
    source: str = Field(max_length=16)
    from_lot: int | None = None
    from_card: str = Field(default="", max_length=26)
    active_from: datetime = Field(sa_type=Time)
    expires_at: datetime | None = Field(default=None, sa_type=Time)
    rolls: bool = False


class Allocation(Row, table=True):
    """How much of an entry a lot paid (or got back)."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id", "lot_seq"], ["lot.program_id", "lot.card_id", "lot.seq"]),
        CheckConstraint("amount > 0", name="amount"),
    )

    card_id: str = Field(primary_key=True, max_length=26)
    entry_seq: int = Field(primary_key=True)
    lot_seq: int = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)
