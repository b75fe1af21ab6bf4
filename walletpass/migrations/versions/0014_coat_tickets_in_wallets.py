"""Coat tickets in wallets: a kind of card that belongs to nobody, and its class at Google"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | Sequence[str] | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# What may hang on a ticket.
OF_TICKETS = ("device_delivery", "apple_registration", "google_object", "outbox")


def upgrade() -> None:
    with op.batch_alter_table("card") as batch:
        batch.add_column(sa.Column("kind", sa.String(10), nullable=False, server_default="card"))
        batch.alter_column("guest_id", existing_type=sa.String(26), nullable=True)
        batch.create_check_constraint("kind", "kind IN ('card', 'ticket')")
        batch.create_check_constraint("guest", "(kind = 'ticket') = (guest_id IS NULL)")
    with op.batch_alter_table("google_class") as batch:
        batch.add_column(sa.Column("kind", sa.String(10), nullable=False, server_default="card"))
        batch.drop_constraint("pk_google_class", type_="primary")
        batch.create_primary_key("pk_google_class", ["program_id", "kind"])


def downgrade() -> None:
    op.execute("DELETE FROM google_class WHERE kind = 'ticket'")
    with op.batch_alter_table("google_class") as batch:
        batch.drop_constraint("pk_google_class", type_="primary")
        batch.create_primary_key("pk_google_class", ["program_id"])
        batch.drop_column("kind")
    card = sa.table("card", *map(sa.column, ("program_id", "id", "kind")))
    for name in OF_TICKETS:
        its = sa.table(name, sa.column("program_id"), sa.column("card_id"))
        ticket = card.c.program_id == its.c.program_id, card.c.id == its.c.card_id, card.c.kind == "ticket"
        op.execute(its.delete().where(sa.exists().where(*ticket)))
    op.execute("DELETE FROM card WHERE kind = 'ticket'")
    with op.batch_alter_table("card") as batch:
        batch.drop_constraint("guest", type_="check")
        batch.drop_constraint("kind", type_="check")
        batch.alter_column("guest_id", existing_type=sa.String(26), nullable=False)
        batch.drop_column("kind")
