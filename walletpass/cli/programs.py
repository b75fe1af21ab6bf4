"""`walletpass programs`: opening a restaurant."""

from typing import Any

import click

from walletpass import programs as room
from walletpass import staff
from walletpass.cards import load_design
from walletpass.cli.setup import ready
from walletpass.database import reading, transaction
from walletpass.errors import Malformed


@click.group()
def programs() -> None:
    """Restaurants: their rules, venues, invitations and API keys."""


@programs.command()
@click.argument("id")
@click.option("--name", required=True)
@click.option("--pass-type", "pass_type_identifier", required=True, help="Apple's pass type identifier, pass.com.example.card")
@click.option("--team", "team_identifier", required=True, help="Apple's team identifier, ten characters")
@click.option("--google-issuer", "google_issuer_id", default="", help="Google's issuer id; without it, no Google cards")
@click.option("--design", default="bistro", show_default=True)
@click.option("--palette", default="luna", show_default=True)
@click.option("--currency", default="EUR", show_default=True)
@click.option("--country", default="DE", show_default=True, help="How phone numbers without +.. are read")
@click.option("--timezone", default="Europe/Berlin", show_default=True)
@click.option("--venue", default="", help="The first venue's name; the program's own when left out")
@click.option("--channel", default="", help="The first invitation's code; <id>-table when left out")
def add(id: str, venue: str, channel: str, **rules: Any) -> None:
    """Open a restaurant, with its first venue and invitation."""
    settings = ready()
    _must_exist(rules["design"], rules["palette"])
    with transaction() as session:
        program = room.create(session, id=id, **rules)
        place = room.add_venue(session, program, venue or program.name)
        invitation = room.add_channel(session, program, channel or f"{id}-table", "Table", place.id)
    click.echo(f"{program.name} is open. Guests join at {settings.base_url}/j/{invitation.code}")


@programs.command()
@click.argument("id")
@click.option("--design", required=True)
@click.option("--palette", required=True)
def dress(id: str, design: str, palette: str) -> None:
    """Give a restaurant's cards another design. `designs publish` then sends it to the phones."""
    ready()
    _must_exist(design, palette)
    with transaction() as session:
        program = room.get(session, id)
        program.design, program.palette = design, palette
        session.add(program)
    click.echo(f"{program.name} wears {design}/{palette}. Send it to the phones: walletpass designs publish {design}")


def _must_exist(design: str, palette: str) -> None:
    """A typing mistake here would keep every restaurant from opening."""
    palettes = load_design(design).palettes
    if palette not in palettes:
        raise Malformed(f"Design {design} has no palette {palette!r}, but {', '.join(sorted(palettes))}.")


@programs.command("list")
def show() -> None:
    """Every restaurant with its invitation."""
    settings = ready()
    with reading() as session:
        for program in room.every(session):
            channel = room.first_channel(session, program.id)
            click.echo(f"{program.id:20} {program.name:30} {settings.base_url}/j/{channel.code if channel else '-'}")


@programs.command("api-key")
@click.argument("program_id")
@click.option("--label", default="integration", show_default=True)
def api_key(program_id: str, label: str) -> None:
    """Make an API key. It is shown once."""
    ready()
    with transaction() as session:
        room.get(session, program_id)
        key = staff.make_api_key(session, program_id, label)
    click.echo(key)
