"""`walletpass coats`: cloakrooms, their hooks, and what it costs."""

import click
from sqlmodel import Session

from walletpass import coatcheck, programs
from walletpass.cli.setup import ready
from walletpass.coatcheck import Cloakroom, ItemKind
from walletpass.database import reading, transaction
from walletpass.errors import NotFound
from walletpass.programs import Program, Venue, money


@click.group()
def coats() -> None:
    """Cloakrooms and their hooks."""


@coats.command("rooms")
@click.argument("program_id")
def show(program_id: str) -> None:
    """The cloakrooms, their zones, and what hangs there now."""
    ready()
    with reading() as session:
        programs.get(session, program_id)
        for room in coatcheck.rooms.rooms(session, program_id):
            click.echo(f"{room.id}  {room.name}")
            _zones(session, room)


@coats.command("add-room")
@click.argument("program_id")
@click.argument("name")
@click.option("--venue", "venue_id", default="", help="The venue's id; may be left out where there is one.")
def add_room(program_id: str, name: str, venue_id: str) -> None:
    """Add a cloakroom; then give it hooks with add-zone."""
    ready()
    with transaction() as session:
        programs.get(session, program_id)
        room = coatcheck.rooms.add_room(session, _venue(session, program_id, venue_id), name)
    click.echo(f"{room.name} is there: {room.id}")


@coats.command("add-zone")
@click.argument("program_id")
@click.argument("room_id")
@click.argument("zone")
@click.argument("count", type=int)
@click.option("--capacity", default=1, show_default=True, help="How many things each hook takes.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in ItemKind]),
    help="What it takes; may be given several times.",
)
def add_zone(program_id: str, room_id: str, zone: str, count: int, capacity: int, kinds: tuple[str, ...]) -> None:
    """COUNT more hooks named ZONE: A1, A2 ... The first one is nearest to the counter."""
    ready()
    with transaction() as session:
        room = coatcheck.rooms.get(session, program_id, room_id)
        made = coatcheck.rooms.add_zone(session, room, zone, count, capacity=capacity, kinds=kinds)
    click.echo(f"{room.name} has {made[0].label} to {made[-1].label}.")


@coats.command("prices")
@click.argument("program_id")
@click.argument("changes", nargs=-1, metavar="[KIND=AMOUNT]...")
def prices(program_id: str, changes: tuple[str, ...]) -> None:
    """Show what it costs to leave things, or change it: coat=2.00 bag=0"""
    ready()
    with transaction() as session:
        program = programs.get(session, program_id)
        if changes:
            coatcheck.rooms.set_prices(session, program, dict(_price(one, program) for one in changes))
        costs = coatcheck.rooms.prices(session, program_id)
    for kind in ItemKind:
        said = f"{money.write(costs[kind], money.decimals(program.currency))} {program.currency}" if kind in costs else "free"
        click.echo(f"{kind:10} {said}")


def _zones(session: Session, room: Cloakroom) -> None:
    zones: dict[str, list[coatcheck.Hook]] = {}
    for hook in coatcheck.rooms.hooks(session, room):
        zones.setdefault(hook.zone, []).append(hook)
    for zone, hooks in zones.items():
        taken, capacity = sum(hook.taken for hook in hooks), sum(hook.capacity for hook in hooks)
        takes = ", ".join(hooks[0].kinds) or "anything"
        click.echo(f"    {zone}: {len(hooks)} hooks for {takes}, {taken} of {capacity} places taken")


def _venue(session: Session, program_id: str, venue_id: str) -> Venue:
    found = programs.venues(session, program_id)
    if not venue_id and len(found) == 1:
        return found[0]
    for venue in found:
        if venue.id == venue_id:
            return venue
    raise NotFound("Say which venue it is in, with --venue: " + ", ".join(f"{venue.id} ({venue.name})" for venue in found))


def _price(text: str, program: Program) -> tuple[str, int]:
    kind, _, written = text.partition("=")
    amount = money.read(written, money.decimals(program.currency))
    if kind not in set(ItemKind) or amount is None:
        raise click.BadParameter(f"{text!r} is no price like coat=2.00; kinds are {', '.join(ItemKind)}.")
    return kind, amount
