from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field

from walletpass.database import Row, Time, now


class AppleDevice(Row, table=True):
    """A device as one program knows it; Apple's device library identifier is a secret between the two.

    ``updated_at`` is when it last gave us its push token. The token is not unique: one token under two device ids happens.
    """

    __tablename__: ClassVar[str] = "apple_device"
    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        Index("ix_apple_device_push_token", "program_id", "push_token"),
    )

    device_id: str = Field(primary_key=True, max_length=64)
    push_token: str = Field(max_length=255)
    registered_at: datetime = Field(default_factory=now, sa_type=Time)
    updated_at: datetime = Field(default_factory=now, sa_type=Time)


class Registration(Row, table=True):
    """A device that wants to hear of a card. Phone, watch and tablet register each for itself."""

    __tablename__: ClassVar[str] = "apple_registration"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "device_id"], ["apple_device.program_id", "apple_device.device_id"]),
        ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),
        Index("ix_apple_registration_card", "program_id", "card_id"),
    )

    device_id: str = Field(primary_key=True, max_length=64)
    card_id: str = Field(primary_key=True, max_length=26)
    registered_at: datetime = Field(default_factory=now, sa_type=Time)


# A device that was told of a version, has not come for it, and has been told once only.
SILENT = "fetched_version < sent_version AND nudged_version < sent_version"


class DeviceDelivery(Row, table=True):
    """How far one card has come on one device: what APNs took, whether the device asked, what it was given.

    Versions are the card's; 0 is none. ``sent_*`` is the last push that APNs accepted and ``last_reason`` what it said to the
    last one that it did not; ``not_before`` is the device's own wait. ``asked_at`` is the last list that named the card,
    ``fetched_*`` the newest version it came for and the points on it. ``left_at`` is when it stopped listening: the row
    outlives the registration.
    """

    __tablename__: ClassVar[str] = "device_delivery"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),
        Index("ix_device_delivery_sent", "program_id", "sent_at"),
        Index("ix_device_delivery_left", "program_id", "left_at"),
        Index("ix_device_delivery_silent", "sent_at", sqlite_where=text(SILENT), postgresql_where=text(SILENT)),
    )

    card_id: str = Field(primary_key=True, max_length=26)
    device_id: str = Field(primary_key=True, max_length=64)
    sent_version: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=Time)
    apns_id: str = Field(default="", max_length=36)
    last_reason: str = Field(default="", max_length=120)
    not_before: datetime | None = Field(default=None, sa_type=Time)
    nudged_version: int = 0
    asked_at: datetime | None = Field(default=None, sa_type=Time)
    fetched_version: int = 0
    fetched_points: int | None = None
    fetched_at: datetime | None = Field(default=None, sa_type=Time)
    left_at: datetime | None = Field(default=None, sa_type=Time)


class AppleLog(Row, table=True):
    """What phones complained of, a row for each different complaint; ``id`` is its hash.

    Nobody vouches for it. ``program_id`` is "unknown" where no pass type of ours is named.
    """

    __tablename__: ClassVar[str] = "apple_log"
    __table_args__ = (Index("ix_apple_log_last_at", "program_id", "last_at"),)

    id: str = Field(primary_key=True, max_length=32)
    task: str = Field(max_length=12)
    message: str = Field(max_length=300)
    count: int = 1
    first_at: datetime = Field(default_factory=now, sa_type=Time)
    last_at: datetime = Field(default_factory=now, sa_type=Time)
