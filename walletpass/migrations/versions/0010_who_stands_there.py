"""Tokens that guests carry, keys of apps and phones, and what proves a guest at the till"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0010"
down_revision: str | Sequence[str] | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("spent_word", "factor_tries", "card_code", "confirmation", "passkey", "app_key", "bound_token")
KINDS = "'nfc', 'ring', 'keyring', 'wristband', 'coin', 'stripe', 'other', 'app', 'match'"


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Time]:
    return sa.Column(name, Time(), nullable=nullable)


def _table(name: str, *parts: sa.schema.SchemaItem, key: tuple[str, ...], of: str = "card") -> None:
    mine, theirs = (["program_id"], ["program.id"]) if of == "program" else (["program_id", "card_id"], ["card.program_id", "card.id"])
    op.create_table(
        name,
        sa.Column("program_id", sa.String(40), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(mine, theirs, name=f"fk_{name}_{'_'.join(mine)}"),
        sa.PrimaryKeyConstraint("program_id", *key, name=f"pk_{name}"),
    )


def upgrade() -> None:
    _table(
        "bound_token", _text("id", 26), _text("token_hash", 64), _text("card_id", 26), _text("kind", 10), _text("label", 40),
        _moment("bound_at"), _text("bound_by", 26), _moment("unbound_at", nullable=True),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_bound_token_kind")),
        key=("id",),
    )  # fmt: skip
    standing = sa.text("unbound_at IS NULL")
    op.create_index(
        "uq_bound_token", "bound_token", ["program_id", "token_hash"], unique=True, sqlite_where=standing, postgresql_where=standing
    )
    op.create_index("ix_bound_token_card", "bound_token", ["program_id", "card_id"])
    _table(
        "app_key", _text("id", 26), _text("label", 80), _text("issuer", 200), _text("audience", 200), _text("algorithm", 8),
        _text("public_key", 2000), _moment("created_at"), _moment("revoked_at", nullable=True),
        sa.CheckConstraint("algorithm IN ('EdDSA', 'ES256', 'RS256')", name=op.f("ck_app_key_algorithm")),
        key=("id",), of="program",
    )  # fmt: skip
    op.create_index("ix_app_key_issuer", "app_key", ["program_id", "issuer"])
    _table(
        "passkey", _text("id", 26), _text("card_id", 26), _text("credential_hash", 64), _text("credential_id", 1400),
        _text("public_key", 2000), sa.Column("sign_count", sa.BigInteger(), nullable=False), _moment("created_at"),
        _moment("used_at", nullable=True), key=("id",),
    )  # fmt: skip
    op.create_index("uq_passkey_credential", "passkey", ["program_id", "credential_hash"], unique=True)
    op.create_index("ix_passkey_card", "passkey", ["program_id", "card_id"])
    _table(
        "confirmation",
        _text("card_id", 26),
        _text("id", 26),
        _text("way", 16),
        _text("taken_by", 64),
        _moment("expires_at"),
        key=("card_id",),
    )
    _table(
        "card_code",
        _text("card_id", 26),
        _text("id", 26),
        _text("code_hash", 64),
        _text("asked_by", 64),
        _moment("expires_at"),
        key=("card_id",),
    )
    op.create_index("ix_card_code_expires", "card_code", ["expires_at"])
    _table(
        "factor_tries", _text("card_id", 26), _text("tried_by", 64), _text("kind", 16), sa.Column("count", sa.Integer(), nullable=False),
        _moment("locked_until", nullable=True), key=("card_id", "tried_by", "kind"),
    )  # fmt: skip
    _table("spent_word", _text("word_hash", 64), _moment("until"), key=("word_hash",), of="program")
    op.create_index("ix_spent_word_until", "spent_word", ["until"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
