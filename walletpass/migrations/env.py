"""Alembic's entrance; called by `walletpass db`, with the engine that `database.bind` made."""

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

# Importing a room registers its tables.
import walletpass.apple
import walletpass.cards
import walletpass.checks
import walletpass.delivery
import walletpass.google
import walletpass.guests
import walletpass.ledger
import walletpass.programs
import walletpass.staff  # noqa: F401
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
    with database.engine().connect().execution_options(reading=False) as connection:
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
        connection.commit()


run()
