from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKeyConstraint, Index
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class Staff(Row, table=True):
    """``card_id`` is their own card as a guest, which they cannot give points to. Who has the role coats works at the coats alone."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint("role IN ('cashier', 'manager', 'owner', 'coats', 'hostess')", name="role"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    name: str = Field(max_length=80)
    role: str = Field(max_length=10)
    pin_hash: str = Field(max_length=200)
    active: bool = True
    card_id: str = Field(default="", max_length=26)
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


class Tally(Row, table=True):
    """How often somebody did something that leaves no other trace, in a quarter of an hour. ``at`` is its beginning.

    A scan is a look and must not wait for a writer, so scans are counted in memory and come here a little later.
    """

    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    at: datetime = Field(primary_key=True, sa_type=Time)
    staff_id: str = Field(primary_key=True, max_length=26)
    till_id: str = Field(primary_key=True, max_length=26)
    kind: str = Field(primary_key=True, max_length=40)
    count: int = 0


class ApiKey(Row, table=True):
    """What another system calls the API with, for one venue or for all (an empty ``venue_id``), within its ``scopes``.

    The secret itself is kept nowhere. ``last_used_at`` is true to the hour.
    """

    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    key_hash: str = Field(primary_key=True, max_length=64)
    label: str = Field(max_length=80)
    venue_id: str = Field(default="", max_length=26)
    scopes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    made_by: str = Field(default="", max_length=26)
    created_at: datetime = Field(default_factory=now, sa_type=Time)
    last_used_at: datetime | None = Field(default=None, sa_type=Time)
    expires_at: datetime | None = Field(default=None, sa_type=Time)
    revoked_at: datetime | None = Field(default=None, sa_type=Time)

    @property
    def id(self) -> str:
        """How people name a key: the beginning of its hash, which opens nothing."""
        return self.key_hash[:12]


class WebhookSource(Row, table=True):
    """Another system that sends us signed events. Its ``secret`` is sealed: we check signatures with it, so a hash would not do."""

    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    label: str = Field(max_length=80)
    secret: str = Field(max_length=200)
    created_at: datetime = Field(default_factory=now, sa_type=Time)
    revoked_at: datetime | None = Field(default=None, sa_type=Time)
