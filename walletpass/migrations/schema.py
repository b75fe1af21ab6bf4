"""Bringing a database to the shape that this version of the code expects."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from walletpass import database
from walletpass.errors import ConfigurationError


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    return made


def upgrade(to: str = "head") -> None:
    """Raises ConfigurationError for a database that a newer version has written."""
    _must_be_known(revision())
    command.upgrade(config(), to)


def revision() -> str | None:
    """Where the database stands; None before the first migration."""
    with database.engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    return ScriptDirectory.from_config(config()).get_current_head()


def write_revision(message: str) -> None:
    number = int(newest() or 0) + 1
    command.revision(config(), message=message, autogenerate=True, rev_id=f"{number:04d}")


def must_be_current() -> None:
    """Raises ConfigurationError, with the command that mends it."""
    stands, wanted = revision(), newest()
    _must_be_known(stands)
    if stands != wanted:
        raise ConfigurationError(
            f"The database is {f'at {stands}' if stands else 'empty'}, this version needs {wanted}. Run: walletpass db upgrade"
        )


def _must_be_known(stands: str | None) -> None:
    if stands is not None and stands not in {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}:
        raise ConfigurationError(f"The database is at {stands}: a newer walletpass has written it. Install that version again.")
