"""The operator's commands, one file per group."""

import sys
from typing import NoReturn

import click
from sqlalchemy.exc import SQLAlchemyError

import walletpass
from walletpass.cli import cards, certs, db, demo, designs, doctor, google, keys, ledger, passes, programs, serve, staff, worker
from walletpass.errors import WalletpassError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(walletpass.__version__)
def cli() -> None:
    """walletpass: guest loyalty in Apple Wallet and Google Wallet."""


for group in (
    serve.serve,
    worker.worker,
    demo.demo,
    db.db,
    programs.programs,
    staff.staff,
    cards.cards,
    designs.designs,
    passes.passes,
    ledger.ledger,
    certs.certs,
    google.google,
    keys.keys,
    doctor.doctor,
):
    cli.add_command(group)


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
