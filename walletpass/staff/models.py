from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class Staff(Row, table=True):
    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint("role IN ('cashier', 'manager', 'owner')", name="role"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    name: str = Field(max_length=80)
    role: str = Field(max_length=10)
    pin_hash: str = Field(max_length=200)
    active: bool = True
    created_at: datetime = Field(default_factory=now, sa_type=Time)


class Till(Row, table=True):
    """A browser that may show the sign-in. ``token_hash`` is the SHA-256 of its cookie."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        Index("uq_till_token_hash", "program_id", "token_hash", unique=True),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    name: str = Field(max_length=80)
    venue_id: str = Field(default="", max_length=26)
    token_hash: str = Field(max_length=64)
    enrolled_at: datetime = Field(default_factory=now, sa_type=Time)
    revoked_at: datetime | None = Field(default=None, sa_type=Time)


class EnrolLink(Row, table=True):
    """Makes one browser a till, once."""

    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    token_hash: str = Field(primary_key=True, max_length=64)
    venue_id: str = Field(default="", max_length=26)
    made_by: str = Field(default="", max_length=26)
    expires_at: datetime = Field(sa_type=Time)
    used_at: datetime | None = Field(default=None, sa_type=Time)


class PinTries(Row, table=True):
    """Counted per till and person: nobody can lock a colleague out from elsewhere."""

    __table_args__ = (ForeignKeyConstraint(["program_id", "till_id"], ["till.program_id", "till.id"]),)

    till_id: str = Field(primary_key=True, max_length=26)
    staff_id: str = Field(primary_key=True, max_length=26)
    count: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=Time)


class StaffSession(Row, table=True):
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "staff_id"], ["staff.program_id", "staff.id"]),
        ForeignKeyConstraint(["program_id", "till_id"], ["till.program_id", "till.id"]),
    )

    token_hash: str = Field(primary_key=True, max_length=64)
    staff_id: str = Field(max_length=26)
    till_id: str = Field(max_length=26)
    started_at: datetime = Field(default_factory=now, sa_type=Time)
    seen_at: datetime = Field(default_factory=now, sa_type=Time)
    ended_at: datetime | None = Field(default=None, sa_type=Time)


class ApiKey(Row, table=True):
    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    key_hash: str = Field(primary_key=True, max_length=64)
    label: str = Field(max_length=80)
    created_at: datetime = Field(default_factory=now, sa_type=Time)
    revoked_at: datetime | None = Field(default=None, sa_type=Time)
