"""`walletpass db`: the database's shape."""

import click

from walletpass.cli.setup import ready
from walletpass.migrations import schema


@click.group()
def db() -> None:
    """Create and upgrade the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to this version's shape. Safe to run again."""
    ready(migrated=False)
    schema.upgrade()
    click.echo(f"The database is at {schema.revision()}.")


@db.command()
def status() -> None:
    """Say where the database stands."""
    ready(migrated=False)
    click.echo(f"The database is at {schema.revision() or 'nothing'}, this version needs {schema.newest()}.")


@db.command()
@click.option("-m", "--message", required=True, help="What the new tables or columns are for.")
def revision(message: str) -> None:
    """Write a migration from the difference between models and database. For developers."""
    ready()
    schema.write_revision(message)
