"""`walletpass webhooks`: who is told what happens here."""

import click

from walletpass import programs
from walletpass import webhooks as room
from walletpass.cli.setup import ready
from walletpass.cli.webhook_sources import COMMANDS
from walletpass.database import reading, transaction


@click.group()
def webhooks() -> None:
    """Servers of others that are told what happens here."""


@webhooks.command("list")
@click.argument("program_id", default="")
def show(program_id: str) -> None:
    """Every webhook, of one restaurant or of all: whether it is told, and how far it is behind."""
    ready()
    with reading() as session:
        found = room.listed(session, program_id)
        if not found:
            click.echo(
                "Nobody is told anything yet. A manager adds a webhook at /t/<restaurant>/webhooks, an integration at /api/v1/webhooks."
            )
        for webhook in found:
            click.echo(f"{webhook.program_id:20} {webhook.id}  {webhook.state:7} {room.behind(session, webhook):6} to tell  {webhook.url}")
            if webhook.reason:
                click.secho(f"{'':20} {webhook.reason}", fg="yellow")


@webhooks.command()
@click.argument("program_id")
@click.argument("webhook_id", default="")
def resume(program_id: str, webhook_id: str) -> None:
    """Tell a paused webhook again what it has missed, or all of a restaurant's."""
    ready()
    with transaction() as session:
        programs.get(session, program_id)
        wanted = [webhook.id for webhook in room.listed(session, program_id) if webhook.state == "paused"]
        for one in [webhook_id] if webhook_id else wanted:
            room.resume(session, room.get(session, program_id, one))
    count = 1 if webhook_id else len(wanted)
    click.echo(f"{count} webhook is told again." if count == 1 else f"{count} webhooks are told again.")


for command in COMMANDS:
    webhooks.add_command(command)
