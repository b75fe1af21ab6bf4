"""`walletpass doctor`: what is wrong with this installation, each with the sentence that mends it."""

import sys
from collections.abc import Iterator

import click

from walletpass import apple, cards, codes, config, delivery, google, messages, programs
from walletpass.apple import guardian
from walletpass.cli.setup import ready, verdict
from walletpass.config import Settings
from walletpass.database import reading
from walletpass.errors import ConfigurationError
from walletpass.google import account
from walletpass.programs import Program


@click.command()
def doctor() -> None:
    """Check settings, database, designs, certificates and keys. Exit code 1 when something must be mended."""
    ready()
    found, noted = list(faults()), [*hints(), *_on_the_way()]
    for sentence in found:
        click.secho(f"- {sentence}", fg="red")
    for sentence in noted:
        click.secho(f"- {sentence}", fg="yellow")
    click.echo(verdict(len(found), len(noted)))
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
    yield from messages.faults()
    try:
        account.load()
    except google.NotSetUp:
        pass
    except ConfigurationError as error:
        yield error.message


def _on_the_way() -> Iterator[str]:
    """What is shut at this moment, and what waits for an answer of Apple's."""
    with reading() as session:
        yield from [*delivery.warnings(session), *messages.warnings(session), *codes.warnings(session)]
        every = programs.every(session)
    for program in every:
        try:
            waiting = guardian.pending(program)
        except ConfigurationError as error:
            yield error.message
            continue
        if waiting is not None:
            yield (
                f"{called(program)}: a certificate request waits since {waiting.made_at:%Y-%m-%d}: {waiting.request_path}. "
                f"Bring it to Apple (walletpass certs request {program.id} says how), then: walletpass certs import {program.id} pass.cer"
            )


def called(program: Program) -> str:
    """A name for people, and the word that commands take."""
    return f"{program.name} ({program.id})"


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
            yield f"{called(program)} has no wallet set up yet: guests get the web card only. See certs/README.md."
        if program.google_issuer_id and not google.available(program):
            yield (
                f"{called(program)} has an issuer id of Google's, and no card can go there: there is no {account.key_file()}. "
                "Put the JSON key of the service account there; certs/README.md says how to get one."
            )
        if _changed(program):
            yield f"{called(program)}: the design has changed, and the phones show the old one. Run: walletpass designs publish {program.design}"


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
