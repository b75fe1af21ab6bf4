from datetime import datetime

from sqlalchemy import JSON, Column, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class Shift(Row, table=True):
    """One evening of a cloakroom: every step belongs to one. ``carried`` is what was in the house before it, ``counts`` its report
    once it is closed."""

    __tablename__ = "coat_shift"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "cloakroom_id"], ["cloakroom.program_id", "cloakroom.id"]),
        # A cloakroom has one open shift, however many attendants begin it.
        Index(
            "uq_coat_shift_open", "program_id", "cloakroom_id", unique=True,
            sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_coat_shift_opened", "program_id", "cloakroom_id", "opened_at"),
    )  # fmt: skip

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    cloakroom_id: str = Field(max_length=26)
    opened_at: datetime = Field(default_factory=now, sa_type=Time)
    opened_by: str = Field(default="", max_length=26)
    closed_at: datetime | None = Field(default=None, sa_type=Time)
    closed_by: str = Field(default="", max_length=26)
    carried: int = 0
    counts: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
