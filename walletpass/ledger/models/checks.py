"""What points do to one check: promised, paid, earned."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from walletpass.database import Row, Time, new_id


class Hold(Row, table=True):
    """Points promised to an open check, and what they will pay of it (minor units); its allocation rows carry the number of its
    hold entry."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id"], ["account.program_id", "account.card_id"]),
        CheckConstraint("state IN ('open', 'captured', 'released', 'lapsed')", name="state"),
        CheckConstraint("points > 0", name="points"),
        Index("ix_hold_check", "program_id", "check_id", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
        Index("ix_hold_card", "program_id", "card_id", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    card_id: str = Field(max_length=26)
    entry_seq: int
    check_id: str = Field(max_length=64)
    points: int = Field(sa_type=BigInteger)
    worth: int = Field(default=0, sa_type=BigInteger)
    state: str = Field(default="open", max_length=8)
    expires_at: datetime = Field(sa_type=Time)


class Payment(Row, table=True):
    """What the points of one redeem entry paid, at the value of that day.

    ``worth`` is minor units of the check; ``off_base`` is what therefore does not earn: the same money or, on a card of stamps,
    the items that were free. ``returned`` of its ``points`` have come back.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id", "seq"], ["entry.program_id", "entry.card_id", "entry.seq"]),
        CheckConstraint("points > 0 AND 0 <= returned AND returned <= points", name="returned"),
        Index("ix_payment_check", "program_id", "check_id"),
    )

    card_id: str = Field(primary_key=True, max_length=26)
    seq: int = Field(primary_key=True)
    check_id: str = Field(max_length=64)
    points: int = Field(sa_type=BigInteger)
    worth: int = Field(sa_type=BigInteger)
    off_base: int = Field(sa_type=BigInteger)
    returned: int = Field(default=0, sa_type=BigInteger)


class EarnedCheck(Row, table=True):
    """One earn stands per check; one that was undone, or refunded whole, gives its check free.

    ``amount`` is what was owed, ``earning`` the part of it that earned before points paid (on a card of stamps: how many),
    ``spend`` what counts towards a tier, ``refunded`` what went back so far; ``forgiven`` are points that a refund could not
    take, where the program leaves them. ``rate_bps`` is the rate of that day, as in `Program`.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id", "seq"], ["entry.program_id", "entry.card_id", "entry.seq"]),
        CheckConstraint("0 <= refunded AND refunded <= amount", name="refunded"),
        Index("ix_earned_check_card", "program_id", "card_id", "closed_at"),
    )

    check_id: str = Field(primary_key=True, max_length=64)
    card_id: str = Field(max_length=26)
    seq: int
    amount: int = Field(sa_type=BigInteger)
    earning: int = Field(sa_type=BigInteger)
    spend: int = Field(default=0, sa_type=BigInteger)
    refunded: int = Field(default=0, sa_type=BigInteger)
    forgiven: int = Field(default=0, sa_type=BigInteger)
    rate_bps: int
    closed_at: datetime = Field(sa_type=Time)
