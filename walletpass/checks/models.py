from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlmodel import Field

from walletpass.database import Row, Time


class Check(Row, table=True):
    """A closed check of a guest, named by the till. ``amount`` is what was owed, in minor units."""

    __tablename__ = "checks"  # CHECK is a word of SQL
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),
        Index("ix_check_card", "program_id", "card_id", "closed_at"),
    )

    id: str = Field(primary_key=True, max_length=64)
    card_id: str = Field(max_length=26)
    venue_id: str = Field(default="", max_length=26)
    amount: int = Field(sa_type=BigInteger)
    closed_at: datetime = Field(sa_type=Time)
    taken_back_at: datetime | None = Field(default=None, sa_type=Time)
