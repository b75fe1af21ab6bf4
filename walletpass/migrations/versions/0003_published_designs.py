"""Published designs"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "design_version",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("design", sa.String(40), nullable=False),
        sa.Column("palette", sa.String(40), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("reached", sa.String(26), nullable=True),
        sa.Column("published_at", Time(), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_design_version_program_id")),
        sa.PrimaryKeyConstraint("program_id", name=op.f("pk_design_version")),
    )


def downgrade() -> None:
    op.drop_table("design_version")
