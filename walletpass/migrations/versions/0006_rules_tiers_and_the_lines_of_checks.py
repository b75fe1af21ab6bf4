"""Rules of points, tiers, merged cards, and checks with lines"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Columns of tables that others refer to: SQLite adds them in place, each with its own constraint. Name, kind, default, condition.
PROGRAM = (
    ("kind", "VARCHAR(10)", "'points'", "kind IN ('points', 'cashback', 'stamps', 'discount')"),
    ("tax_earns", "BOOLEAN", "true", ""),
    ("gift_card_earns", "BOOLEAN", "true", ""),
    ("no_earn_categories", "JSON", "'[]'", ""),
    ("stamp_goal", "INTEGER", "10", "stamp_goal > 0"),
    ("stamp_categories", "JSON", "'[]'", ""),
    ("no_redeem_categories", "JSON", "'[]'", ""),
    ("hold_minutes", "INTEGER", "15", ""),
    ("second_factor_above", "INTEGER", "2000", ""),
    ("pending", "VARCHAR(10)", "'none'", "pending IN ('none', 'days', 'action')"),
    ("pending_days", "INTEGER", "14", ""),
    ("expiry", "VARCHAR(12)", "'never'", "expiry IN ('never', 'earned', 'activity', 'date', 'anniversary')"),
    ("expiry_days", "INTEGER", "365", ""),
    ("expiry_month", "INTEGER", "12", ""),
    ("expiry_day", "INTEGER", "31", ""),
    ("expiry_month_end", "BOOLEAN", "false", ""),
    ("expiry_warning_days", "INTEGER", "14", ""),
    ("grace_days", "INTEGER", "14", ""),
    ("refund_policy", "VARCHAR(16)", "'debt'", "refund_policy IN ('only_pending', 'within_balance', 'debt')"),
    ("tier_by", "VARCHAR(8)", "'none'", "tier_by IN ('none', 'spend', 'visits')"),
    ("tier_window", "VARCHAR(8)", "'rolling'", "tier_window IN ('rolling', 'year')"),
    ("tier_days", "INTEGER", "365", ""),
    ("welcome_points", "INTEGER", "0", ""),
    ("birthday_points", "INTEGER", "0", ""),
    ("birthday_window_days", "INTEGER", "7", ""),
    ("birthday_on_file_days", "INTEGER", "30", ""),
    ("referral_points", "INTEGER", "0", ""),
    ("referral_friend_points", "INTEGER", "0", ""),
    ("referral_minimum", "INTEGER", "1000", ""),
    ("referral_wait_days", "INTEGER", "14", ""),
    ("referral_review_above", "INTEGER", "10", ""),
    ("survey_points", "INTEGER", "0", ""),
    ("review_points", "INTEGER", "0", ""),
    ("rewarded_sites", "JSON", "'[]'", ""),
    ("earns_per_day", "INTEGER", "0", ""),
    ("points_per_day", "INTEGER", "0", ""),
    ("redeems_per_day", "INTEGER", "0", ""),
    ("many_checks", "INTEGER", "3", ""),
    ("late_hours", "INTEGER", "24", ""),
    ("regular_visits", "INTEGER", "5", ""),
    ("phone_lookup", "BOOLEAN", "true", ""),
)
GUEST = (
    ("email", "VARCHAR(254)", "''", ""),
    ("city", "VARCHAR(80)", "''", ""),
    ("birth_year", "INTEGER", "0", ""),
    ("birth_month", "INTEGER", "0", "birth_month BETWEEN 0 AND 12"),
    ("birth_day", "INTEGER", "0", "birth_day BETWEEN 0 AND 31"),
    ("referred_by", "VARCHAR(26)", "''", ""),
    ("pin_hash", "VARCHAR(200)", "''", ""),
    ("merged_into", "VARCHAR(26)", "''", ""),
)
CARD = (("merged_into", "VARCHAR(26)", "''", ""), ("joined", "BOOLEAN", "false", ""))
STAFF = (("card_id", "VARCHAR(26)", "''", ""),)
LOT = (("rolls", "BOOLEAN", "false", ""), ("from_card", "VARCHAR(26)", "''", ""))
HOLD = (("worth", "BIGINT", "0", ""),)
ADDED = {"program": PROGRAM, "guest": GUEST, "card": CARD, "staff": STAFF, "lot": LOT, "hold": HOLD}

# An entry's reason may name a person: it can be emptied, and nothing else of it ever changes.
ENTRY = "program_id card_id seq type delta contra check_id base reverses source venue_id staff_id device_id key event_at recorded_at previous hash"
SAME = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in ENTRY.split())
FORGET_SQLITE = f"""
CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry WHEN NOT (NEW.reason = '' AND {SAME})
BEGIN SELECT RAISE(ABORT, 'entries are only added to'); END
"""
KEEP_SQLITE = "CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entries are only added to'); END"
FORGET_POSTGRESQL = """
CREATE OR REPLACE FUNCTION entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        OLD.reason := '';
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'entries are only added to';
END $$
"""
KEEP_POSTGRESQL = """
CREATE OR REPLACE FUNCTION entry_guard() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'entries are only added to'; END $$
"""

# What is known of deeds that were done before. A redemption was worth what the program says today.
BACKFILL = (
    """
    UPDATE earned_check SET (closed_at, spend) = (SELECT event_at, base FROM entry WHERE entry.program_id = earned_check.program_id
        AND entry.card_id = earned_check.card_id AND entry.seq = earned_check.seq)
    """,
    """
    INSERT INTO payment (program_id, card_id, seq, check_id, points, worth, off_base, returned)
    SELECT entry.program_id, entry.card_id, entry.seq, entry.check_id, -entry.delta, -entry.delta * program.point_value,
        -entry.delta * program.point_value,
        coalesce((SELECT sum(back.delta) FROM entry AS back WHERE back.program_id = entry.program_id AND back.card_id = entry.card_id
            AND back.reverses = entry.seq), 0)
    FROM entry JOIN program ON program.id = entry.program_id WHERE entry.type = 'redeem'
    """,
    "UPDATE hold SET worth = points * (SELECT point_value FROM program WHERE program.id = hold.program_id)",
    """
    INSERT INTO habit (program_id, card_id, visits, spent, first_visit, last_visit)
    SELECT program_id, card_id, count(*), sum(amount), min(closed_at), max(closed_at) FROM checks
    WHERE state = 'closed' AND card_id <> '' GROUP BY program_id, card_id
    """,
)


def upgrade() -> None:
    for table, columns in ADDED.items():
        _add(table, columns)
    with op.batch_alter_table("guest", recreate="never") as batch:
        batch.add_column(sa.Column("birthday_at", Time(), nullable=True))
        batch.add_column(sa.Column("verified_at", Time(), nullable=True))
        batch.add_column(sa.Column("erased_at", Time(), nullable=True))
        batch.create_index("ix_guest_email", ["program_id", "email"])
    _partial("uq_guest_verified", "guest", ["program_id", "phone"], "verified_at IS NOT NULL", unique=True)
    _partial("ix_card_merged", "card", ["program_id", "merged_into"], "merged_into <> ''")
    _partial("ix_hold_card", "hold", ["program_id", "card_id"], "state = 'open'")
    _partial("ix_hold_check", "hold", ["program_id", "check_id"], "state = 'open'")
    _checks()
    _tables()
    _earned_checks()
    for statement in BACKFILL:
        op.execute(statement)
    _guard(FORGET_SQLITE, FORGET_POSTGRESQL)


def _add(table: str, columns: Iterable[tuple[str, str, str, str]]) -> None:
    for name, kind, default, condition in columns:
        check = f" CONSTRAINT ck_{table}_{name} CHECK ({condition})" if condition else ""
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind} DEFAULT {default} NOT NULL{check}")


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _guard(sqlite: str, postgresql: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER entry_no_update")
        op.execute(sqlite)
    else:
        op.execute(postgresql)


def _checks() -> None:
    """A check is known before it has a guest, and before it is closed."""
    texts = (("place", 20, ""), ("waiter", 40, ""), ("source", 16, "till"), ("state", 12, "closed"), ("join_code", 22, ""))
    people = (("attached_by", 26, ""), ("closed_by", 26, ""))
    with op.batch_alter_table("checks", recreate="never") as batch:
        for name, length, default in (*texts, *people):
            batch.add_column(sa.Column(name, sa.String(length), nullable=False, server_default=default))
        for name in ("discount", "gift_card", "refunded"):
            batch.add_column(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
        for name in ("opened_at", "first_line_at", "attached_at", "billed_at", "ended_at"):
            batch.add_column(sa.Column(name, Time(), nullable=True))
    op.execute("UPDATE checks SET opened_at = closed_at, first_line_at = closed_at, attached_at = closed_at, ended_at = taken_back_at")
    op.execute("UPDATE checks SET state = 'taken_back' WHERE taken_back_at IS NOT NULL")
    with op.batch_alter_table("checks") as batch:
        batch.alter_column("opened_at", existing_type=Time(), nullable=False)
        batch.alter_column("closed_at", existing_type=Time(), nullable=True)
        batch.drop_column("taken_back_at")
        batch.drop_constraint("fk_checks_program_id_card_id", type_="foreignkey")
        batch.create_foreign_key("fk_checks_program_id", "program", ["program_id"], ["id"])
        batch.create_check_constraint("state", "state IN ('open', 'closed', 'refunded', 'voided', 'taken_back')")
        batch.create_check_constraint("refunded", "0 <= refunded AND refunded <= amount")
        batch.create_index("ix_check_closed", ["program_id", "closed_at"])
    _partial("ix_check_open", "checks", ["program_id", "venue_id"], "state = 'open'")
    _partial("uq_check_join", "checks", ["program_id", "join_code"], "join_code <> ''", unique=True)


def _earned_checks() -> None:
    with op.batch_alter_table("earned_check", recreate="never") as batch:
        for name in ("spend", "forgiven"):
            batch.add_column(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("closed_at", Time(), nullable=False, server_default="1970-01-01 00:00:00.000000"))
        batch.create_index("ix_earned_check_card", ["program_id", "card_id", "closed_at"])


def _table(name: str, *parts: sa.schema.SchemaItem, key: tuple[str, ...], of: tuple[str, ...] = ("program",)) -> None:
    """A table of a program, with the foreign keys that its rows hang on."""
    known = {
        "program": (["program_id"], ["program.id"]),
        "card": (["program_id", "card_id"], ["card.program_id", "card.id"]),
        "into": (["program_id", "into_id"], ["card.program_id", "card.id"]),
        "entry": (["program_id", "card_id", "seq"], ["entry.program_id", "entry.card_id", "entry.seq"]),
        "check": (["program_id", "check_id"], ["checks.program_id", "checks.id"]),
    }
    op.create_table(
        name,
        sa.Column("program_id", sa.String(40), nullable=False),
        *parts,
        *(sa.ForeignKeyConstraint(mine, theirs, name=f"fk_{name}_{'_'.join(mine)}") for mine, theirs in (known[one] for one in of)),
        sa.PrimaryKeyConstraint("program_id", *key, name=f"pk_{name}"),
    )


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Time]:
    return sa.Column(name, Time(), nullable=nullable)


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(name))


def _tables() -> None:
    _table(
        "tier", _count("position"), _text("name", 40), _number("threshold"), _count("earn_bps"), _count("discount_percent"),
        _check("ck_tier_step", "position > 0 AND threshold > 0"),
        _check("ck_tier_gives", "earn_bps >= 0 AND discount_percent BETWEEN 0 AND 100"),
        key=("position",),
    )  # fmt: skip
    _table(
        "item", _text("sku", 40), _text("name", 120), _text("category", 40), _flag("drink"), _flag("available"), key=("sku",)
    )  # fmt: skip
    _table(
        "check_line", _text("check_id", 64), _count("position"), _text("sku", 40), _text("name", 120), _text("category", 40),
        _text("kind", 10), _count("quantity"), _number("amount"), _number("discount"), _number("tax"), _flag("earns"),
        _flag("redeemable"), _number("refunded"),
        _check("ck_check_line_amounts", "quantity > 0 AND amount >= 0 AND 0 <= discount AND discount <= amount"),
        _check("ck_check_line_refunded", "0 <= refunded AND refunded <= amount"),
        key=("check_id", "position"), of=("check",),
    )  # fmt: skip
    _table(
        "habit", _text("card_id", 26), _count("visits"), _number("spent"), _moment("first_visit", nullable=True),
        _moment("last_visit", nullable=True), key=("card_id",), of=("card",),
    )  # fmt: skip
    _table(
        "favourite", _text("card_id", 26), _text("sku", 40), sa.Column("rank", sa.Float(), nullable=False), _count("times"),
        _moment("last_at"), key=("card_id", "sku"), of=("card",),
    )  # fmt: skip
    op.create_index("ix_favourite_rank", "favourite", ["program_id", "card_id", "rank"])
    _table(
        "service", _text("card_id", 26), _text("waiter", 40), _count("times"), _moment("last_at"), key=("card_id", "waiter"), of=("card",)
    )
    _table("card_tier", _text("card_id", 26), _count("position"), _moment("since"), _moment("review_at"), key=("card_id",), of=("card",))
    _table(
        "payment", _text("card_id", 26), _count("seq"), _text("check_id", 64), _number("points"), _number("worth"),
        _number("off_base"), _number("returned"),
        _check("ck_payment_returned", "points > 0 AND 0 <= returned AND returned <= points"),
        key=("card_id", "seq"), of=("entry",),
    )  # fmt: skip
    op.create_index("ix_payment_check", "payment", ["program_id", "check_id"])
    _table(
        "bonus", _text("kind", 10), _text("subject", 80), _text("card_id", 26), _count("seq"), _text("check_id", 64),
        _check("ck_bonus_kind", "kind IN ('welcome', 'birthday', 'referral', 'friend', 'survey', 'review')"),
        key=("kind", "subject"), of=("entry",),
    )  # fmt: skip
    op.create_index("ix_bonus_check", "bonus", ["program_id", "check_id"])
    _table(
        "merge", _text("id", 26), _text("card_id", 26), _text("into_id", 26), _moment("made_at"), _moment("undone_at", nullable=True),
        key=("id",), of=("card", "into"),
    )  # fmt: skip
    op.create_index("ix_merge_card", "merge", ["program_id", "card_id"])
    _table(
        "late_deed", _text("id", 26), _text("route", 20), _text("key", 200), sa.Column("body", sa.JSON(), nullable=False),
        _text("venue_id", 26), _text("staff_id", 26), _text("device_id", 26), _moment("event_at"), _moment("listed_at"),
        _text("state", 8), _text("decided_by", 26), _moment("decided_at", nullable=True),
        _check("ck_late_deed_state", "state IN ('waiting', 'booked', 'refused')"),
        key=("id",),
    )  # fmt: skip
    op.create_index("ix_late_deed_waiting", "late_deed", ["program_id", "state"])


def downgrade() -> None:
    _guard(KEEP_SQLITE, KEEP_POSTGRESQL)
    for table in ("late_deed", "merge", "bonus", "payment", "card_tier", "service", "favourite", "habit", "check_line", "item", "tier"):
        op.drop_table(table)
    with op.batch_alter_table("earned_check", recreate="never") as batch:
        batch.drop_index("ix_earned_check_card")
    for name in ("spend", "forgiven", "closed_at"):
        op.execute(f"ALTER TABLE earned_check DROP COLUMN {name}")
    _old_checks()
    for index, table in (
        ("ix_hold_check", "hold"), ("ix_hold_card", "hold"), ("ix_card_merged", "card"), ("uq_guest_verified", "guest"), ("ix_guest_email", "guest"),
    ):  # fmt: skip
        op.drop_index(index, table)
    for name in ("birthday_at", "verified_at", "erased_at"):
        op.execute(f"ALTER TABLE guest DROP COLUMN {name}")
    for table, columns in ADDED.items():
        for name, *_ in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _old_checks() -> None:
    for index in ("ix_check_open", "uq_check_join", "ix_check_closed"):
        op.drop_index(index, "checks")
    op.execute("DELETE FROM checks WHERE card_id = '' OR closed_at IS NULL")
    added = (
        "place",
        "waiter",
        "source",
        "state",
        "join_code",
        "attached_by",
        "closed_by",
        "discount",
        "gift_card",
        "refunded",
        "opened_at",
    )
    with op.batch_alter_table("checks") as batch:
        batch.add_column(sa.Column("taken_back_at", Time(), nullable=True))
        batch.alter_column("closed_at", existing_type=Time(), nullable=False)
        batch.drop_constraint("fk_checks_program_id", type_="foreignkey")
        batch.drop_constraint("state", type_="check")
        batch.drop_constraint("refunded", type_="check")
        batch.create_foreign_key("fk_checks_program_id_card_id", "card", ["program_id", "card_id"], ["program_id", "id"])
        for name in (*added, "first_line_at", "attached_at", "billed_at", "ended_at"):
            batch.drop_column(name)
