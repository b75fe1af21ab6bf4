"""Alembic's entrance; called by `walletpass db`, with the engine that `database.bind` made."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

# Importing a room registers its tables.
import walletpass.apple
import walletpass.cards
import walletpass.checks
import walletpass.coatcheck
import walletpass.codes
import walletpass.delivery
import walletpass.events
import walletpass.google
import walletpass.guestbook
import walletpass.guests
import walletpass.hostess
import walletpass.identification
import walletpass.ledger
import walletpass.messages
import walletpass.programs
import walletpass.staff
import walletpass.surveys
import walletpass.webhooks  # noqa: F401
from walletpass import database
from walletpass.database import Time


def render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Column types in the words of a migration: plain strings, and our own time."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String({item.length})"
    if kind == "type" and isinstance(item, Time):
        return "Time()"
    return False


def run() -> None:
    with database.engine().connect() as connection, _tables_may_be_made_anew(connection):
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=True,
            compare_type=True,
            transactional_ddl=True,
            render_item=render,
        )
        with context.begin_transaction():
            context.run_migrations()
            _must_hang_together(connection)
        connection.commit()


@contextmanager
def _tables_may_be_made_anew(connection: Connection) -> Iterator[None]:
    """SQLite changes a column by making the table anew, and while it watches foreign keys it drops none that others point to
    (sqlite.org/lang_altertable.html, section 7). The switch works outside of transactions only."""
    if connection.dialect.name != "sqlite":
        yield
        return
    plain: Any = connection.connection.driver_connection
    plain.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()
        plain.execute("PRAGMA foreign_keys=ON")


def _must_hang_together(connection: Connection) -> None:
    """What nobody watched meanwhile, before it is committed."""
    if connection.dialect.name == "sqlite" and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
        raise RuntimeError(f"A row of {lost[0]} points to one of {lost[2]} that is not there. Nothing was changed.")


run()
