from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Float, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from walletpass.database import Row, Time, now


class Check(Row, table=True):
    """What one table orders, from the first line to the payment; named by the till or the POS. Amounts are minor units.

    ``card_id`` is empty while no guest is attached. ``amount`` is what is owed, ``refunded`` what went back. ``join_code`` stands
    in the table's QR: whoever joins by it is attached. ``waiter`` is who serves the table, a staff id or the POS's own name.
    ``reason`` is why it was voided or refunded, the last time.
    """

    __tablename__ = "checks"  # CHECK is a word of SQL
    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint("state IN ('open', 'closed', 'refunded', 'voided', 'taken_back')", name="state"),
        CheckConstraint("0 <= refunded AND refunded <= amount", name="refunded"),
        Index("ix_check_card", "program_id", "card_id", "closed_at"),
        Index("ix_check_closed", "program_id", "closed_at"),
        Index("ix_check_open", "program_id", "venue_id", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
        Index("uq_check_join", "program_id", "join_code", unique=True, sqlite_where=text("join_code <> ''"), postgresql_where=text("join_code <> ''")),
    )  # fmt: skip

    id: str = Field(primary_key=True, max_length=64)
    card_id: str = Field(default="", max_length=26)
    venue_id: str = Field(default="", max_length=26)
    place: str = Field(default="", max_length=20)
    waiter: str = Field(default="", max_length=40)
    source: str = Field(default="till", max_length=16)
    state: str = Field(default="open", max_length=12)
    amount: int = Field(default=0, sa_type=BigInteger)
    discount: int = Field(default=0, sa_type=BigInteger)
    gift_card: int = Field(default=0, sa_type=BigInteger)
    refunded: int = Field(default=0, sa_type=BigInteger)
    join_code: str = Field(default="", max_length=22)
    opened_at: datetime = Field(default_factory=now, sa_type=Time)
    first_line_at: datetime | None = Field(default=None, sa_type=Time)
    attached_at: datetime | None = Field(default=None, sa_type=Time)
    attached_by: str = Field(default="", max_length=26)
    billed_at: datetime | None = Field(default=None, sa_type=Time)
    closed_at: datetime | None = Field(default=None, sa_type=Time)
    closed_by: str = Field(default="", max_length=26)
    ended_at: datetime | None = Field(default=None, sa_type=Time)
    ended_by: str = Field(default="", max_length=26)
    reason: str = Field(default="", max_length=200)


class CheckLine(Row, table=True):
    """One line of a check, as `ledger.Line`; ``position`` counts from 1, ``amount`` is for the whole ``quantity``."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "check_id"], ["checks.program_id", "checks.id"]),
        CheckConstraint("quantity > 0 AND amount >= 0 AND 0 <= discount AND discount <= amount", name="amounts"),
        CheckConstraint("0 <= refunded AND refunded <= amount", name="refunded"),
    )

    check_id: str = Field(primary_key=True, max_length=64)
    position: int = Field(primary_key=True)
    sku: str = Field(default="", max_length=40)
    name: str = Field(default="", max_length=120)
    category: str = Field(default="", max_length=40)
    kind: str = Field(default="item", max_length=10)
    quantity: int = 1
    amount: int = Field(sa_type=BigInteger)
    discount: int = Field(default=0, sa_type=BigInteger)
    tax: int = Field(default=0, sa_type=BigInteger)
    earns: bool = True
    redeemable: bool = True
    refunded: int = Field(default=0, sa_type=BigInteger)


class Item(Row, table=True):
    """Something on the menu, named by the POS. ``drink`` sets it apart from the dishes in what a guest likes best."""

    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]),)

    sku: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=120)
    category: str = Field(default="", max_length=40)
    drink: bool = False
    available: bool = True


class Habit(Row, table=True):
    """What is known of a guest's visits, kept with every check so that a scan reads one row. Amounts are minor units."""

    __table_args__ = (ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),)

    card_id: str = Field(primary_key=True, max_length=26)
    visits: int = 0
    spent: int = Field(default=0, sa_type=BigInteger)
    first_visit: datetime | None = Field(default=None, sa_type=Time)
    last_visit: datetime | None = Field(default=None, sa_type=Time)


class Favourite(Row, table=True):
    """How much a guest likes an item: the recency-weighted count as its binary logarithm, counted in half-lives since 1970.

    So it needs no ageing: of two items the one with the higher ``rank`` is liked better today, and next year as well.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),
        Index("ix_favourite_rank", "program_id", "card_id", "rank"),
    )

    card_id: str = Field(primary_key=True, max_length=26)
    sku: str = Field(primary_key=True, max_length=40)
    rank: float = Field(sa_type=Float)
    times: int = 0
    last_at: datetime = Field(sa_type=Time)


class Service(Row, table=True):
    """How often a waiter served a guest."""

    __table_args__ = (ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),)

    card_id: str = Field(primary_key=True, max_length=26)
    waiter: str = Field(primary_key=True, max_length=40)
    times: int = 0
    last_at: datetime = Field(sa_type=Time)
