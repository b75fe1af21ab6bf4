"""`walletpass ledger`: proof that the points add up."""

import sys
from datetime import datetime

import click

from walletpass import cards, programs
from walletpass import ledger as room
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


@ledger.command()
@click.argument("program_id")
def late(program_id: str) -> None:
    """What tills brought too late to be booked silently. A manager decides on the till's page /t/PROGRAM/late."""
    settings = ready()
    with reading() as session:
        programs.get(session, program_id)
        waiting = room.late_deeds(session, program_id)
        for deed in waiting:
            said = f"{deed.body['points']} points of " if deed.route == "redeem" else ""
            earned = "  the check has earned meanwhile" if room.earned_before(session, deed, deed.body["bill"]["check_id"]) else ""
            click.echo(
                f"{deed.id}  {deed.event_at:%Y-%m-%d %H:%M}  {deed.route:7} {said}{deed.body['amount']}  card {deed.body['card']}{earned}"
            )
    click.echo(f"{len(waiting)} wait. Book or refuse them at {settings.base_url}/t/{program_id}/late")


@ledger.command()
@click.argument("program_id")
@click.argument("card")
def statement(program_id: str, card: str) -> None:
    """A card's account lot by lot: what filled it, what took from it, what is left. CARD is its number, code or id."""
    ready()
    with reading() as session:
        found = cards.find(session, program_id, card)
        told = room.statement(session, program_id, found.id)
        click.echo(f"Card {found.number}: {told.balance.points} points, {told.balance.pending} pending, ", nl=False)
        click.echo(f"{told.balance.held} held, {told.balance.debt} owed.")
        for one in told.lots:
            click.echo(_lot(one))
            for entry, points in one.moves:
                click.echo(f"    {_day(entry.event_at)}  {entry.type:<16} {points:>+10}  {entry.check_id}")
            if one.settled:
                click.echo(f"    {'':10}  {'paid a debt':<16} {-one.settled:>+10}")
        click.echo(f"{len(told.entries)} entries, which sum to {sum(entry.delta for entry in told.entries)}.")


def _lot(one: room.LotStatement) -> str:
    end = f"until {_day(one.lot.expires_at)}" if one.lot.expires_at else "without end"
    waits = f", waits until {_day(one.lot.active_from)}" if one.lot.state == "pending" else ""
    origin = f"{one.opened_by.type} {one.opened_by.check_id}".strip()
    return f"Lot {one.lot.seq}: {one.lot.amount} from {origin} on {_day(one.opened_by.event_at)}, {end}{waits}; {one.lot.remaining} left"


def _day(moment: datetime) -> str:
    return "a deed" if moment >= room.ON_ACTION else f"{moment:%Y-%m-%d}"
