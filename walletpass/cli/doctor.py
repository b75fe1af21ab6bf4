"""`walletpass doctor`: what is wrong with this installation, each with the sentence that mends it."""

import sys
from collections.abc import Iterator

import click

from walletpass import apple, cards, config, google, programs
from walletpass.cli.setup import ready
from walletpass.config import Settings
from walletpass.database import reading
from walletpass.errors import ConfigurationError
from walletpass.google import account
from walletpass.programs import Program


@click.command()
def doctor() -> None:
    """Check settings, database, designs, certificates and keys. Exit code 1 when something must be mended."""
    ready()
    found = list(faults())
    for sentence in found:
        click.secho(f"- {sentence}", fg="red")
    for sentence in hints():
        click.secho(f"- {sentence}", fg="yellow")
    click.echo("Everything is sound." if not found else f"{len(found)} to mend.")
    if _at_google():
        click.echo("What only Google can tell: walletpass google check")
    sys.exit(1 if found else 0)


def must_be_sound(settings: Settings) -> None:
    """Refuse to start what could not sign a card. Raises ConfigurationError with every fault found."""
    found = list(faults())
    if found:
        raise ConfigurationError("walletpass does not start:\n" + "\n".join(f"- {sentence}" for sentence in found))
    cards.remember_designs()
    for sentence in hints():
        click.secho(sentence, err=True, fg="yellow")


def faults() -> Iterator[str]:
    with reading() as session:
        every = programs.every(session)
    for program in every:
        yield from _faults_of(program)
    try:
        account.load()
    except google.NotSetUp:
        pass
    except ConfigurationError as error:
        yield error.message


def _at_google() -> bool:
    with reading() as session:
        return any(google.available(program) for program in programs.every(session))


def hints() -> Iterator[str]:
    yield from config.exposed()
    with reading() as session:
        every = programs.every(session)
    if not every:
        yield "There is no restaurant yet. Open one: walletpass programs add --help"
    for program in every:
        if not (apple.available(program) or google.available(program)):
            yield f"{program.name} has no wallet set up yet: guests get the web card only. See certs/README.md."
        if _changed(program):
            yield f"{program.name}: the design has changed, and the phones show the old one. Run: walletpass designs publish {program.design}"


def _changed(program: Program) -> bool:
    try:
        with reading() as session:
            return cards.unpublished(session, program)
    except ConfigurationError:
        return False  # told among the faults


def _faults_of(program: Program) -> Iterator[str]:
    try:
        palettes = cards.load_design(program.design).palettes
        if program.palette not in palettes:
            yield f"Program {program.id}: design {program.design} has no palette {program.palette!r}."
    except ConfigurationError as error:
        yield error.message
    if apple.available(program):
        try:
            apple.identity(program)
        except ConfigurationError as error:
            yield error.message
