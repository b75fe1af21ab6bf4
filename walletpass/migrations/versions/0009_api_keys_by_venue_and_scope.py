"""Keys of other systems by venue and scope"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0009"
down_revision: str | Sequence[str] | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# What every key could do until now; whatever else is possible later, an old key is not given it silently.
UNTIL_NOW = '["read", "earn", "redeem", "refund"]'


def upgrade() -> None:
    with op.batch_alter_table("api_key", recreate="never") as batch:
        batch.add_column(sa.Column("venue_id", sa.String(26), nullable=False, server_default=""))
        batch.add_column(sa.Column("scopes", sa.JSON(), nullable=False, server_default=UNTIL_NOW))
        batch.add_column(sa.Column("made_by", sa.String(26), nullable=False, server_default=""))
        batch.add_column(sa.Column("last_used_at", Time(), nullable=True))
        batch.add_column(sa.Column("expires_at", Time(), nullable=True))


def downgrade() -> None:
    for name in ("venue_id", "scopes", "made_by", "last_used_at", "expires_at"):
        op.execute(f"ALTER TABLE api_key DROP COLUMN {name}")
