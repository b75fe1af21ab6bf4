"""`walletpass webhooks`: other systems that send us signed events."""

import click

from walletpass import programs, staff
from walletpass.cli.setup import ready
from walletpass.database import reading, transaction


@click.command("add-source")
@click.argument("program_id")
@click.option("--label", required=True, help="What it is: the point of sale in the hall")
def add_source(program_id: str, label: str) -> None:
    """Let another system send events. Its secret is shown once."""
    settings = ready()
    with transaction() as session:
        programs.get(session, program_id)
        source, secret = staff.add_source(session, program_id, label)
    click.echo(f"address  {settings.base_url}/api/v1/webhooks/checks (guests who come, calls, bookings: .../webhooks/signals)")
    click.echo(f"Walletpass-Source: {program_id}/{source.id}")
    click.echo(f"secret   {secret}")
    click.echo("The secret is not shown again. How to sign: /api/docs", err=True)


@click.command()
@click.argument("program_id")
def sources(program_id: str) -> None:
    """Who may send events."""
    ready()
    with reading() as session:
        programs.get(session, program_id)
        for source in staff.sources(session, program_id):
            click.echo(f"{source.id}  since {source.created_at:%Y-%m-%d}  {source.label}")


@click.command("revoke-source")
@click.argument("program_id")
@click.argument("source_id")
def revoke_source(program_id: str, source_id: str) -> None:
    """Refuse its events from now on."""
    ready()
    with transaction() as session:
        source = staff.revoke_source(session, program_id, source_id.rpartition("/")[2])
    click.echo(f"{source.label} is out.")


COMMANDS = (add_source, sources, revoke_source)
