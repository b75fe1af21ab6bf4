"""`walletpass certs`: the certificates that sign Apple's passes, from the request to the renewal."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from walletpass import programs
from walletpass.apple import guardian
from walletpass.apple.guardian import Offer, State
from walletpass.cli.setup import ready, verdict
from walletpass.database import reading
from walletpass.errors import CertificateError, Malformed
from walletpass.programs import Program

COLOURS = {
    "ok": "green",
    "60": "green",
    "30": "yellow",
    "14": "yellow",
    "7": "red",
    "1": "bold red",
    "expired": "bold red",
    "broken": "bold red",
}
STEPS = """\
Now, in Apple's portal:
  1. Sign in at https://developer.apple.com/account and open Certificates.
  2. Press +, choose "Pass Type ID Certificate", then {identifier}; leave the name empty.
  3. Upload {csr}
  4. Download pass.cer and run: walletpass certs import {program} pass.cer
Do not revoke the old certificate: that breaks the cards on phones."""


@click.group()
def certs() -> None:
    """Apple's certificates: request, install, check and watch over them."""


@certs.command()
@click.argument("program_id")
@click.option("--again", is_flag=True, help="Make a new key and request, although one waits for its certificate")
def request(program_id: str, again: bool) -> None:
    """Make a key here and a signing request for Apple's portal. The certificate in use is not touched."""
    ready()
    program = _program(program_id)
    made = guardian.request(program, again=again)
    said = "A key and a signing request were made" if made.fresh else f"A signing request waits since {made.made_at:%Y-%m-%d}"
    click.echo(f"{said}: {made.request_path}\n")
    click.echo(STEPS.format(identifier=program.pass_type_identifier, csr=made.request_path, program=program.id))


@certs.command("import")
@click.argument("program_id")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--password", prompt=True, prompt_required=False, hide_input=True, default="", help="Of the .p12 or key; asked for when no word follows"
)
def take_in(program_id: str, files: Sequence[Path], password: str) -> None:
    """Install whatever came back: .cer, PEM, .p12, keys and intermediates, in any order. All of it or nothing."""
    ready()
    program = _program(program_id)
    done = guardian.install(program, [_offer(path) for path in files], password)
    nfc = " with NFC" if done.nfc else ""
    said = "is in use" if done.changed else "was in use already"
    click.secho(f"The certificate{nfc} for {program.pass_type_identifier} {said}, until {done.not_after:%Y-%m-%d}.", fg="green")
    for note in (*done.notes, *_open_to_others(files)):
        click.secho(note, fg="yellow")


@certs.command()
@click.argument("program_id", required=False)
def check(program_id: str | None) -> None:
    """Verify everything that can be verified without Apple. Exit code 1 when something must be mended."""
    ready()
    found: list[str] = []
    soon: list[str] = []
    without = 0
    every = _chosen(program_id)
    for program in every:
        if program_id is None and guardian.state(program) is None:
            without += 1
            soon.append(f"{program.name} ({program.id}) has no certificate: no cards for Apple Wallet.{_waits(program)}")
            continue
        found += guardian.faults(program)
    with reading() as session:
        soon += [sentence for sentence in guardian.warnings(session, program_id) if not any(fault in sentence for fault in found)]
    for sentence in found:
        click.secho(f"- {sentence}", fg="red")
    for sentence in soon:
        click.secho(f"- {sentence}", fg="yellow")
    if without == len(every):
        click.echo("Nothing to check yet: no restaurant has a certificate. Begin with: walletpass certs request ID")
    else:
        click.echo(verdict(len(found), len(soon)))
    sys.exit(1 if found else 0)


@certs.command()
def status() -> None:
    """Every program's certificate in a table, coloured by urgency."""
    ready()
    table = Table("program", "valid until", "days left", "key", "intermediate", "NFC")
    for program in _chosen(None):
        table.add_row(program.id, *_row(guardian.state(program)))
    Console().print(table)


@certs.command()
def warn() -> None:
    """Mail what is due, for cron: once for each certificate at 60, 30, 14, 7 and 1 days, and when it has expired."""
    settings = ready()
    with reading() as session:
        for sentence in guardian.warnings(session):
            click.secho(sentence, fg="yellow")
    if not settings.smtp_url:
        click.echo("No mail: WALLETPASS_SMTP_URL is not set.")
    elif not settings.alert_to:
        click.echo("No mail: WALLETPASS_ALERT_TO is not set.")
    failed = False
    for mailed in guardian.warn():
        failed |= not mailed.sent
        click.echo(
            f"{mailed.program_id}: mailed ({mailed.stage})."
            if mailed.sent
            else f"{mailed.program_id}: the mail did not leave: {mailed.reason}"
        )
    sys.exit(1 if failed else 0)


def _waits(program: Program) -> str:
    try:
        waiting = guardian.pending(program)
    except CertificateError as error:
        return f" {error.message}"
    return f" A request waits since {waiting.made_at:%Y-%m-%d}: {waiting.request_path}" if waiting else ""


def _row(found: State | None) -> Sequence[str]:
    if found is None:
        return ("-", "none", "-", "-", "-")
    colour = COLOURS[found.stage]
    left = found.stage if found.stage in ("expired", "broken") else str(found.days_left)
    until = f"{found.not_after:%Y-%m-%d}" if found.not_after else "-"
    return (
        f"[{colour}]{until}[/]",
        f"[{colour}]{left}[/]",
        f"RSA {found.key_bits}" if found.key_bits else "-",
        found.intermediate or "-",
        "yes" if found.nfc else "no",
    )


def _chosen(program_id: str | None) -> Sequence[Program]:
    if program_id is not None:
        return [_program(program_id)]
    with reading() as session:
        return programs.every(session)


def _program(program_id: str) -> Program:
    with reading() as session:
        return programs.get(session, program_id)


def _offer(path: Path) -> Offer:
    try:
        with path.open("rb") as file:
            return Offer(path.name, file.read(guardian.LARGEST + 1))
    except OSError as error:
        raise Malformed(f"{path} cannot be read: {error.strerror}.") from error


def _open_to_others(files: Sequence[Path]) -> Sequence[str]:
    """Copies of a key that lie about."""
    found = []
    for path in files:
        if guardian.holds_a_key(_offer(path)) and path.stat().st_mode & 0o077:
            found.append(f"{path} holds a private key and can be read by others. Delete it, or run: chmod 600 {path}")
    return found
