"""What happened, who is told of it, and what staff did"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0008"
down_revision: str | Sequence[str] | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_entry_event", "entry", ["program_id", "event_at"])
    _events()
    _webhooks()
    op.create_table(
        "tally",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("at", Time(), nullable=False),
        sa.Column("staff_id", sa.String(26), nullable=False),
        sa.Column("till_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name="fk_tally_program_id"),
        sa.PrimaryKeyConstraint("program_id", "at", "staff_id", "till_id", "kind", name="pk_tally"),
    )


def _events() -> None:
    op.create_table(
        "event",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("card_id", sa.String(26), nullable=False),
        sa.Column("check_id", sa.String(64), nullable=False),
        sa.Column("venue_id", sa.String(26), nullable=False),
        sa.Column("staff_id", sa.String(26), nullable=False),
        sa.Column("device_id", sa.String(26), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", Time(), nullable=False),
        sa.Column("recorded_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name="fk_event_program_id"),
        sa.PrimaryKeyConstraint("program_id", "number", name="pk_event"),
    )
    op.create_index("ix_event_id", "event", ["program_id", "id"])
    op.create_table(
        "event_count",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("forgotten", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name="fk_event_count_program_id"),
        sa.PrimaryKeyConstraint("program_id", name="pk_event_count"),
    )


def _webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("secret", sa.String(200), nullable=False),
        sa.Column("old_secret", sa.String(200), nullable=False),
        sa.Column("old_until", Time(), nullable=True),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", Time(), nullable=False),
        sa.Column("lease_until", Time(), nullable=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("made_by", sa.String(26), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("secret_at", Time(), nullable=False),
        sa.Column("delivered_at", Time(), nullable=True),
        sa.CheckConstraint("state IN ('active', 'paused', 'off')", name=op.f("ck_webhook_state")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name="fk_webhook_program_id"),
        sa.PrimaryKeyConstraint("program_id", "id", name="pk_webhook"),
    )
    _partial("ix_webhook_due", "webhook", ["due_at"], "state = 'active'")
    op.create_table(
        "webhook_delivery",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("webhook_id", sa.String(26), nullable=False),
        sa.Column("event_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("at", Time(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name=op.f("ck_webhook_delivery_state")),
        sa.ForeignKeyConstraint(
            ["program_id", "webhook_id"], ["webhook.program_id", "webhook.id"], name="fk_webhook_delivery_program_id_webhook_id"
        ),
        sa.PrimaryKeyConstraint("program_id", "id", name="pk_webhook_delivery"),
    )
    op.create_index("ix_webhook_delivery_webhook", "webhook_delivery", ["program_id", "webhook_id", "id"])
    _partial("ix_webhook_delivery_waiting", "webhook_delivery", ["program_id", "webhook_id"], "state = 'waiting'")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    for table in ("tally", "webhook_delivery", "webhook", "event_count", "event"):
        op.drop_table(table)
    op.drop_index("ix_entry_event", "entry")
