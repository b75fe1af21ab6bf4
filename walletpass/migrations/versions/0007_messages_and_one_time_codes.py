"""Messages to guests, and one-time codes"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0007"
down_revision: str | Sequence[str] | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPEN = sa.text("state IN ('pending', 'sending')")


def upgrade() -> None:
    _table(
        "message", _text("id", 26), _text("channel", 5), _text("kind", 20), _text("recipient", 254), _text("language", 8),
        _text("text", 12_000), _text("state", 8), sa.Column("attempts", sa.Integer(), nullable=False), _moment("due_at"),
        _moment("expires_at"), _moment("lease_until", nullable=True), _text("owner", 26), _text("reason", 300), _moment("created_at"),
        _moment("ended_at", nullable=True),
        sa.CheckConstraint("channel IN ('sms', 'email')", name=op.f("ck_message_channel")),
        sa.CheckConstraint("state IN ('pending', 'sending', 'sent', 'dead')", name=op.f("ck_message_state")),
        key=("id",),
    )  # fmt: skip
    op.create_index("ix_message_open", "message", ["channel", "expires_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_message_recipient", "message", ["program_id", "recipient"])
    op.create_index("ix_message_ended", "message", ["ended_at"])
    _table(
        "code", _text("purpose", 10), _text("subject", 80), _text("asker", 80), _text("digest", 64), _text("recipient", 64),
        _text("message_id", 26), sa.Column("tries", sa.Integer(), nullable=False), _moment("sent_at"), _moment("expires_at"),
        _moment("used_at", nullable=True),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_code_tries")),
        key=("purpose", "subject", "asker"),
    )  # fmt: skip
    op.create_index("ix_code_expires", "code", ["expires_at"])
    _table("code_allowance", _text("recipient", 64), sa.Column("sent", sa.JSON(), nullable=False), _moment("last_at"), key=("recipient",))
    op.create_index("ix_code_allowance_last", "code_allowance", ["last_at"])
    _table("codes_of_day", _text("day", 10), sa.Column("count", sa.Integer(), nullable=False), key=("day",))


def downgrade() -> None:
    for table in ("codes_of_day", "code_allowance", "code", "message"):
        op.drop_table(table)


def _table(name: str, *parts: sa.schema.SchemaItem, key: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("program_id", sa.String(40), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=f"fk_{name}_program_id"),
        sa.PrimaryKeyConstraint("program_id", *key, name=f"pk_{name}"),
    )


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Time]:
    return sa.Column(name, Time(), nullable=nullable)
