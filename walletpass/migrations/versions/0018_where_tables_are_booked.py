"""Where tables are booked"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | Sequence[str] | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("program", recreate="never") as batch:
        batch.add_column(sa.Column("booking_page", sa.String(300), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("program", recreate="never") as batch:
        batch.drop_column("booking_page")
