"""Checks that are refunded in parts"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# What is known of a check that was closed before: what earned, and today's rate.
KNOWN = """
    UPDATE earned_check SET
        earning = (SELECT base FROM entry
            WHERE entry.program_id = earned_check.program_id AND entry.card_id = earned_check.card_id AND entry.seq = earned_check.seq),
        rate_bps = (SELECT earn_bps FROM program WHERE program.id = earned_check.program_id)
"""

# Together the reversals of an entry take back no more than it was, whoever writes them.
MORE = """
    (SELECT coalesce(sum(abs(delta)), 0) FROM entry
        WHERE program_id = NEW.program_id AND card_id = NEW.card_id AND reverses = NEW.reverses) + abs(NEW.delta)
    > coalesce((SELECT abs(delta) FROM entry WHERE program_id = NEW.program_id AND card_id = NEW.card_id AND seq = NEW.reverses), -1)
"""
GUARD_SQLITE = f"""
CREATE TRIGGER entry_reverses BEFORE INSERT ON entry WHEN NEW.reverses IS NOT NULL AND {MORE}
BEGIN SELECT RAISE(ABORT, 'more is taken back than there was'); END
"""
GUARD_FUNCTION = f"""
CREATE FUNCTION entry_reverses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {MORE} THEN RAISE EXCEPTION 'more is taken back than there was' USING ERRCODE = 'check_violation'; END IF;
    RETURN NEW;
END $$
"""
GUARD_POSTGRESQL = """
CREATE TRIGGER entry_reverses BEFORE INSERT ON entry FOR EACH ROW WHEN (NEW.reverses IS NOT NULL) EXECUTE FUNCTION entry_reverses()
"""


def upgrade() -> None:
    for statement in (GUARD_SQLITE,) if op.get_bind().dialect.name == "sqlite" else (GUARD_FUNCTION, GUARD_POSTGRESQL):
        op.execute(statement)
    with op.batch_alter_table("entry", schema=None, recreate="never") as batch_op:
        batch_op.drop_index("uq_entry_reverses")
        batch_op.create_index("ix_entry_reverses", ["program_id", "card_id", "reverses"], unique=False)

    with op.batch_alter_table("earned_check", schema=None, recreate="never") as batch_op:
        for name, kind in (
            ("amount", sa.BigInteger()),
            ("earning", sa.BigInteger()),
            ("refunded", sa.BigInteger()),
            ("rate_bps", sa.Integer()),
        ):
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default="0"))
    op.execute(KNOWN)
    op.execute("UPDATE earned_check SET amount = earning")
    with op.batch_alter_table("earned_check", schema=None) as batch_op:
        batch_op.create_check_constraint("refunded", "0 <= refunded AND refunded <= amount")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER entry_reverses")
    else:
        op.execute("DROP TRIGGER entry_reverses ON entry")
        op.execute("DROP FUNCTION entry_reverses")
    with op.batch_alter_table("earned_check", schema=None) as batch_op:
        batch_op.drop_constraint("refunded", type_="check")
        for name in ("rate_bps", "refunded", "earning", "amount"):
            batch_op.drop_column(name)

    with op.batch_alter_table("entry", schema=None, recreate="never") as batch_op:
        batch_op.drop_index("ix_entry_reverses")
        batch_op.create_index("uq_entry_reverses", ["program_id", "card_id", "reverses"], unique=True)
