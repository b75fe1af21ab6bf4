from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class Guest(Row, table=True):
    """``phone`` is E.164, empty for a guest without; ``name`` is empty for one who gave a number at the till and no more.

    A number may stand on several guests until a code sent to it was typed in: of those who proved it (``verified_at``) there is
    one. ``vouched`` is False where anybody may have typed the number: until it is proved, it leads to this guest no more than a
    rumour. ``birth_year`` may be unknown; ``birthday_at`` is when the date was last given. ``merged_into`` is the guest who this one
    turned out to be, and ``erased_at`` when the identity was removed.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        Index("ix_guest_phone", "program_id", "phone"),
        Index("ix_guest_email", "program_id", "email"),
        Index("ix_guest_channel", "program_id", "channel_code", "id"),
        Index(
            "ix_guest_merged", "program_id", "merged_into", sqlite_where=text("merged_into <> ''"), postgresql_where=text("merged_into <> ''")
        ),
        # One welcome, one recovery: a proven number belongs to one guest.
        Index(
            "uq_guest_verified", "program_id", "phone", unique=True,
            sqlite_where=text("verified_at IS NOT NULL"), postgresql_where=text("verified_at IS NOT NULL"),
        ),
        CheckConstraint("birth_month BETWEEN 0 AND 12", name="birth_month"),
        CheckConstraint("birth_day BETWEEN 0 AND 31", name="birth_day"),
    )  # fmt: skip

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    name: str = Field(max_length=80)
    phone: str = Field(max_length=16)
    email: str = Field(default="", max_length=254)
    language: str = Field(default="en", max_length=8)
    city: str = Field(default="", max_length=80)
    birth_year: int = 0
    birth_month: int = 0
    birth_day: int = 0
    birthday_at: datetime | None = Field(default=None, sa_type=Time)
    channel_code: str = Field(default="", max_length=40)
    referred_by: str = Field(default="", max_length=26)
    vouched: bool = True
    verified_at: datetime | None = Field(default=None, sa_type=Time)
    pin_hash: str = Field(default="", max_length=200)
    merged_into: str = Field(default="", max_length=26)
    erased_at: datetime | None = Field(default=None, sa_type=Time)
    created_at: datetime = Field(default_factory=now, sa_type=Time)


class Consent(Row, table=True):
    """Proof of what was agreed to: the text is found again by version and language, and checked by its SHA-256.

    Triggers refuse UPDATE and DELETE: who changes their mind gets a row that is not ``granted``, and of one purpose the newest
    row speaks. ``channel`` is where it was said: web, till, paper, api. It names nobody, so it outlives an erased guest.
    """

    __table_args__ = (ForeignKeyConstraint(["program_id", "guest_id"], ["guest.program_id", "guest.id"]),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    guest_id: str = Field(max_length=26)
    purpose: str = Field(max_length=40)
    version: str = Field(max_length=20)
    language: str = Field(max_length=8)
    text_hash: str = Field(max_length=64)
    channel: str = Field(default="", max_length=16)
    granted: bool = True
    given_at: datetime = Field(default_factory=now, sa_type=Time)
