from datetime import datetime

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from walletpass.database import Row, Time


class GoogleClass(Row, table=True):
    """What Google was last told about a program: SHA-256 of its loyalty class, which is written only when that changes."""

    __tablename__ = "google_class"
    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    class_hash: str = Field(max_length=64)
    pushed_at: datetime = Field(sa_type=Time)


class GoogleObject(Row, table=True):
    """What Google was last told about a card: SHA-256 of its loyalty object and the points in it.

    ``asked_at`` is when a guest first asked for the save link; ``saved`` is Google's own word that somebody holds the card.
    """

    __tablename__ = "google_object"
    __table_args__ = (ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),)

    card_id: str = Field(primary_key=True, max_length=26)
    asked_at: datetime | None = Field(default=None, sa_type=Time)
    saved: bool = False
    pushed_hash: str = Field(max_length=64)
    pushed_points: int
    pushed_at: datetime = Field(sa_type=Time)
