"""`walletpass ledger`: proof that the points add up."""

import sys

import click

from walletpass import ledger as room
from walletpass import programs
from walletpass.cli.setup import ready
from walletpass.database import reading


@click.group()
def ledger() -> None:
    """The ledger of points."""


@ledger.command()
@click.argument("program_id", required=False)
def verify(program_id: str | None) -> None:
    """Rebuild every balance from its entries and check the hash chains. Exit code 1 when one does not agree."""
    ready()
    faults = 0
    with reading() as session:
        chosen = [programs.get(session, program_id)] if program_id else programs.every(session)
        for program in chosen:
            for sentence in room.verify(session, program.id):
                faults += 1
                click.secho(sentence, fg="red")
    click.echo(f"{len(chosen)} programs verified, {faults} faults.")
    sys.exit(1 if faults else 0)
