"""`walletpass programs`: opening a restaurant."""

import math
from typing import Any

import click
from sqlalchemy import or_
from sqlmodel import Session, col, select

from walletpass import programs as room
from walletpass.cards import Card, get, load_design, touch
from walletpass.cli.api_keys import api_key, api_key_revoke, api_keys
from walletpass.cli.rules import given, tiers
from walletpass.cli.rules import rules as list_rules
from walletpass.cli.setup import ready
from walletpass.database import reading, transaction
from walletpass.errors import Conflict, Malformed
from walletpass.programs import Program

# What of a program is drawn on its cards.
ON_CARDS = {"website", "phone", "email", "terms", "currency"}


@click.group()
def programs() -> None:
    """Restaurants: their rules, venues, invitations and API keys."""


programs.add_command(list_rules)
programs.add_command(tiers)


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
@click.option(
    "--yes-cards-stay-behind", is_flag=True, help="Change the issuer although cards are in Google Wallet: those never change again"
)
def google(id: str, issuer: str | None, rotating_codes: bool | None, names: bool | None, yes_cards_stay_behind: bool) -> None:
    """What a restaurant does with Google Wallet. Cards that are there already are sent anew."""
    ready()
    wanted = {"google_issuer_id": issuer, "rotating_codes": rotating_codes, "google_names": names}
    with transaction() as session:
        program = room.get(session, id)
        if issuer is not None and issuer != program.google_issuer_id and not yes_cards_stay_behind:
            _must_leave_nothing(session, program)
        changed = room.change_google(session, program, **{name: value for name, value in wanted.items() if value is not None})
    sent = _send_anew(id, "google") if changed and program.google_issuer_id else 0
    click.echo(
        f"{program.name}: issuer {program.google_issuer_id or 'none'}, {_said('rotating codes', program.rotating_codes)}, ", nl=False
    )
    click.echo(f"{_said('names', program.google_names)}. {_counted(sent)} to Google.")


def _said(what: str, on: bool) -> str:
    return what if on else f"no {what}"


def _counted(cards: int) -> str:
    return f"{cards} card on its way" if cards == 1 else f"{cards} cards on their way"


def _must_leave_nothing(session: Session, program: Program) -> None:
    """Raises Conflict where an issuer that goes would take cards along."""
    there = len(_held(session, program.id, "google"))
    if program.google_issuer_id and there:
        raise Conflict(
            f"{there} {'card is' if there == 1 else 'cards are'} in Google Wallet under issuer {program.google_issuer_id}. The issuer is part of a "
            "card's name there and cannot be changed: on these phones the cards would stay as they are for ever, and their guests would have to "
            "save them anew. If that is what you want, say so with --yes-cards-stay-behind."
        )


def _held(session: Session, program_id: str, wallet: str = "") -> list[str]:
    """The ids of cards that are in this wallet, or in any. Coat tickets that are over are left where they are."""
    alive = or_(col(Card.kind) == "card", col(Card.state) == "active")
    cards = session.exec(select(Card).where(col(Card.program_id) == program_id, alive)).all()
    return [card.id for card in cards if (wallet in card.wallets if wallet else card.wallets)]


def _send_anew(program_id: str, wallet: str = "") -> int:
    with reading() as session:
        ids = _held(session, program_id, wallet)
    for card_id in ids:
        with transaction() as session:
            touch(session, get(session, program_id, card_id), bulk=True)
    return len(ids)


@programs.command("set")
@click.argument("id")
@click.option("--website", default=None)
@click.option("--phone", default=None)
@click.option("--email", default=None)
@click.option("--terms", default=None, help="What the back of the card says of the rules")
@click.option("--booking-page", default=None, help="Where guests book; {name}, {phone}, {party} and {notes} in it are filled in")
@click.option("--currency", default=None, help="Three capital letters; the books keep the numbers that they have")
@click.option("--points-per-unit", type=float, default=None, help="Points for 1.00, two decimals at most")
@click.option("--cap", "cap_percent", type=int, default=None, help="The most percent of a check that points may pay")
@click.option("--minimum-points", type=int, default=None, help="Fewer are not taken at once")
@click.option("--minimum-money", type=int, default=None, help="What must stay for money, in cents")
@click.option("--rule", "rules", multiple=True, metavar="NAME=VALUE", help="Any rule that `programs rules` lists, as it is written there")
def set_(id: str, points_per_unit: float | None, rules: tuple[str, ...], **wanted: Any) -> None:
    """Change what cards say of a restaurant, and its rules of points. An empty word takes a value off."""
    ready()
    values = {name: value for name, value in wanted.items() if value is not None}
    if points_per_unit is not None:
        values["earn_bps"] = _bps(points_per_unit)
    with transaction() as session:
        program = room.lock(session, id)
        new = room.change(session, program, **values, **given(rules, values.get("currency", program.currency)))
    sent = _send_anew(id) if new & ON_CARDS else 0
    click.echo(f"{program.name}: {', '.join(sorted(new)) or 'nothing'} changed. {_counted(sent)}.")


@programs.command()
@click.argument("id")
@click.option("--venue", "which", default="", help="The name of the one to change, where there are several")
@click.option("--name", default=None)
@click.option("--address", default=None)
@click.option("--latitude", type=float, default=None)
@click.option("--longitude", type=float, default=None)
def venue(id: str, which: str, **wanted: Any) -> None:
    """Change a venue: its name, address and place. Cards show it, and come up on the lock screen there."""
    ready()
    with transaction() as session:
        program = room.get(session, id)
        found = [place for place in room.venues(session, id) if which in ("", place.name)]
        if len(found) != 1:
            names = ", ".join(place.name for place in room.venues(session, id))
            raise Malformed(f"Say which venue of {program.name} with --venue. There are: {names or 'none'}.")
        new = room.change_venue(session, found[0], **{name: value for name, value in wanted.items() if value is not None})
    sent = _send_anew(id) if new else 0
    click.echo(f"{found[0].name}: {', '.join(sorted(new)) or 'nothing'} changed. {_counted(sent)}.")


def _bps(points: float) -> int:
    """Points x 10,000 for a cent, from points for 1.00."""
    if not math.isfinite(points) or abs(points * 100 - round(points * 100)) > 1e-6:
        raise Malformed(f"A rate has two decimals at most, not {points}.")
    return round(points * 100)


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


for command in (api_key, api_keys, api_key_revoke):
    programs.add_command(command)
