from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, Index
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
