"""`walletpass staff`: people and tills."""

import click

from walletpass import programs
from walletpass import staff as room
from walletpass.cli.setup import ready
from walletpass.database import reading, transaction
from walletpass.staff.team import ROLES


@click.group()
def staff() -> None:
    """People, their PINs, and the browsers that are tills."""


@staff.command()
@click.argument("program_id")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(ROLES), default="cashier", show_default=True)
@click.option("--pin", prompt=True, hide_input=True, confirmation_prompt=True, help="4 to 6 digits")
def add(program_id: str, name: str, role: str, pin: str) -> None:
    """Add a person to the team."""
    ready()
    with transaction() as session:
        programs.get(session, program_id)
        person = room.hire(session, program_id, name=name, role=role, pin=pin)
    click.echo(f"{person.name} ({person.role}) is on the team: {person.id}")


@staff.command("list")
@click.argument("program_id")
def show(program_id: str) -> None:
    """Who works here."""
    ready()
    with reading() as session:
        programs.get(session, program_id)
        for person in room.team(session, program_id):
            click.echo(f"{person.id}  {person.role:8} {person.name}")


@staff.command()
@click.argument("program_id")
@click.argument("staff_id")
def dismiss(program_id: str, staff_id: str) -> None:
    """Take a person off the team; their sessions end at once."""
    ready()
    with transaction() as session:
        person = room.person(session, program_id, staff_id)
        room.dismiss(session, person)
    click.echo(f"{person.name} is off the team.")


@staff.command("till-link")
@click.argument("program_id")
def till_link(program_id: str) -> None:
    """Make a one-time link that turns a browser into a till."""
    settings = ready()
    with transaction() as session:
        programs.get(session, program_id)
        venues = programs.venues(session, program_id)
        token = room.make_enrol_link(session, program_id, venue_id=venues[0].id if len(venues) == 1 else "")
    click.echo(f"{settings.base_url}/t/{program_id}/enrol/{token}")
