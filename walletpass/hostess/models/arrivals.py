"""Who is expected, who came and who calls."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now

VIAS = ("door", "nfc", "wifi", "beacon", "booking", "hostess")
_VIAS = ", ".join(f"'{via}'" for via in VIAS)


class Booking(Row, table=True):
    """A table that somebody asked for; ``id`` is the booking system's own.

    ``guest_id`` and ``card_id`` are whose it is, as far as the number or the address says, ``arrival_id`` the arrival it ended in. The name,
    number, address and notes are forgotten with the guest, and by age: ``forgotten_at``.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint("state IN ('booked', 'seated', 'cancelled', 'missed')", name="state"),
        CheckConstraint("party > 0", name="party"),
        Index("ix_booking_at", "program_id", "venue_id", "at"),
        Index("ix_booking_guest", "program_id", "guest_id", "at"),
        Index("ix_booking_phone", "program_id", "phone"),
        Index("ix_booking_email", "program_id", "email"),
        # What the rounds look for: without it they would read every booking there ever was.
        Index(
            "ix_booking_named", "program_id", "at",
            sqlite_where=text("forgotten_at IS NULL"), postgresql_where=text("forgotten_at IS NULL"),
        ),
    )  # fmt: skip

    id: str = Field(primary_key=True, max_length=64)
    venue_id: str = Field(default="", max_length=26)
    guest_id: str = Field(default="", max_length=26)
    card_id: str = Field(default="", max_length=26)
    arrival_id: str = Field(default="", max_length=26)
    at: datetime = Field(sa_type=Time)
    party: int = 2
    name: str = Field(default="", max_length=80)
    phone: str = Field(default="", max_length=16)
    email: str = Field(default="", max_length=254)
    place: str = Field(default="", max_length=20)
    notes: str = Field(default="", max_length=300)
    state: str = Field(default="booked", max_length=10)
    made_at: datetime = Field(default_factory=now, sa_type=Time)
    changed_at: datetime = Field(default_factory=now, sa_type=Time)
    forgotten_at: datetime | None = Field(default=None, sa_type=Time)

    @property
    def standing(self) -> str:
        """Its state, or ``arrived`` where its guests are here and do not sit yet."""
        return "arrived" if self.state == "booked" and self.arrival_id else self.state


class Arrival(Row, table=True):
    """Somebody is here: a card, a booking, or both. It ends with ``gone_at``, or by itself when nobody said so."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint(f"via IN ({_VIAS})", name="via"),
        CheckConstraint("card_id <> '' OR booking_id <> ''", name="somebody"),
        # Of two signals at one moment, one makes the arrival: a card is in a venue once.
        Index(
            "uq_arrival_here", "program_id", "venue_id", "card_id", unique=True,
            sqlite_where=text("gone_at IS NULL AND card_id <> ''"), postgresql_where=text("gone_at IS NULL AND card_id <> ''"),
        ),
        Index(
            "uq_arrival_booking", "program_id", "booking_id", unique=True,
            sqlite_where=text("booking_id <> ''"), postgresql_where=text("booking_id <> ''"),
        ),
        Index("ix_arrival_here", "program_id", "venue_id", "at", sqlite_where=text("gone_at IS NULL"), postgresql_where=text("gone_at IS NULL")),
        Index("ix_arrival_open", "program_id", "at", sqlite_where=text("gone_at IS NULL"), postgresql_where=text("gone_at IS NULL")),
        Index("ix_arrival_card", "program_id", "card_id", "at"),
    )  # fmt: skip

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    venue_id: str = Field(default="", max_length=26)
    card_id: str = Field(default="", max_length=26)
    booking_id: str = Field(default="", max_length=64)
    at: datetime = Field(sa_type=Time)
    via: str = Field(max_length=10)
    place: str = Field(default="", max_length=20)
    waiter: str = Field(default="", max_length=40)
    seated_at: datetime | None = Field(default=None, sa_type=Time)
    gone_at: datetime | None = Field(default=None, sa_type=Time)


class Signal(Row, table=True):
    """What a sender told us under a name of its own, and what it ended in: told again, it is the same."""

    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]), Index("ix_signal_at", "program_id", "at"))

    source: str = Field(primary_key=True, max_length=64)
    id: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=10)
    ended_in: str = Field(default="", max_length=26)
    at: datetime = Field(default_factory=now, sa_type=Time)


class IncomingCall(Row, table=True):
    """A telephone that rings. ``guest_id`` is empty for a number that is nobody's here."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        Index("ix_incoming_call_at", "program_id", "at"),
        Index("ix_incoming_call_guest", "program_id", "guest_id"),
        Index("ix_incoming_call_phone", "program_id", "phone"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    venue_id: str = Field(default="", max_length=26)
    phone: str = Field(max_length=16)
    guest_id: str = Field(default="", max_length=26)
    at: datetime = Field(sa_type=Time)
    answered_at: datetime | None = Field(default=None, sa_type=Time)
    answered_by: str = Field(default="", max_length=26)
