"""What phones were told and came for, what they complain of, and channels that are shut"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "apple_log",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("task", sa.String(12), nullable=False),
        sa.Column("message", sa.String(300), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", Time(), nullable=False),
        sa.Column("last_at", Time(), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "id", name=op.f("pk_apple_log")),
    )
    with op.batch_alter_table("apple_log", schema=None) as batch_op:
        batch_op.create_index("ix_apple_log_last_at", ["program_id", "last_at"], unique=False)

    op.create_table(
        "paused_channel",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("until", Time(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "channel", name=op.f("pk_paused_channel")),
    )
    op.create_table(
        "device_delivery",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("card_id", sa.String(26), nullable=False),
        sa.Column("device_id", sa.String(64), nullable=False),
        sa.Column("sent_version", sa.Integer(), nullable=False),
        sa.Column("sent_at", Time(), nullable=True),
        sa.Column("apns_id", sa.String(36), nullable=False),
        sa.Column("last_reason", sa.String(120), nullable=False),
        sa.Column("not_before", Time(), nullable=True),
        sa.Column("nudged_version", sa.Integer(), nullable=False),
        sa.Column("asked_at", Time(), nullable=True),
        sa.Column("fetched_version", sa.Integer(), nullable=False),
        sa.Column("fetched_points", sa.Integer(), nullable=True),
        sa.Column("fetched_at", Time(), nullable=True),
        sa.Column("left_at", Time(), nullable=True),
        sa.ForeignKeyConstraint(
            ["program_id", "card_id"], ["card.program_id", "card.id"], name=op.f("fk_device_delivery_program_id_card_id")
        ),
        sa.PrimaryKeyConstraint("program_id", "card_id", "device_id", name=op.f("pk_device_delivery")),
    )
    with op.batch_alter_table("device_delivery", schema=None) as batch_op:
        batch_op.create_index("ix_device_delivery_left", ["program_id", "left_at"], unique=False)
        batch_op.create_index("ix_device_delivery_sent", ["program_id", "sent_at"], unique=False)
        batch_op.create_index(
            "ix_device_delivery_silent",
            ["sent_at"],
            unique=False,
            sqlite_where=sa.text("fetched_version < sent_version AND nudged_version < sent_version"),
            postgresql_where=sa.text("fetched_version < sent_version AND nudged_version < sent_version"),
        )

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_dead",
            ["program_id", "done_at"],
            unique=False,
            sqlite_where=sa.text("state = 'dead'"),
            postgresql_where=sa.text("state = 'dead'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_dead", sqlite_where=sa.text("state = 'dead'"), postgresql_where=sa.text("state = 'dead'"))

    with op.batch_alter_table("device_delivery", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_device_delivery_silent",
            sqlite_where=sa.text("fetched_version < sent_version AND nudged_version < sent_version"),
            postgresql_where=sa.text("fetched_version < sent_version AND nudged_version < sent_version"),
        )
        batch_op.drop_index("ix_device_delivery_sent")
        batch_op.drop_index("ix_device_delivery_left")

    op.drop_table("device_delivery")
    op.drop_table("paused_channel")
    with op.batch_alter_table("apple_log", schema=None) as batch_op:
        batch_op.drop_index("ix_apple_log_last_at")

    op.drop_table("apple_log")
