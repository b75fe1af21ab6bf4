"""The hostess and her board"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0016"
down_revision: str | Sequence[str] | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLES = ("cashier", "manager", "owner", "coats", "hostess")
TABLES = ("table_given", "kept_table", "manner", "guest_note", "said", "sentence_rule", "incoming_call", "signal", "arrival", "booking")


def upgrade() -> None:
    _roles(*ROLES)
    with op.batch_alter_table("program", recreate="never") as batch:
        batch.add_column(sa.Column("vip_visits", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("vip_spent", sa.BigInteger(), nullable=False, server_default="0"))
    _bookings()
    _arrivals()
    _signals()
    _known()
    _tables()


def _bookings() -> None:
    _table(
        "booking",
        ["id"],
        _text("id", 64), _text("venue_id", 26), _text("guest_id", 26), _text("card_id", 26), _text("arrival_id", 26), _time("at"),
        _count("party"), _text("name", 80), _text("phone", 16), _text("email", 254), _text("place", 20), _text("notes", 300),
        _text("state", 10), _time("made_at"), _time("changed_at"), _time("forgotten_at", nullable=True),
        _check("ck_booking_state", "state IN ('booked', 'seated', 'cancelled', 'missed')"), _check("ck_booking_party", "party > 0"),
    )  # fmt: skip
    op.create_index("ix_booking_at", "booking", ["program_id", "venue_id", "at"])
    op.create_index("ix_booking_guest", "booking", ["program_id", "guest_id", "at"])
    op.create_index("ix_booking_phone", "booking", ["program_id", "phone"])
    op.create_index("ix_booking_email", "booking", ["program_id", "email"])
    _partial("ix_booking_named", "booking", ["program_id", "at"], "forgotten_at IS NULL")


def _arrivals() -> None:
    _table(
        "arrival",
        ["id"],
        _text("id", 26), _text("venue_id", 26), _text("card_id", 26), _text("booking_id", 64), _time("at"), _text("via", 10),
        _text("place", 20), _text("waiter", 40), _time("seated_at", nullable=True), _time("gone_at", nullable=True),
        _check("ck_arrival_via", "via IN ('door', 'nfc', 'wifi', 'beacon', 'booking', 'hostess')"),
        _check("ck_arrival_somebody", "card_id <> '' OR booking_id <> ''"),
    )  # fmt: skip
    _partial("uq_arrival_here", "arrival", ["program_id", "venue_id", "card_id"], "gone_at IS NULL AND card_id <> ''", unique=True)
    _partial("uq_arrival_booking", "arrival", ["program_id", "booking_id"], "booking_id <> ''", unique=True)
    _partial("ix_arrival_here", "arrival", ["program_id", "venue_id", "at"], "gone_at IS NULL")
    _partial("ix_arrival_open", "arrival", ["program_id", "at"], "gone_at IS NULL")
    op.create_index("ix_arrival_card", "arrival", ["program_id", "card_id", "at"])


def _signals() -> None:
    _table("signal", ["source", "id"], _text("source", 64), _text("id", 64), _text("kind", 10), _text("ended_in", 26), _time("at"))
    op.create_index("ix_signal_at", "signal", ["program_id", "at"])
    _table(
        "incoming_call",
        ["id"],
        _text("id", 26), _text("venue_id", 26), _text("phone", 16), _text("guest_id", 26), _time("at"), _time("answered_at", nullable=True),
        _text("answered_by", 26),
    )  # fmt: skip
    op.create_index("ix_incoming_call_at", "incoming_call", ["program_id", "at"])
    op.create_index("ix_incoming_call_guest", "incoming_call", ["program_id", "guest_id"])
    op.create_index("ix_incoming_call_phone", "incoming_call", ["program_id", "phone"])


def _known() -> None:
    _table(
        "sentence_rule",
        ["kind"],
        _text("kind", 16), _count("position"), sa.Column("active", sa.Boolean(), nullable=False), _count("days"),
        sa.Column("words", sa.JSON(), nullable=False), _check("ck_sentence_rule_days", "days BETWEEN 0 AND 3650"),
    )  # fmt: skip
    _table(
        "said",
        ["guest_id", "kind", "about"],
        _text("guest_id", 26),
        _text("kind", 16),
        _text("about", 64),
        _text("by", 26),
        _time("at"),
        of="guest",
    )
    _table(
        "guest_note",
        ["id"],
        _text("id", 26),
        _text("guest_id", 26),
        _text("venue_id", 26),
        _text("text", 300),
        _text("by", 26),
        _time("at"),
        of="guest",
    )
    op.create_index("ix_guest_note_guest", "guest_note", ["program_id", "guest_id"])
    _table(
        "manner",
        ["guest_id"],
        _text("guest_id", 26), _text("say_name", 80), _text("place", 20), sa.Column("vip", sa.Boolean(), nullable=True),
        of="guest",
    )  # fmt: skip


def _tables() -> None:
    _table(
        "kept_table",
        ["id"],
        _text("id", 26), _text("venue_id", 26), _count("weekdays"), _count("begins"), _count("ends"), _count("tables"),
        _time("released_at", nullable=True),
        _check("ck_kept_table_weekdays", "weekdays BETWEEN 1 AND 127"),
        _check("ck_kept_table_hours", "begins >= 0 AND begins < ends AND ends <= 1740"),
        _check("ck_kept_table_tables", "tables BETWEEN 1 AND 100"),
    )  # fmt: skip
    op.create_index("ix_kept_table_venue", "kept_table", ["program_id", "venue_id"])
    _table(
        "table_given",
        ["kept_id", "day", "number"],
        _text("kept_id", 26), sa.Column("day", sa.Date(), nullable=False), _count("number"), _text("card_id", 26), _text("place", 20),
        _count("party"), _text("reason", 200), _text("by", 26), _time("at"),
        _check("ck_table_given_number", "number > 0"), _check("ck_table_given_party", "party > 0"),
        of="kept_table", by="kept_id",
    )  # fmt: skip
    op.create_index("ix_table_given_card", "table_given", ["program_id", "card_id"])


def _table(name: str, key: Sequence[str], *columns: sa.Column[object] | sa.CheckConstraint, of: str = "", by: str = "guest_id") -> None:
    """``of`` is the table that its rows hang on, ``by`` the column that says where."""
    parent = (
        sa.ForeignKeyConstraint(["program_id", by], [f"{of}.program_id", f"{of}.id"], name=f"fk_{name}_program_id_{by}")
        if of
        else sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=f"fk_{name}_program_id")
    )
    op.create_table(
        name, sa.Column("program_id", sa.String(40), nullable=False), *columns, parent,
        sa.PrimaryKeyConstraint("program_id", *key, name=f"pk_{name}"),
    )  # fmt: skip


def _roles(*roles: str) -> None:
    with op.batch_alter_table("staff") as batch:
        batch.drop_constraint("role", type_="check")
        batch.create_check_constraint("role", f"role IN ({', '.join(repr(role) for role in roles)})")


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(name))


def _text(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length), nullable=False)


def _count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Time(), nullable=nullable)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    for name in ("vip_visits", "vip_spent"):
        op.execute(f"ALTER TABLE program DROP COLUMN {name}")
    # Nobody on the team loses the PIN: who greeted goes on at the till.
    op.execute("UPDATE staff SET role = 'cashier' WHERE role = 'hostess'")
    _roles(*(role for role in ROLES if role != "hostess"))
