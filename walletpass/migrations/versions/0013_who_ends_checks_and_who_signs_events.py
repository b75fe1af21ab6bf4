"""Why checks end, and who sends signed events"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0013"
down_revision: str | Sequence[str] | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("checks", recreate="never") as batch:
        batch.add_column(sa.Column("ended_by", sa.String(26), nullable=False, server_default=""))
        batch.add_column(sa.Column("reason", sa.String(200), nullable=False, server_default=""))
    op.create_table(
        "webhook_source",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("secret", sa.String(200), nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("revoked_at", Time(), nullable=True),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name="fk_webhook_source_program_id"),
        sa.PrimaryKeyConstraint("program_id", "id", name="pk_webhook_source"),
    )


def downgrade() -> None:
    op.drop_table("webhook_source")
    with op.batch_alter_table("checks", recreate="never") as batch:
        batch.drop_column("reason")
        batch.drop_column("ended_by")
