"""Coats and hooks: cloakrooms, tickets, every step of a thing, and what devices did without a network"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from walletpass.database import Time

revision: str = "0015"
down_revision: str | Sequence[str] | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ROLES = "'cashier', 'manager', 'owner'"
STATES = "'hung', 'pulled', 'kept', 'returned', 'lost', 'disposed'"
STANDS = "state IN ('hung', 'pulled')"
HOWS = "'scan', 'code', 'number', 'hand', 'override', 'shift', 'replay', 'claim'"
EDGES = "'>hung', 'hung>hung', 'hung>pulled', 'pulled>hung', 'hung>returned', 'hung>kept', 'hung>lost', 'kept>returned', 'kept>disposed'"
TABLES = (
    "coat_step", "coat_photo", "dead_code", "coat_item", "coat_conflict", "offline_deed", "hook", "coat_ticket", "coat_shift", "cloakroom", "coat_price",
)  # fmt: skip

# A step is only added to; its reason may describe a guest's coat, and can be emptied when the guest is forgotten.
STEP = "program_id ticket_id number seq was became hook_label shift_id how approved_by staff_id till_id at recorded_at"
SAME = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in STEP.split())
GUARD_SQLITE = (
    f"CREATE TRIGGER coat_step_no_update BEFORE UPDATE ON coat_step WHEN NOT (NEW.reason = '' AND {SAME}) "
    "BEGIN SELECT RAISE(ABORT, 'steps are only added to'); END",
    "CREATE TRIGGER coat_step_no_delete BEFORE DELETE ON coat_step BEGIN SELECT RAISE(ABORT, 'steps are only added to'); END",
)
GUARD_POSTGRESQL = (
    """
    CREATE FUNCTION coat_step_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            OLD.reason := '';
            IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
        END IF;
        RAISE EXCEPTION 'steps are only added to';
    END $$
    """,
    "CREATE TRIGGER coat_step_no_update BEFORE UPDATE ON coat_step FOR EACH ROW EXECUTE FUNCTION coat_step_guard()",
    "CREATE TRIGGER coat_step_no_delete BEFORE DELETE ON coat_step FOR EACH ROW EXECUTE FUNCTION coat_step_guard()",
)


def upgrade() -> None:
    _roles(f"{ROLES}, 'coats'")
    with op.batch_alter_table("program", recreate="never") as batch:
        batch.add_column(sa.Column("coat_queue", sa.Integer(), nullable=False, server_default="8"))
        batch.add_column(sa.Column("coat_days", sa.Integer(), nullable=False, server_default="30"))
    _places()
    _tickets()
    _offline()
    _things()
    for statement in GUARD_SQLITE if op.get_bind().dialect.name == "sqlite" else GUARD_POSTGRESQL:
        op.execute(statement)


def _roles(allowed: str) -> None:
    with op.batch_alter_table("staff") as batch:
        batch.drop_constraint("role", type_="check")
        batch.create_check_constraint("role", f"role IN ({allowed})")


def _places() -> None:
    _table(
        "cloakroom", ("id",), _id("id"), _id("venue_id"), _text("name", 40), _number("position"), _bool("in_use"),
        refers={"venue": ("venue_id",)},
    )  # fmt: skip
    _table(
        "hook", ("id",), _id("id"), _id("cloakroom_id"), _text("zone", 3), _number("number"), _text("label", 8), _number("capacity"),
        _json("kinds"), _number("taken"), _bool("in_use"), refers={"cloakroom": ("cloakroom_id",)},
        checks={"capacity": "capacity BETWEEN 1 AND 50", "taken": "0 <= taken AND taken <= capacity"},
    )  # fmt: skip
    op.create_index("uq_hook_label", "hook", ["program_id", "cloakroom_id", "label"], unique=True)
    _table("coat_price", ("kind",), _text("kind", 10), _number("amount"), checks={"amount": "amount > 0"}, refers={})
    _table(
        "coat_shift", ("id",), _id("id"), _id("cloakroom_id"), _time("opened_at"), _id("opened_by"), _time("closed_at", True), _id("closed_by"),
        _number("carried"), _json("counts"), refers={"cloakroom": ("cloakroom_id",)},
    )  # fmt: skip
    _index("uq_coat_shift_open", "coat_shift", ["cloakroom_id"], "closed_at IS NULL", unique=True)
    _index("ix_coat_shift_opened", "coat_shift", ["cloakroom_id", "opened_at"])


def _tickets() -> None:
    _table(
        "coat_ticket", ("id",), _text("id", 64), _id("cloakroom_id"), _id("card_id", True), _text("code", 4), _text("description", 120),
        _text("state", 6), _bool("offline"), _time("opened_at"), _id("opened_by"), _id("till_id"), _id("shift_id"), _time("called_at", True),
        _time("closed_at", True), refers={"cloakroom": ("cloakroom_id",), "card": ("card_id",)},
        checks={"state": "state IN ('open', 'closed')"},
    )  # fmt: skip
    one_card, one_code = ("state = 'open' AND card_id IS NOT NULL AND NOT offline", "state = 'open' AND code <> '' AND NOT offline")
    _index("uq_coat_ticket_card", "coat_ticket", ["cloakroom_id", "card_id"], one_card, unique=True)
    _index("uq_coat_ticket_code", "coat_ticket", ["cloakroom_id", "code"], one_code, unique=True)
    _index("ix_coat_ticket_card", "coat_ticket", ["card_id", "opened_at"])
    _index("ix_coat_ticket_open", "coat_ticket", ["cloakroom_id", "code"], "state = 'open'")
    _index("ix_coat_ticket_code", "coat_ticket", ["cloakroom_id", "code", "closed_at"])


def _offline() -> None:
    _table(
        "offline_deed", ("key",), _text("key", 200), _text("kind", 10), _id("cloakroom_id"), _text("ticket_id", 64), _json("body"),
        _time("at"), _time("recorded_at"), _id("staff_id"), _id("till_id"), refers={"cloakroom": ("cloakroom_id",)},
        checks={"kind": "kind IN ('check_in', 'hand_back', 'keep', 'lose')"},
    )  # fmt: skip
    _index("ix_offline_deed_ticket", "offline_deed", ["ticket_id"])
    _table(
        "coat_conflict", ("key", "code", "number"), _text("key", 200), _text("code", 20), _number("number"), _id("cloakroom_id"),
        _text("ticket_id", 64), _time("listed_at"), _time("settled_at", True), _id("settled_by"), _text("settled_how", 200),
        refers={"offline_deed": ("key",)},
    )  # fmt: skip
    _index("ix_coat_conflict_open", "coat_conflict", ["cloakroom_id", "listed_at"], "settled_at IS NULL")
    _index("ix_coat_conflict_ticket", "coat_conflict", ["ticket_id"])


def _things() -> None:
    one_hook = f"(hook_id IS NULL OR claim_id IS NULL) AND ({STANDS} OR (hook_id IS NULL AND claim_id IS NULL))"
    _table(
        "coat_item", ("ticket_id", "number"), _text("ticket_id", 64), _number("number"), _id("cloakroom_id"), _text("kind", 10), _id("hook_id", True),
        _id("claim_id", True), _text("hook_label", 8), _text("state", 10), _number("price"), _text("description", 120), _text("deed", 200),
        _bool("confirmed"), _number("steps"), _time("hung_at"), _time("ended_at", True), _text("kept_where", 80), _time("told_at", True),
        refers={"coat_ticket": ("ticket_id",), "hook": ("hook_id",), "hook ": ("claim_id",)},
        checks={"state": f"state IN ({STATES})", "one_hook": one_hook},
    )  # fmt: skip
    _index("ix_coat_item_hook", "coat_item", ["hook_id"], "hook_id IS NOT NULL")
    _index("ix_coat_item_claim", "coat_item", ["claim_id"], "claim_id IS NOT NULL")
    _index("ix_coat_item_here", "coat_item", ["cloakroom_id"], "state IN ('hung', 'pulled', 'kept')")
    _table(
        "coat_step", ("ticket_id", "number", "seq"), _text("ticket_id", 64), _number("number"), _number("seq"), _text("was", 10),
        _text("became", 10), _text("hook_label", 8), _id("shift_id"), _text("how", 10), _text("reason", 400), _id("approved_by"),
        _id("staff_id"), _id("till_id"), _time("at"), _time("recorded_at"),
        refers={"coat_item": ("ticket_id", "number"), "coat_shift": ("shift_id",)},
        checks={"edge": f"was || '>' || became IN ({EDGES})", "how": f"how IN ({HOWS})", "override": "how <> 'override' OR approved_by <> ''"},
    )  # fmt: skip
    _index("ix_coat_step_shift", "coat_step", ["shift_id", "recorded_at"])
    _table(
        "coat_photo", ("ticket_id", "number"), _text("ticket_id", 64), _number("number"), sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        _time("taken_at"), refers={"coat_item": ("ticket_id", "number")},
    )  # fmt: skip
    _table(
        "dead_code", ("digest",), _text("digest", 64), _text("ticket_id", 64), _id("released_by"), _time("died_at"),
        refers={"coat_ticket": ("ticket_id",)},
    )  # fmt: skip


KEYS = {"coat_item": ("ticket_id", "number"), "offline_deed": ("key",)}


def _table(
    name: str, key: Sequence[str], *columns: sa.Column[Any], refers: dict[str, Sequence[str]], checks: dict[str, str] | None = None
) -> None:
    """With the program in front of every key. A table that is referred to twice stands there with a blank the second time."""
    foreign = [
        sa.ForeignKeyConstraint(
            ["program_id", *mine],
            [f"{other.strip()}.program_id", *(f"{other.strip()}.{column}" for column in KEYS.get(other.strip(), ("id",)))],
            name=f"fk_{name}_program_id_{'_'.join(mine)}",
        )
        for other, mine in refers.items()
    ] or [sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=f"fk_{name}_program_id")]
    op.create_table(
        name,
        sa.Column("program_id", sa.String(40), nullable=False),
        *columns,
        *(sa.CheckConstraint(condition, name=op.f(f"ck_{name}_{check}")) for check, condition in (checks or {}).items()),
        *foreign,
        sa.PrimaryKeyConstraint("program_id", *key, name=f"pk_{name}"),
    )


def _index(name: str, table: str, columns: Sequence[str], where: str = "", *, unique: bool = False) -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, ["program_id", *columns], unique=unique, sqlite_where=condition, postgresql_where=condition)


def _id(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(26), nullable=nullable)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _bool(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _time(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Time(), nullable=nullable)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION coat_step_guard()")
    with op.batch_alter_table("program", recreate="never") as batch:
        batch.drop_column("coat_days")
        batch.drop_column("coat_queue")
    # Whoever worked at the coats alone works no more: an older version would not know what they may do.
    op.execute("UPDATE staff SET role = 'cashier', active = false WHERE role = 'coats'")
    _roles(ROLES)
