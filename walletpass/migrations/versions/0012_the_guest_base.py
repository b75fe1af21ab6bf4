"""The guest base: where consents were given and taken back, files of guests, numbers of old cards"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0012"
down_revision: str | Sequence[str] | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Proof of a consent is only added to, like entries.
GUARD_SQLITE = "CREATE TRIGGER consent_no_{name} BEFORE {name} ON consent BEGIN SELECT RAISE(ABORT, 'consents are only added to'); END"
GUARD_FUNCTION = """
CREATE FUNCTION consent_guard() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'consents are only added to'; END $$
"""
GUARD_POSTGRESQL = "CREATE TRIGGER consent_no_{name} BEFORE {name} ON consent FOR EACH ROW EXECUTE FUNCTION consent_guard()"
STAGES = "'receiving', 'received', 'checking', 'checked', 'running', 'done', 'failed'"


def upgrade() -> None:
    with op.batch_alter_table("consent", recreate="never") as batch:
        batch.add_column(sa.Column("channel", sa.String(16), nullable=False, server_default=""))
        batch.add_column(sa.Column("granted", sa.Boolean(), nullable=False, server_default=sa.true()))
    # Until now there was one door.
    op.execute("UPDATE consent SET channel = 'web'")
    op.create_index("ix_guest_channel", "guest", ["program_id", "channel_code", "id"])
    _jobs()
    op.create_table(
        "old_number",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("card_id", sa.String(26), nullable=False),
        sa.ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"], name="fk_old_number_program_id_card_id"),
        sa.PrimaryKeyConstraint("program_id", "number", name="pk_old_number"),
    )
    op.create_index("ix_old_number_card", "old_number", ["program_id", "card_id"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(GUARD_FUNCTION)
    for name in ("update", "delete"):
        op.execute((GUARD_SQLITE if sqlite else GUARD_POSTGRESQL).format(name=name))


def _jobs() -> None:
    op.create_table(
        "import_job",
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in (("filename", 120), ("stage", 10), ("reason", 200))),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("encoding", sa.String(12), nullable=False),
        sa.Column("delimiter", sa.String(1), nullable=False),
        sa.Column("header", sa.Boolean(), nullable=False),
        sa.Column("dates", sa.String(3), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("invite", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("total", "reached", "fresh", "known", "refused")),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(26), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("lease_until", Time(), nullable=True),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("done_at", Time(), nullable=True),
        sa.CheckConstraint(f"stage IN ({STAGES})", name=op.f("ck_import_job_stage")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name="fk_import_job_program_id"),
        sa.PrimaryKeyConstraint("program_id", "id", name="pk_import_job"),
    )
    op.create_index("ix_import_job_stage", "import_job", ["stage"])
    _of_a_job("import_piece", sa.Column("position", sa.Integer(), nullable=False), sa.Column("content", sa.LargeBinary(), nullable=False))
    _of_a_job(
        "import_refusal",
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
    )


def _of_a_job(name: str, key: sa.Column[int], *columns: sa.Column[str] | sa.Column[bytes]) -> None:
    op.create_table(
        name,
        sa.Column("program_id", sa.String(40), nullable=False),
        sa.Column("job_id", sa.String(26), nullable=False),
        key,
        *columns,
        sa.ForeignKeyConstraint(["program_id", "job_id"], ["import_job.program_id", "import_job.id"], name=f"fk_{name}_program_id_job_id"),
        sa.PrimaryKeyConstraint("program_id", "job_id", key.name, name=f"pk_{name}"),
    )


def downgrade() -> None:
    for name in ("update", "delete"):
        op.execute(f"DROP TRIGGER consent_no_{name}" + ("" if op.get_bind().dialect.name == "sqlite" else " ON consent"))
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION consent_guard()")
    for table in ("import_refusal", "import_piece", "import_job", "old_number"):
        op.drop_table(table)
    op.drop_index("ix_guest_channel", "guest")
    for name in ("channel", "granted"):
        op.execute(f"ALTER TABLE consent DROP COLUMN {name}")
