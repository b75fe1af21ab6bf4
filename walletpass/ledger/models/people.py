"""What is remembered of a card beside its points: its tier, its bonuses, the card that it went up in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class CardTier(Row, table=True):
    """The step of `programs.Tier` that a card stands on, from the check after ``since``; before ``review_at`` it only rises."""

    __table_args__ = (ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),)

    card_id: str = Field(primary_key=True, max_length=26)
    position: int
    since: datetime = Field(sa_type=Time)
    review_at: datetime = Field(sa_type=Time)


class Bonus(Row, table=True):
    """Points for something else than a check, once for each ``subject``: a proven number (its hash), a guest and year of
    birthday, a referred guest, the check of a survey."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id", "seq"], ["entry.program_id", "entry.card_id", "entry.seq"]),
        CheckConstraint("kind IN ('welcome', 'birthday', 'referral', 'friend', 'survey', 'review')", name="kind"),
        Index("ix_bonus_check", "program_id", "check_id"),
    )

    kind: str = Field(primary_key=True, max_length=10)
    subject: str = Field(primary_key=True, max_length=80)
    card_id: str = Field(max_length=26)
    seq: int
    check_id: str = Field(default="", max_length=64)


class Merge(Row, table=True):
    """One card that went up in another; undone at most once."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),
        ForeignKeyConstraint(["program_id", "into_id"], ["card.program_id", "card.id"]),
        Index("ix_merge_card", "program_id", "card_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    card_id: str = Field(max_length=26)
    into_id: str = Field(max_length=26)
    made_at: datetime = Field(default_factory=now, sa_type=Time)
    undone_at: datetime | None = Field(default=None, sa_type=Time)
