"""Which phone numbers nobody of the restaurant has heard from the guest"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | Sequence[str] | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("guest", recreate="never") as batch:
        batch.add_column(sa.Column("vouched", sa.Boolean(), nullable=False, server_default=sa.true()))
    # Who joined by the form on the web left a proof of consent with that channel.
    op.execute(
        "UPDATE guest SET vouched = false WHERE verified_at IS NULL AND EXISTS (SELECT 1 FROM consent WHERE consent.program_id = guest.program_id "
        "AND consent.guest_id = guest.id AND consent.channel = 'web')"
    )


def downgrade() -> None:
    with op.batch_alter_table("guest", recreate="never") as batch:
        batch.drop_column("vouched")
