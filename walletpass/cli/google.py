"""`walletpass google`: is it set up well? And a word to everybody who holds the card."""

import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from walletpass import delivery, programs
from walletpass.cli.setup import ready
from walletpass.database import reading, transaction
from walletpass.google import announce as announce_in
from walletpass.google import announced
from walletpass.google import check as room
from walletpass.google.findings import Level

# The mark says without colours what is wrong and what is well.
LOOKS = {"fault": ("x", "red"), "hint": ("?", "yellow"), "sound": ("+", "green")}


@click.group()
def google() -> None:
    """Google Wallet."""


@google.command()
@click.argument("program_id", default="")
def check(program_id: str) -> None:
    """Find out why no card arrives in Google Wallet, for one restaurant or all. Exit code 1 when something must be mended."""
    ready()
    found = room.every(program_id)
    if not found:
        click.echo(
            "Nothing to check yet: no restaurant has an issuer id of Google's. Give it one: walletpass programs google ID --issuer 3388..."
        )
        return
    wrong = 0
    for program in found:
        click.secho(f"{program.name} ({program.id})", bold=True)
        for finding in room.check(program):
            _say(finding.level, finding.sentence)
            wrong += finding.level == "fault"
    if any(program.google_issuer_id for program in found):
        _say("hint", room.DEMO_MODE)
    click.echo("Everything that can be seen from here is sound." if not wrong else f"{wrong} to mend.")
    sys.exit(1 if wrong else 0)


def _say(level: Level, sentence: str) -> None:
    mark, colour = LOOKS[level]
    click.secho(f"{mark} {sentence}", fg=colour)


@google.command("send-class")
@click.argument("program_id")
def send_class(program_id: str) -> None:
    """Write what all cards of a restaurant share at Google anew, and ask for its review."""
    ready()
    with reading() as session:
        program = programs.get(session, program_id)
    room.send_class(program)
    click.echo(f"Google has the class of {program.name} as it is drawn now.")


@google.command()
@click.argument("program_id")
@click.argument("header")
@click.argument("body")
@click.option("--until", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Shown until then, by the restaurant's clock.")
@click.option("--silent", is_flag=True, help="Show it on the card, and make no phone ring.")
def announce(program_id: str, header: str, body: str, until: datetime | None, silent: bool) -> None:
    """Tell something to everybody who holds the card: one message, however many they are.

    Two a day make phones ring; those after them are only shown.
    """
    ready()
    with transaction() as session:
        program = programs.get(session, program_id)
        ends_at = until.replace(tzinfo=ZoneInfo(program.timezone)) if until else None
        letter = announce_in(session, program_id, header, body, ends_at=ends_at, notify=not silent)
    click.echo(f"{letter.id} is on its way. walletpass google messages {program_id} says what became of it.")


@google.command()
@click.argument("program_id")
def messages(program_id: str) -> None:
    """What was announced, newest first."""
    ready()
    with reading() as session:
        zone = ZoneInfo(programs.get(session, program_id).timezone)
        for sentence in delivery.warnings(session, program_id, "google"):
            click.secho(sentence, fg="yellow")
        letters = announced(session, program_id)
        if not letters:
            click.echo(f'Nothing was announced yet. Begin with: walletpass google announce {program_id} "Truffle week" "From Monday on."')
        for letter in letters:
            moment = (letter.done_at or letter.due_at).astimezone(zone)
            sound = "rings" if letter.notify else "silent"
            click.echo(f"{moment:%Y-%m-%d %H:%M}  {letter.state:8} {sound:7} {letter.header}: {letter.body}")
            if letter.reason:
                click.echo(f"{'':18}{letter.reason}")
