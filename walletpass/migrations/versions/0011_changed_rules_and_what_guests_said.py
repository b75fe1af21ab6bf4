"""Changed rules, and what guests said of a visit"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0011"
down_revision: str | Sequence[str] | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Time]:
    return sa.Column(name, Time(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "rule_change", _text("program_id", 40), _text("id", 26), _text("name", 40),
        sa.Column("old", sa.JSON(), nullable=False), sa.Column("new", sa.JSON(), nullable=False), _text("staff_id", 26), _moment("at"),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name="fk_rule_change_program_id"),
        sa.PrimaryKeyConstraint("program_id", "id", name="pk_rule_change"),
    )  # fmt: skip
    op.create_table(
        "survey", _text("program_id", 40), _text("check_id", 64), _text("card_id", 26), _number("score"), _text("comment", 500),
        _number("points"), _moment("answered_at"),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name=op.f("ck_survey_score")),
        sa.ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"], name="fk_survey_program_id_card_id"),
        sa.PrimaryKeyConstraint("program_id", "check_id", name="pk_survey"),
    )  # fmt: skip
    op.create_index("ix_survey_answered", "survey", ["program_id", "answered_at"])
    op.create_index("ix_survey_card", "survey", ["program_id", "card_id"])
    op.create_table(
        "review", _text("program_id", 40), _text("id", 26), _text("card_id", 26), _text("site", 40), _text("url", 500),
        _text("address", 64), _number("points"), _moment("at"), _moment("recorded_at"), _moment("thanked_at", nullable=True),
        _text("thanked_by", 26),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name="fk_review_program_id"),
        sa.PrimaryKeyConstraint("program_id", "id", name="pk_review"),
    )  # fmt: skip
    op.create_index("uq_review_address", "review", ["program_id", "address"], unique=True)
    open_ = sa.text("thanked_at IS NULL")
    op.create_index("ix_review_unthanked", "review", ["program_id", "at"], sqlite_where=open_, postgresql_where=open_)
    op.create_index("ix_review_card", "review", ["program_id", "card_id"])


def downgrade() -> None:
    for table in ("review", "survey", "rule_change"):
        op.drop_table(table)
