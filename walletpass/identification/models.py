from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now

KINDS = ("nfc", "ring", "keyring", "wristband", "coin", "stripe", "other", "app", "match")


class BoundToken(Row, table=True):
    """Something that a guest carries and that opens their card: a sticker, a ring, a plastic card; the name by which an app or a
    face reader knows them (kinds ``app`` and ``match``). Of the token itself we keep an HMAC. One guest has it at a time.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name="kind"),
        Index(
            "uq_bound_token", "program_id", "token_hash", unique=True,
            sqlite_where=text("unbound_at IS NULL"), postgresql_where=text("unbound_at IS NULL"),
        ),
        Index("ix_bound_token_card", "program_id", "card_id"),
    )  # fmt: skip

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    token_hash: str = Field(max_length=64)
    card_id: str = Field(max_length=26)
    kind: str = Field(max_length=10)
    label: str = Field(default="", max_length=40)
    bound_at: datetime = Field(default_factory=now, sa_type=Time)
    bound_by: str = Field(default="", max_length=26)
    unbound_at: datetime | None = Field(default=None, sa_type=Time)


class AppKey(Row, table=True):
    """The public key of an app whose signed word we take for who its user is. ``algorithm`` is the only one that it may sign with."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint("algorithm IN ('EdDSA', 'ES256', 'RS256')", name="algorithm"),
        Index("ix_app_key_issuer", "program_id", "issuer"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    label: str = Field(max_length=80)
    issuer: str = Field(max_length=200)
    audience: str = Field(max_length=200)
    algorithm: str = Field(max_length=8)
    public_key: str = Field(max_length=2000)
    created_at: datetime = Field(default_factory=now, sa_type=Time)
    revoked_at: datetime | None = Field(default=None, sa_type=Time)


class Passkey(Row, table=True):
    """A key pair in the guest's phone, opened by their face or finger; of those we see nothing. Texts are base64url."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),
        Index("uq_passkey_credential", "program_id", "credential_hash", unique=True),
        Index("ix_passkey_card", "program_id", "card_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    card_id: str = Field(max_length=26)
    credential_hash: str = Field(max_length=64)
    credential_id: str = Field(max_length=1400)
    public_key: str = Field(max_length=2000)
    sign_count: int = Field(default=0, sa_type=BigInteger)
    created_at: datetime = Field(default_factory=now, sa_type=Time)
    used_at: datetime | None = Field(default=None, sa_type=Time)


class Confirmation(Row, table=True):
    """The guest said yes on their own phone a moment ago. The first till that takes it up has it for itself."""

    __table_args__ = (ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),)

    card_id: str = Field(primary_key=True, max_length=26)
    id: str = Field(default_factory=new_id, max_length=26)
    way: str = Field(max_length=16)
    taken_by: str = Field(default="", max_length=64)
    expires_at: datetime = Field(sa_type=Time)


class CardCode(Row, table=True):
    """Six digits that were put on the card for one till, and that the guest reads out to it."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),
        Index("ix_card_code_expires", "expires_at"),
    )

    card_id: str = Field(primary_key=True, max_length=26)
    id: str = Field(default_factory=new_id, max_length=26)
    code_hash: str = Field(max_length=64)
    asked_by: str = Field(max_length=64)
    expires_at: datetime = Field(sa_type=Time)


class FactorTries(Row, table=True):
    """Wrong PINs and codes, counted per card and whoever tries: nobody can shut a guest out from elsewhere."""

    __table_args__ = (ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),)

    card_id: str = Field(primary_key=True, max_length=26)
    tried_by: str = Field(primary_key=True, max_length=64)
    kind: str = Field(primary_key=True, max_length=16)
    count: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=Time)


class SpentWord(Row, table=True):
    """A word that is good once and was used: a proof, the challenge of a passkey, the name of an app's token."""

    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]), Index("ix_spent_word_until", "until"))

    word_hash: str = Field(primary_key=True, max_length=64)
    until: datetime = Field(sa_type=Time)
