"""What a database would do for the statements of a deed, and which of them would go through a whole table."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, text
from sqlmodel import SQLModel

from walletpass import database

Said = tuple[str, Any]

# A few rows for a restaurant, whatever its size: going through them costs nothing.
SMALL = {
    "program",
    "venue",
    "channel",
    "tier",
    "staff",
    "till",
    "api_key",
    "update_tag",
    "event_count",
    "paused_channel",
    "webhook",
    "kept_table",
    "sentence_rule",
    "staff_session",
    "cloakroom",
    "coat_price",
}


@contextmanager
def listening() -> Iterator[list[Said]]:
    """Every statement that is sent to the database meanwhile, with its values."""
    said: list[Said] = []

    def hear(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        # A row that is put in looks for nothing. SQLite's plan names tables that refer to it, and reads them only where a reference is broken.
        if re.match(r"SELECT|UPDATE|DELETE|WITH|INSERT.*SELECT", statement, re.DOTALL):
            said.append((statement, values[0] if many else values))

    engines = {database.engine(), database.engine(reading=True)}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", hear)


def scans(said: list[Said], *, without: str = "") -> list[str]:
    """A line for each table that a statement goes through, or through all of a program's part; as if the index ``without`` were gone."""
    found = []
    with database.engine().connect() as connection:
        local = connection.dialect.name == "sqlite"
        big = [name for name in SQLModel.metadata.tables if name not in SMALL]
        if not local:
            # PostgreSQL would rather read an empty table than its index: it believes in a million rows on the page that there is.
            connection.execute(
                text("UPDATE pg_class SET reltuples = 1000000, relpages = 1 WHERE relkind = 'r' AND relname = ANY(:big)"), {"big": big}
            )
            # What it has counted in some other test's rows says nothing of a million.
            connection.execute(text("DELETE FROM pg_statistic USING pg_class WHERE oid = starelid AND relname = ANY(:big)"), {"big": big})
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        if without:
            connection.execute(text(f"DROP INDEX {without}"))
        for statement, values in said:
            for fault in _sqlite(connection, statement, values) if local else _postgresql(connection, statement, values):
                found.append(f"{fault}: {' '.join(statement.split())[:300]}")
        connection.rollback()
    return found


def _sqlite(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    for *_, detail in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
        plan = re.match(r"(SCAN|SEARCH) (\w+)(?!-ROW)", detail)
        # Sums that were made before are one row.
        if plan is None or _table(plan[2]) in SMALL or plan[2] == "CONSTANT" or plan[2].startswith("anon_"):
            continue
        if plan[1] == "SCAN" or re.search(r"\(program_id=\?\)", detail):
            yield detail


def _postgresql(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
    yield from _nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"], "")


def _nodes(node: dict[str, Any], of: str) -> Iterator[str]:
    """``of`` is the table that the nodes above read."""
    name, kind = node.get("Relation Name", of), node["Node Type"]
    if name not in SMALL:
        sought = node.get("Index Cond", "")
        one_key = sought.replace("(", "").startswith("program_id") and " AND " not in sought
        if kind == "Seq Scan" or ("Index" in kind and kind != "Bitmap Heap Scan" and (not sought or one_key)):
            yield f"{kind} {name} {sought}"
    for below in node.get("Plans", ()):
        yield from _nodes(below, name)


def _table(name: str) -> str:
    """An alias that SQLAlchemy made is the table's name and a number."""
    return re.sub(r"_\d+$", "", name)
