from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlmodel import Field, SQLModel

from walletpass.database import Row, Time, new_id, now


class Program(SQLModel, table=True):
    """A restaurant brand and its rules. Amounts are minor units (cents), rates whole numbers.

    ``earn_bps`` is points x 10,000 for one minor unit: 100 gives one point for 1.00. ``point_value`` is what one point
    pays. ``cap_percent`` of a check is the most that points may pay, and ``minimum_money`` must stay for money.
    ``debt_limit`` is how far below zero an undone earn may take a card. ``rotating_codes`` gives cards in Google Wallet a code
    that changes every half minute; ``google_names`` lets Google know a guest's first name, which it is not told otherwise.
    """

    __table_args__ = (
        CheckConstraint("earn_bps >= 0 AND point_value > 0", name="rates"),
        CheckConstraint("cap_percent BETWEEN 0 AND 100", name="cap"),
        CheckConstraint("minimum_points >= 0 AND minimum_money >= 0 AND debt_limit >= 0", name="minimums"),
    )

    id: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=80)
    currency: str = Field(default="EUR", max_length=3)
    country: str = Field(default="DE", max_length=2)
    language: str = Field(default="en", max_length=8)
    timezone: str = Field(default="Europe/Berlin", max_length=64)
    design: str = Field(default="bistro", max_length=40)
    palette: str = Field(default="luna", max_length=40)
    earn_bps: int = 1000
    point_value: int = 1
    cap_percent: int = 50
    minimum_points: int = 0
    minimum_money: int = 0
    debt_limit: int = 10_000
    max_amount: int = 1_000_000
    adjust_limit: int = 1_000
    undo_minutes: int = 15
    pass_type_identifier: str = Field(max_length=128, unique=True)
    team_identifier: str = Field(max_length=10)
    google_issuer_id: str = Field(default="", max_length=20)
    google_names: bool = False
    rotating_codes: bool = False
    phone: str = Field(default="", max_length=32)
    email: str = Field(default="", max_length=254)
    website: str = Field(default="", max_length=200)
    terms: str = Field(default="", max_length=4000)
    created_at: datetime = Field(default_factory=now, sa_type=Time)


class Venue(Row, table=True):
    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    name: str = Field(max_length=80)
    address: str = Field(default="", max_length=200)
    latitude: float | None = None
    longitude: float | None = None


class Channel(Row, table=True):
    """Where a guest meets the invitation: the table tent, the receipt. Its code is all that the printed link holds."""

    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    code: str = Field(primary_key=True, max_length=40, unique=True)
    label: str = Field(max_length=80)
    venue_id: str | None = Field(default=None, max_length=26)
