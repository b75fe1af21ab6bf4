"""`walletpass designs`: making the static half of a card, looking at it, and bringing it to the phones."""

import os
import re
import shutil
import sys
from pathlib import Path

import click

from walletpass import cards, programs
from walletpass.cards.designs.reading import refusal
from walletpass.cards.designs.shapes import SLUG
from walletpass.cli.setup import ready
from walletpass.config import PACKAGE, Settings
from walletpass.database import reading
from walletpass.errors import ConfigurationError, NotFound
from walletpass.web import draft

SHIPPED = Path(Settings.designs_dir)
# These three need no database and no keys: a designer has neither.
folder_option = click.option(
    "--dir",
    "designs_dir",
    envvar="WALLETPASS_DESIGNS_DIR",
    default=Settings.designs_dir,
    type=click.Path(path_type=Path),
    help="Where the designs lie.",
)


@click.group()
def designs() -> None:
    """Designs: check, preview, make and publish them."""


@designs.command()
@click.argument("names", nargs=-1)
@folder_option
def check(names: tuple[str, ...], designs_dir: Path) -> None:
    """Say what is wrong with designs, each fault in a sentence; without names, with all of them.

    A name is a design's, or a folder. Exit code 1 when there is a fault.
    """
    wanted = [_folder(name, designs_dir) for name in names or cards.design_names(designs_dir)]
    if not wanted:
        raise ConfigurationError(f"There is no design in {designs_dir}.")
    broken = False
    for folder in wanted:
        faults = cards.check_design(folder)
        broken = broken or bool(faults)
        click.secho(refusal(folder.name, faults) if faults else f"Design {folder.name} is sound.", fg="red" if faults else None)
    sys.exit(1 if broken else 0)


@designs.command()
@click.argument("name")
@click.option("--port", default=8020, show_default=True, type=click.IntRange(0, 65_535))
@folder_option
def preview(name: str, port: int, designs_dir: Path) -> None:
    """Show one design as both wallets draw it, in a browser on this machine, while its files are edited."""
    folder = _folder(name, designs_dir)
    if not folder.is_dir():
        raise NotFound(f"There is no design {name!r} in {designs_dir}. There are: {', '.join(cards.design_names(designs_dir, SHIPPED))}.")
    try:
        server = draft.make_preview_server(folder, port)
    except (OSError, SystemExit) as error:
        raise ConfigurationError(f"Port {port} is taken on this machine. Choose another with --port.") from error
    click.echo(f"http://127.0.0.1:{server.server_port}/  (Ctrl-C ends it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


@designs.command()
@click.argument("name")
@click.option("--from", "source", default="bistro", show_default=True, help="The design to begin with: a name or a folder.")
@folder_option
def new(name: str, source: str, designs_dir: Path) -> None:
    """Make a new design, as a copy of another. It is there whole or not at all."""
    if not SLUG.fullmatch(name):
        raise ConfigurationError(f"A design is called by small letters, digits, '-' and '_', at most 40, a letter first; not {name!r}.")
    origin = _folder(source, designs_dir)
    if faults := cards.check_design(origin):
        raise ConfigurationError(refusal(origin.name, faults))
    target = designs_dir / name
    if target.resolve().is_relative_to(PACKAGE):
        raise ConfigurationError(
            f"{designs_dir} belongs to walletpass itself, and a new version of it would take the design away. Set WALLETPASS_DESIGNS_DIR to a folder of "
            f"yours, for this command and for the server: WALLETPASS_DESIGNS_DIR=~/designs walletpass designs new {name}. "
            "The designs that walletpass brings along are found beside yours."
        )
    if target.exists():
        raise ConfigurationError(f"There is a design {name} already: {target}")
    part = designs_dir / f".{name}.{os.getpid()}"
    try:
        designs_dir.mkdir(parents=True, exist_ok=True)
        shutil.copytree(origin, part)
        _rename(part / "design.toml", name)
        part.rename(target)
    except OSError as error:
        raise ConfigurationError(f"The design cannot be written to {target}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    click.echo(f"{target}  (look at it: walletpass designs preview {name})")


@designs.command()
@click.argument("name")
def publish(name: str) -> None:
    """Bring a changed design to the phones: one new version of every card that wears it, one push each.

    Cards that wear it already are left alone. Interrupted, it goes on where it stood.
    """
    ready()
    if faults := cards.check_design(cards.design_folder(name)):
        raise ConfigurationError(refusal(name, faults))
    with reading() as session:
        wearing = [program for program in programs.every(session) if program.design == name]
    if not wearing:
        raise NotFound(f"No restaurant's cards wear {name}.")
    for program in wearing:
        count = sum(cards.publish_design(program.id))
        click.echo(f"{program.name}: {count} cards have a new version." if count else f"{program.name}: nothing has changed.")


def _folder(name: str, designs_dir: Path) -> Path:
    """A bare word is a design's name, of the operator's own or a shipped one; everything else is a path."""
    known = [folder / name for folder in (designs_dir, SHIPPED) if SLUG.fullmatch(name) and (folder / name).is_dir()]
    return (known[0] if known else Path(name)).resolve()


def _rename(file: Path, name: str) -> None:
    title = name.replace("-", " ").replace("_", " ").title()
    text = file.read_text("utf-8")
    file.write_text(re.sub(r"^name *= *.*$", f'name = "{title}"', text, count=1, flags=re.MULTILINE), "utf-8")
