"""Guests who turned out to be others"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | Sequence[str] | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MERGED = sa.text("merged_into <> ''")


def upgrade() -> None:
    op.create_index("ix_guest_merged", "guest", ["program_id", "merged_into"], sqlite_where=MERGED, postgresql_where=MERGED)


def downgrade() -> None:
    op.drop_index("ix_guest_merged", "guest")
