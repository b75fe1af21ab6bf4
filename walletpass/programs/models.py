from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKeyConstraint
from sqlmodel import Field, SQLModel

from walletpass.database import Row, Time, new_id, now


def _words() -> Any:
    """A list of short words, empty at first."""
    return Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class Program(SQLModel, table=True):
    """A restaurant brand and its rules. Amounts are minor units (cents), rates whole numbers; `rules` says what each rule means.

    ``earn_bps`` is points x 10,000 for one minor unit: 100 gives one point for 1.00. ``rotating_codes`` gives cards in Google
    Wallet a code that changes every half minute; ``google_names`` lets Google know a guest's first name, which it is not told
    otherwise.
    """

    __table_args__ = (
        CheckConstraint("earn_bps >= 0 AND point_value > 0", name="rates"),
        CheckConstraint("cap_percent BETWEEN 0 AND 100", name="cap"),
        CheckConstraint("minimum_points >= 0 AND minimum_money >= 0 AND debt_limit >= 0", name="minimums"),
        CheckConstraint("kind IN ('points', 'cashback', 'stamps', 'discount')", name="kind"),
        CheckConstraint("refund_policy IN ('only_pending', 'within_balance', 'debt')", name="refund_policy"),
        CheckConstraint("pending IN ('none', 'days', 'action')", name="pending"),
        CheckConstraint("expiry IN ('never', 'earned', 'activity', 'date', 'anniversary')", name="expiry"),
        CheckConstraint("tier_by IN ('none', 'spend', 'visits')", name="tier_by"),
        CheckConstraint("tier_window IN ('rolling', 'year')", name="tier_window"),
        CheckConstraint("stamp_goal > 0", name="stamp_goal"),
    )

    id: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=80)
    currency: str = Field(default="EUR", max_length=3)
    country: str = Field(default="DE", max_length=2)
    language: str = Field(default="en", max_length=8)
    timezone: str = Field(default="Europe/Berlin", max_length=64)
    design: str = Field(default="bistro", max_length=40)
    palette: str = Field(default="luna", max_length=40)
    kind: str = Field(default="points", max_length=10)
    # What earns.
    earn_bps: int = 1000
    tax_earns: bool = True
    gift_card_earns: bool = True
    no_earn_categories: list[str] = _words()
    stamp_goal: int = 10
    stamp_categories: list[str] = _words()
    max_amount: int = 1_000_000
    # What points pay.
    point_value: int = 1
    cap_percent: int = 50
    minimum_points: int = 0
    minimum_money: int = 0
    no_redeem_categories: list[str] = _words()
    hold_minutes: int = 15
    second_factor_above: int = 2_000
    # When they can be spent, and how long.
    pending: str = Field(default="none", max_length=10)
    pending_days: int = 14
    expiry: str = Field(default="never", max_length=12)
    expiry_days: int = 365
    expiry_month: int = 12
    expiry_day: int = 31
    expiry_month_end: bool = False
    expiry_warning_days: int = 14
    grace_days: int = 14
    # What goes back.
    refund_policy: str = Field(default="debt", max_length=16)
    debt_limit: int = 10_000
    undo_minutes: int = 15
    # Tiers; their steps are rows of `Tier`.
    tier_by: str = Field(default="none", max_length=8)
    tier_window: str = Field(default="rolling", max_length=8)
    tier_days: int = 365
    # Points for something else than a check.
    welcome_points: int = 0
    birthday_points: int = 0
    birthday_window_days: int = 7
    birthday_on_file_days: int = 30
    referral_points: int = 0
    referral_friend_points: int = 0
    referral_minimum: int = 1_000
    referral_wait_days: int = 14
    referral_review_above: int = 10
    survey_points: int = 0
    review_points: int = 0
    rewarded_sites: list[str] = _words()
    # Limits.
    earns_per_day: int = 0
    points_per_day: int = 0
    redeems_per_day: int = 0
    many_checks: int = 3
    adjust_limit: int = 1_000
    late_hours: int = 24
    # Who is known, and how.
    regular_visits: int = 5
    vip_visits: int = 0
    vip_spent: int = Field(default=0, sa_type=BigInteger)
    phone_lookup: bool = True
    # Coats.
    coat_queue: int = 8
    coat_days: int = 30
    pass_type_identifier: str = Field(max_length=128, unique=True)
    team_identifier: str = Field(max_length=10)
    google_issuer_id: str = Field(default="", max_length=20)
    google_names: bool = False
    rotating_codes: bool = False
    phone: str = Field(default="", max_length=32)
    email: str = Field(default="", max_length=254)
    website: str = Field(default="", max_length=200)
    booking_page: str = Field(default="", max_length=300)
    terms: str = Field(default="", max_length=4000)
    created_at: datetime = Field(default_factory=now, sa_type=Time)


class Tier(Row, table=True):
    """One step of a program's tiers, from 1 up; who stands on none has the program's own rate and no discount.

    ``threshold`` is minor units of net spend, or visits, as ``Program.tier_by`` says.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint("position > 0 AND threshold > 0", name="step"),
        CheckConstraint("earn_bps >= 0 AND discount_percent BETWEEN 0 AND 100", name="gives"),
    )

    position: int = Field(primary_key=True)
    name: str = Field(max_length=40)
    threshold: int = Field(sa_type=BigInteger)
    earn_bps: int
    discount_percent: int = 0


class RuleChange(Row, table=True):
    """Who changed a rule, from what to what; ``staff_id`` is empty for a command. The name "tiers" stands for all their steps."""

    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    name: str = Field(max_length=40)
    old: Any = Field(sa_column=Column(JSON, nullable=False))
    new: Any = Field(sa_column=Column(JSON, nullable=False))
    staff_id: str = Field(default="", max_length=26)
    at: datetime = Field(default_factory=now, sa_type=Time)


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
