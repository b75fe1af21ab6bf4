"""What Google says and was told, codes that change, and changes in bulk"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0004"
down_revision: str | Sequence[str] | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "google_pace",
        sa.Column("account", sa.String(254), nullable=False),
        sa.Column("next_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_google_pace")),
    )
    op.create_table(
        "google_message",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("header", sa.String(60), nullable=False),
        sa.Column("body", sa.String(500), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("starts_at", Time(), nullable=False),
        sa.Column("ends_at", Time(), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("due_at", Time(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("done_at", Time(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'dead')", name=op.f("ck_google_message_state")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_google_message_program_id")),
        sa.PrimaryKeyConstraint("program_id", "id", name=op.f("pk_google_message")),
    )
    with op.batch_alter_table("google_message", schema=None) as batch_op:
        batch_op.create_index("ix_google_message_due", ["state", "due_at"], unique=False)

    op.create_table(
        "google_nonce",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("expires_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_google_nonce_program_id")),
        sa.PrimaryKeyConstraint("program_id", "nonce", name=op.f("pk_google_nonce")),
    )
    with op.batch_alter_table("google_nonce", schema=None) as batch_op:
        batch_op.create_index("ix_google_nonce_expires", ["expires_at"], unique=False)

    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rotation_key", sa.String(200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("rotation_step", sa.BigInteger(), nullable=False, server_default="0"))

    with op.batch_alter_table("google_object", schema=None) as batch_op:
        batch_op.add_column(sa.Column("saved_at", Time(), nullable=True))
        batch_op.add_column(sa.Column("removed_at", Time(), nullable=True))
        batch_op.add_column(sa.Column("event_ms", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("pushed_message", sa.String(64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("notified", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("messaged", sa.JSON(), nullable=False, server_default="[]"))

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bulk", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.drop_index(
            "ix_outbox_open",
            sqlite_where=sa.text("state IN ('pending', 'sending')"),
            postgresql_where=sa.text("state IN ('pending', 'sending')"),
        )
        batch_op.create_index(
            "ix_outbox_open",
            ["channel", "bulk", "due_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'sending')"),
            postgresql_where=sa.text("state IN ('pending', 'sending')"),
        )

    with op.batch_alter_table("program", schema=None) as batch_op:
        batch_op.add_column(sa.Column("google_names", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("rotating_codes", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("program", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("rotating_codes")
        batch_op.drop_column("google_names")

    with op.batch_alter_table("outbox", schema=None, recreate="never") as batch_op:
        batch_op.drop_index(
            "ix_outbox_open",
            sqlite_where=sa.text("state IN ('pending', 'sending')"),
            postgresql_where=sa.text("state IN ('pending', 'sending')"),
        )
        batch_op.create_index(
            "ix_outbox_open",
            ["channel", "due_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'sending')"),
            postgresql_where=sa.text("state IN ('pending', 'sending')"),
        )
        batch_op.drop_column("bulk")

    with op.batch_alter_table("google_object", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("messaged")
        batch_op.drop_column("notified")
        batch_op.drop_column("pushed_message")
        batch_op.drop_column("event_ms")
        batch_op.drop_column("removed_at")
        batch_op.drop_column("saved_at")

    with op.batch_alter_table("card", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("rotation_step")
        batch_op.drop_column("rotation_key")

    with op.batch_alter_table("google_nonce", schema=None) as batch_op:
        batch_op.drop_index("ix_google_nonce_expires")

    op.drop_table("google_nonce")
    with op.batch_alter_table("google_message", schema=None) as batch_op:
        batch_op.drop_index("ix_google_message_due")

    op.drop_table("google_message")
    op.drop_table("google_pace")
