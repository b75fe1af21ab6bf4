from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class Survey(Row, table=True):
    """What a guest said of one visit, once: ``score`` from 0 to 10. Private."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),
        CheckConstraint("score BETWEEN 0 AND 10", name="score"),
        Index("ix_survey_answered", "program_id", "answered_at"),
        Index("ix_survey_card", "program_id", "card_id"),
    )

    check_id: str = Field(primary_key=True, max_length=64)
    card_id: str = Field(max_length=26)
    score: int
    comment: str = Field(default="", max_length=500)
    points: int = 0
    answered_at: datetime = Field(default_factory=now, sa_type=Time)


class Review(Row, table=True):
    """A public review, known by its address; ``card_id`` is empty while nobody knows whose it is. ``at`` is when it was written."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        Index("uq_review_address", "program_id", "address", unique=True),
        Index(
            "ix_review_unthanked", "program_id", "at",
            sqlite_where=text("thanked_at IS NULL"), postgresql_where=text("thanked_at IS NULL"),
        ),
        Index("ix_review_card", "program_id", "card_id"),
    )  # fmt: skip

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    card_id: str = Field(default="", max_length=26)
    site: str = Field(max_length=40)
    url: str = Field(max_length=500)
    address: str = Field(max_length=64, description="The SHA-256 of the url.")
    points: int = 0
    at: datetime = Field(sa_type=Time)
    recorded_at: datetime = Field(default_factory=now, sa_type=Time)
    thanked_at: datetime | None = Field(default=None, sa_type=Time)
    thanked_by: str = Field(default="", max_length=26)
