"""`walletpass programs`: opening a restaurant."""

from typing import Any

import click
from sqlmodel import col, select

from walletpass import programs as room
from walletpass import staff
from walletpass.cards import Card, get, load_design, touch
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
@click.option(
    "--rotating-codes/--no-rotating-codes", default=False, show_default=True, help="Cards in Google Wallet show a code that changes"
)
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
@click.option("--issuer", default=None, help="Google's issuer id; an empty one: no Google cards")
@click.option(
    "--rotating-codes/--no-rotating-codes",
    default=None,
    help="Whether cards there show a code that changes every half minute: then no other code of theirs lets points be spent",
)
@click.option("--names/--no-names", default=None, help="Whether Google is told a guest's first name")
def google(id: str, issuer: str | None, rotating_codes: bool | None, names: bool | None) -> None:
    """What a restaurant does with Google Wallet. Cards that are there already are sent anew."""
    ready()
    wanted = {"google_issuer_id": issuer, "rotating_codes": rotating_codes, "google_names": names}
    with transaction() as session:
        program = room.get(session, id)
        changed = room.change_google(session, program, **{name: value for name, value in wanted.items() if value is not None})
    sent = _send_anew(id) if changed else 0
    click.echo(
        f"{program.name}: issuer {program.google_issuer_id or 'none'}, {_said('rotating codes', program.rotating_codes)}, ", nl=False
    )
    click.echo(f"{_said('names', program.google_names)}. {sent} cards on their way to Google.")


def _said(what: str, on: bool) -> str:
    return what if on else f"no {what}"


def _send_anew(program_id: str) -> int:
    with reading() as session:
        cards = session.exec(select(Card).where(col(Card.program_id) == program_id)).all()
    ids = [card.id for card in cards if "google" in card.wallets]
    for card_id in ids:
        with transaction() as session:
            touch(session, get(session, program_id, card_id), bulk=True)
    return len(ids)


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
