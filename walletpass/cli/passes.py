"""`walletpass passes`: why will my pass not open?"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import click
from cryptography import x509

from walletpass.apple import inspection
from walletpass.apple.inspection import Finding, Report
from walletpass.config import Settings
from walletpass.errors import ConfigurationError

GROUPS = (
    ("refused", "red", "Wallet does not open it"),
    ("ignored", "yellow", "It opens, but Wallet ignores"),
    ("advice", "cyan", "Worth knowing"),
)


@click.group()
def passes() -> None:
    """Passes for Apple Wallet, from here or anywhere."""


@passes.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--root", type=click.Path(dir_okay=False, path_type=Path), help="A root certificate in PEM form to trust instead of Apple's.")
@click.option(
    "--certs-dir",
    envvar="WALLETPASS_CERTS_DIR",
    default=Settings.certs_dir,
    show_default=True,
    type=click.Path(path_type=Path),
    help=f"The folder where {inspection.APPLE_ROOT}, Apple's root certificate, may lie.",
)
def check(files: tuple[BinaryIO, ...], as_json: bool, root: Path | None, certs_dir: Path) -> None:
    """Say what Wallet would not like about each .pkpass or .pkpasses; - reads standard input.

    Exit code 1 when there is one that Wallet would not open.
    """
    roots = _root(root) if root else inspection.roots_in(certs_dir)
    reports = [
        (getattr(file, "name", "<stdin>"), inspection.inspect(file.read(inspection.LARGEST + 1), trusted_roots=roots)) for file in files
    ]
    if as_json:
        click.echo(json.dumps([{"file": _shown(name), **_plain(report)} for name, report in reports], indent=2))
    else:
        for name, report in reports:
            _print(_shown(name), report)
    sys.exit(0 if all(report.opens for _, report in reports) else 1)


def _root(path: Path) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} is no certificate in PEM form that can be read.") from error


def _print(name: str, report: Report) -> None:
    click.secho(f"{name}: {_verdict(report)}", bold=True)
    for severity, colour, title in GROUPS:
        found = [finding for finding in report.findings if finding.severity == severity]
        if found:
            click.secho(f"  {title}:", fg=colour)
        for finding in found:
            click.echo(f"  - {finding.sentence} {click.style(f'[{finding.rule}]', dim=True)}")
    for inside in report.passes:
        _print(f"{name} > {_shown(inside.name)}", inside)


def _verdict(report: Report) -> str:
    if not report.opens:
        return "will not open"
    return "will open" if report.everything else "nothing to find fault with"


def _plain(report: Report) -> dict[str, Any]:
    plain: dict[str, Any] = {"opens": report.opens, "findings": _rows(report.findings)}
    if report.passes:
        plain["passes"] = [{"file": _shown(inside.name), **_plain(inside)} for inside in report.passes]
    return plain


def _rows(findings: Iterable[Finding]) -> list[dict[str, str]]:
    return [{"rule": finding.rule, "severity": finding.severity, "sentence": finding.sentence} for finding in findings]


def _shown(name: str) -> str:
    """A file name without characters that steer a terminal."""
    return "".join(char if char.isprintable() else "?" for char in click.format_filename(name))
