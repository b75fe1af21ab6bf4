"""The first tables"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


# An entry is never edited, whoever tries.
GUARD_SQLITE = """
CREATE TRIGGER entry_no_{name} BEFORE {name} ON entry BEGIN SELECT RAISE(ABORT, 'entries are only added to'); END
"""
GUARD_FUNCTION = """
CREATE FUNCTION entry_guard() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'entries are only added to'; END $$
"""
GUARD_POSTGRESQL = """
CREATE TRIGGER entry_no_{name} BEFORE {name} ON entry FOR EACH ROW EXECUTE FUNCTION entry_guard()
"""


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("card_id", sa.String(26), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("due_at", Time(), nullable=False),
        sa.Column("lease_until", Time(), nullable=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("done_at", Time(), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'sending', 'delivered', 'superseded', 'dead')", name=op.f("ck_outbox_state")),
        sa.PrimaryKeyConstraint("program_id", "id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_card", ["program_id", "card_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_open",
            ["channel", "due_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'sending')"),
            postgresql_where=sa.text("state IN ('pending', 'sending')"),
        )
        batch_op.create_index(
            "uq_outbox_pending",
            ["program_id", "card_id", "channel"],
            unique=True,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )

    op.create_table(
        "program",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("design", sa.String(40), nullable=False),
        sa.Column("palette", sa.String(40), nullable=False),
        sa.Column("earn_bps", sa.Integer(), nullable=False),
        sa.Column("point_value", sa.Integer(), nullable=False),
        sa.Column("cap_percent", sa.Integer(), nullable=False),
        sa.Column("minimum_points", sa.Integer(), nullable=False),
        sa.Column("minimum_money", sa.Integer(), nullable=False),
        sa.Column("debt_limit", sa.Integer(), nullable=False),
        sa.Column("max_amount", sa.Integer(), nullable=False),
        sa.Column("adjust_limit", sa.Integer(), nullable=False),
        sa.Column("undo_minutes", sa.Integer(), nullable=False),
        sa.Column("pass_type_identifier", sa.String(128), nullable=False),
        sa.Column("team_identifier", sa.String(10), nullable=False),
        sa.Column("google_issuer_id", sa.String(20), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("website", sa.String(200), nullable=False),
        sa.Column("terms", sa.String(4000), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.CheckConstraint("cap_percent BETWEEN 0 AND 100", name=op.f("ck_program_cap")),
        sa.CheckConstraint("earn_bps >= 0 AND point_value > 0", name=op.f("ck_program_rates")),
        sa.CheckConstraint("minimum_points >= 0 AND minimum_money >= 0 AND debt_limit >= 0", name=op.f("ck_program_minimums")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program")),
        sa.UniqueConstraint("pass_type_identifier", name=op.f("uq_program_pass_type_identifier")),
    )
    op.create_table(
        "api_key",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("revoked_at", Time(), nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_api_key_program_id")),
        sa.PrimaryKeyConstraint("program_id", "key_hash", name=op.f("pk_api_key")),
    )
    op.create_table(
        "apple_device",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("device_id", sa.String(64), nullable=False),
        sa.Column("push_token", sa.String(255), nullable=False),
        sa.Column("registered_at", Time(), nullable=False),
        sa.Column("updated_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_apple_device_program_id")),
        sa.PrimaryKeyConstraint("program_id", "device_id", name=op.f("pk_apple_device")),
    )
    with op.batch_alter_table("apple_device", schema=None) as batch_op:
        batch_op.create_index("ix_apple_device_push_token", ["program_id", "push_token"], unique=False)

    op.create_table(
        "channel",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("venue_id", sa.String(26), nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_channel_program_id")),
        sa.PrimaryKeyConstraint("program_id", "code", name=op.f("pk_channel")),
        sa.UniqueConstraint("code", name=op.f("uq_channel_code")),
    )
    op.create_table(
        "enrol_link",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("venue_id", sa.String(26), nullable=False),
        sa.Column("made_by", sa.String(26), nullable=False),
        sa.Column("expires_at", Time(), nullable=False),
        sa.Column("used_at", Time(), nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_enrol_link_program_id")),
        sa.PrimaryKeyConstraint("program_id", "token_hash", name=op.f("pk_enrol_link")),
    )
    op.create_table(
        "google_class",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("class_hash", sa.String(64), nullable=False),
        sa.Column("pushed_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_google_class_program_id")),
        sa.PrimaryKeyConstraint("program_id", name=op.f("pk_google_class")),
    )
    op.create_table(
        "guest",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("phone", sa.String(16), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("channel_code", sa.String(40), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_guest_program_id")),
        sa.PrimaryKeyConstraint("program_id", "id", name=op.f("pk_guest")),
    )
    with op.batch_alter_table("guest", schema=None) as batch_op:
        batch_op.create_index("ix_guest_phone", ["program_id", "phone"], unique=False)

    op.create_table(
        "idempotency_key",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_idempotency_key_program_id")),
        sa.PrimaryKeyConstraint("program_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "staff",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("pin_hash", sa.String(200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.CheckConstraint("role IN ('cashier', 'manager', 'owner')", name=op.f("ck_staff_role")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_staff_program_id")),
        sa.PrimaryKeyConstraint("program_id", "id", name=op.f("pk_staff")),
    )
    op.create_table(
        "till",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("venue_id", sa.String(26), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("enrolled_at", Time(), nullable=False),
        sa.Column("revoked_at", Time(), nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_till_program_id")),
        sa.PrimaryKeyConstraint("program_id", "id", name=op.f("pk_till")),
    )
    with op.batch_alter_table("till", schema=None) as batch_op:
        batch_op.create_index("uq_till_token_hash", ["program_id", "token_hash"], unique=True)

    op.create_table(
        "update_tag",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_update_tag_program_id")),
        sa.PrimaryKeyConstraint("program_id", name=op.f("pk_update_tag")),
    )
    op.create_table(
        "venue",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_venue_program_id")),
        sa.PrimaryKeyConstraint("program_id", "id", name=op.f("pk_venue")),
    )
    op.create_table(
        "card",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("guest_id", sa.String(26), nullable=False),
        sa.Column("serial_number", sa.String(32), nullable=False),
        sa.Column("number", sa.String(12), nullable=False),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("key_id", sa.String(1), nullable=False),
        sa.Column("link", sa.String(22), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Integer(), nullable=False),
        sa.Column("changed_at", Time(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("wallets", sa.JSON(), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'voided')", name=op.f("ck_card_state")),
        sa.ForeignKeyConstraint(["program_id", "guest_id"], ["guest.program_id", "guest.id"], name=op.f("fk_card_program_id_guest_id")),
        sa.PrimaryKeyConstraint("program_id", "id", name=op.f("pk_card")),
    )
    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.create_index("ix_card_guest", ["program_id", "guest_id"], unique=False)
        batch_op.create_index("uq_card_link", ["program_id", "link"], unique=True)
        batch_op.create_index("uq_card_number", ["program_id", "number"], unique=True)
        batch_op.create_index("uq_card_serial_number", ["program_id", "serial_number"], unique=True)
        batch_op.create_index("uq_card_token", ["program_id", "token"], unique=True)

    op.create_table(
        "consent",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("guest_id", sa.String(26), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("given_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(["program_id", "guest_id"], ["guest.program_id", "guest.id"], name=op.f("fk_consent_program_id_guest_id")),
        sa.PrimaryKeyConstraint("program_id", "id", name=op.f("pk_consent")),
    )
    op.create_table(
        "pin_tries",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("till_id", sa.String(26), nullable=False),
        sa.Column("staff_id", sa.String(26), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("locked_until", Time(), nullable=True),
        sa.ForeignKeyConstraint(["program_id", "till_id"], ["till.program_id", "till.id"], name=op.f("fk_pin_tries_program_id_till_id")),
        sa.PrimaryKeyConstraint("program_id", "till_id", "staff_id", name=op.f("pk_pin_tries")),
    )
    op.create_table(
        "staff_session",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("staff_id", sa.String(26), nullable=False),
        sa.Column("till_id", sa.String(26), nullable=False),
        sa.Column("started_at", Time(), nullable=False),
        sa.Column("seen_at", Time(), nullable=False),
        sa.Column("ended_at", Time(), nullable=True),
        sa.ForeignKeyConstraint(
            ["program_id", "staff_id"], ["staff.program_id", "staff.id"], name=op.f("fk_staff_session_program_id_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "till_id"], ["till.program_id", "till.id"], name=op.f("fk_staff_session_program_id_till_id")
        ),
        sa.PrimaryKeyConstraint("program_id", "token_hash", name=op.f("pk_staff_session")),
    )
    op.create_table(
        "account",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("card_id", sa.String(26), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("debt", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.CheckConstraint("debt = 0 OR available = 0", name=op.f("ck_account_debt_is_paid_first")),
        sa.CheckConstraint("pending >= 0 AND available >= 0 AND held >= 0 AND debt >= 0", name=op.f("ck_account_not_negative")),
        sa.ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"], name=op.f("fk_account_program_id_card_id")),
        sa.PrimaryKeyConstraint("program_id", "card_id", name=op.f("pk_account")),
    )
    op.create_table(
        "apple_registration",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("device_id", sa.String(64), nullable=False),
        sa.Column("card_id", sa.String(26), nullable=False),
        sa.Column("registered_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id", "card_id"], ["card.program_id", "card.id"], name=op.f("fk_apple_registration_program_id_card_id")
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "device_id"],
            ["apple_device.program_id", "apple_device.device_id"],
            name=op.f("fk_apple_registration_program_id_device_id"),
        ),
        sa.PrimaryKeyConstraint("program_id", "device_id", "card_id", name=op.f("pk_apple_registration")),
    )
    with op.batch_alter_table("apple_registration", schema=None) as batch_op:
        batch_op.create_index("ix_apple_registration_card", ["program_id", "card_id"], unique=False)

    op.create_table(
        "checks",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("card_id", sa.String(26), nullable=False),
        sa.Column("venue_id", sa.String(26), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", Time(), nullable=False),
        sa.Column("taken_back_at", Time(), nullable=True),
        sa.ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"], name=op.f("fk_checks_program_id_card_id")),
        sa.PrimaryKeyConstraint("program_id", "id", name=op.f("pk_checks")),
    )
    with op.batch_alter_table("checks", schema=None) as batch_op:
        batch_op.create_index("ix_check_card", ["program_id", "card_id", "closed_at"], unique=False)

    op.create_table(
        "google_object",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("card_id", sa.String(26), nullable=False),
        sa.Column("asked_at", Time(), nullable=True),
        sa.Column("saved", sa.Boolean(), nullable=False),
        sa.Column("pushed_hash", sa.String(64), nullable=False),
        sa.Column("pushed_points", sa.Integer(), nullable=False),
        sa.Column("pushed_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id", "card_id"], ["card.program_id", "card.id"], name=op.f("fk_google_object_program_id_card_id")
        ),
        sa.PrimaryKeyConstraint("program_id", "card_id", name=op.f("pk_google_object")),
    )
    op.create_table(
        "entry",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("card_id", sa.String(26), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("contra", sa.String(12), nullable=False),
        sa.Column("check_id", sa.String(64), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("reverses", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("venue_id", sa.String(26), nullable=False),
        sa.Column("staff_id", sa.String(26), nullable=False),
        sa.Column("device_id", sa.String(26), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("event_at", Time(), nullable=False),
        sa.Column("recorded_at", Time(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.CheckConstraint("contra IN ('issued', 'redeemed', 'expired', 'adjustment', 'guest')", name=op.f("ck_entry_contra")),
        sa.CheckConstraint(
            "type IN ('earn', 'promo_earn', 'activate', 'hold', 'hold_release', 'redeem', 'redeem_reversal', 'earn_reversal', 'expire', 'adjust', 'merge', 'writeoff', 'gift')",
            name=op.f("ck_entry_type"),
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "card_id"], ["account.program_id", "account.card_id"], name=op.f("fk_entry_program_id_card_id")
        ),
        sa.PrimaryKeyConstraint("program_id", "card_id", "seq", name=op.f("pk_entry")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index("ix_entry_check", ["program_id", "check_id"], unique=False)
        batch_op.create_index("uq_entry_reverses", ["program_id", "card_id", "reverses"], unique=True)

    op.create_table(
        "hold",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("card_id", sa.String(26), nullable=False),
        sa.Column("entry_seq", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.String(64), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("expires_at", Time(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'captured', 'released', 'lapsed')", name=op.f("ck_hold_state")),
        sa.CheckConstraint("points > 0", name=op.f("ck_hold_points")),
        sa.ForeignKeyConstraint(
            ["program_id", "card_id"], ["account.program_id", "account.card_id"], name=op.f("fk_hold_program_id_card_id")
        ),
        sa.PrimaryKeyConstraint("program_id", "id", name=op.f("pk_hold")),
    )
    op.create_table(
        "earned_check",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("check_id", sa.String(64), nullable=False),
        sa.Column("card_id", sa.String(26), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program_id", "card_id", "seq"],
            ["entry.program_id", "entry.card_id", "entry.seq"],
            name=op.f("fk_earned_check_program_id_card_id_seq"),
        ),
        sa.PrimaryKeyConstraint("program_id", "check_id", name=op.f("pk_earned_check")),
    )
    op.create_table(
        "lot",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("card_id", sa.String(26), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("from_lot", sa.Integer(), nullable=True),
        sa.Column("active_from", Time(), nullable=False),
        sa.Column("expires_at", Time(), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'active')", name=op.f("ck_lot_state")),
        sa.CheckConstraint("0 <= held AND held <= remaining AND remaining <= amount", name=op.f("ck_lot_bounds")),
        sa.ForeignKeyConstraint(
            ["program_id", "card_id", "seq"], ["entry.program_id", "entry.card_id", "entry.seq"], name=op.f("fk_lot_program_id_card_id_seq")
        ),
        sa.PrimaryKeyConstraint("program_id", "card_id", "seq", name=op.f("pk_lot")),
    )
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.create_index(
            "ix_lot_open",
            ["program_id", "card_id"],
            unique=False,
            sqlite_where=sa.text("remaining > 0"),
            postgresql_where=sa.text("remaining > 0"),
        )

    op.create_table(
        "allocation",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("card_id", sa.String(26), nullable=False),
        sa.Column("entry_seq", sa.Integer(), nullable=False),
        sa.Column("lot_seq", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_allocation_amount")),
        sa.ForeignKeyConstraint(
            ["program_id", "card_id", "lot_seq"],
            ["lot.program_id", "lot.card_id", "lot.seq"],
            name=op.f("fk_allocation_program_id_card_id_lot_seq"),
        ),
        sa.PrimaryKeyConstraint("program_id", "card_id", "entry_seq", "lot_seq", name=op.f("pk_allocation")),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(GUARD_FUNCTION)
    for name in ("update", "delete"):
        op.execute((GUARD_POSTGRESQL if postgresql else GUARD_SQLITE).format(name=name))


def downgrade() -> None:
    op.drop_table("allocation")
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.drop_index("ix_lot_open", sqlite_where=sa.text("remaining > 0"), postgresql_where=sa.text("remaining > 0"))

    op.drop_table("lot")
    op.drop_table("earned_check")
    op.drop_table("hold")
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index("uq_entry_reverses")
        batch_op.drop_index("ix_entry_check")

    op.drop_table("entry")
    op.drop_table("google_object")
    with op.batch_alter_table("checks", schema=None) as batch_op:
        batch_op.drop_index("ix_check_card")

    op.drop_table("checks")
    with op.batch_alter_table("apple_registration", schema=None) as batch_op:
        batch_op.drop_index("ix_apple_registration_card")

    op.drop_table("apple_registration")
    op.drop_table("account")
    op.drop_table("staff_session")
    op.drop_table("pin_tries")
    op.drop_table("consent")
    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.drop_index("uq_card_token")
        batch_op.drop_index("uq_card_serial_number")
        batch_op.drop_index("uq_card_number")
        batch_op.drop_index("uq_card_link")
        batch_op.drop_index("ix_card_guest")

    op.drop_table("card")
    op.drop_table("venue")
    op.drop_table("update_tag")
    with op.batch_alter_table("till", schema=None) as batch_op:
        batch_op.drop_index("uq_till_token_hash")

    op.drop_table("till")
    op.drop_table("staff")
    op.drop_table("idempotency_key")
    with op.batch_alter_table("guest", schema=None) as batch_op:
        batch_op.drop_index("ix_guest_phone")

    op.drop_table("guest")
    op.drop_table("google_class")
    op.drop_table("enrol_link")
    op.drop_table("channel")
    with op.batch_alter_table("apple_device", schema=None) as batch_op:
        batch_op.drop_index("ix_apple_device_push_token")

    op.drop_table("apple_device")
    op.drop_table("api_key")
    op.drop_table("program")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("uq_outbox_pending", sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"))
        batch_op.drop_index(
            "ix_outbox_open",
            sqlite_where=sa.text("state IN ('pending', 'sending')"),
            postgresql_where=sa.text("state IN ('pending', 'sending')"),
        )
        batch_op.drop_index("ix_outbox_card")

    op.drop_table("outbox")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION entry_guard()")
