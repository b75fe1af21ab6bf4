"""The operator's commands, one file per group."""

import sys
from importlib import import_module
from typing import NoReturn

import click
from sqlalchemy.exc import SQLAlchemyError

import walletpass
from walletpass.errors import WalletpassError

GROUPS = (
    "apps", "cards", "certs", "checks", "coats", "db", "demo", "designs", "doctor", "google", "guests", "hostess", "keys", "ledger", "passes",
    "programs", "serve", "staff", "webhooks", "worker",
)  # fmt: skip


class Commands(click.Group):
    """Each in a file of its own name, which is read when somebody asks for it: most of a short command's time would go into the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in GROUPS:
            return None
        found: click.Command = getattr(import_module(f"walletpass.cli.{cmd_name}"), cmd_name)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(walletpass.__version__)
def cli() -> None:
    """walletpass: guest loyalty in Apple Wallet and Google Wallet."""


def main() -> None:
    """What goes wrong is one sentence on standard error, and exit code 1."""
    try:
        cli()
    except WalletpassError as error:
        _end(error.message)
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        _end(f"The database did not do this, and nothing was changed: {said}")


def _end(sentence: str) -> NoReturn:
    click.secho(sentence, err=True, fg="red")
    sys.exit(1)
