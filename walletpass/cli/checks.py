"""`walletpass checks`: history from a file, and what is known of guests made again."""

from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlmodel import Session

from walletpass import cards, ledger, programs
from walletpass import checks as room
from walletpass.checks import history
from walletpass.checks.history import COLUMNS, Broken, Past
from walletpass.cli.setup import ready
from walletpass.database import reading, retrying, transaction
from walletpass.errors import Refusal
from walletpass.programs import Program

# So many checks share a transaction: tills wait no longer than for these.
TOGETHER = 50
SHOWN = 200


class DryRun(Exception):
    """Thrown at the end of a transaction that is not to stay."""


@click.group()
def checks() -> None:
    """What was ordered and paid."""


@checks.command("import", help=f"Take checks of the past from a CSV file. Its columns: {', '.join(COLUMNS)}.")
@click.argument("program_id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would come in, and change nothing.")
@click.option("--earn", is_flag=True, help="Guests earn points for these checks. Without it they are visits, and no more.")
def import_(program_id: str, file: Path, dry_run: bool, earn: bool) -> None:
    """A check that is known already is left as it is, so the same file may be taken twice."""
    ready()
    with reading() as session:
        program = programs.get(session, program_id)
    told = Told()
    rows = history.count_rows(file)
    with _bar() as bar:
        task = bar.add_task("checks", total=rows)
        found = history.read(file, program)
        while batch := list(islice(found, TOGETHER)):
            told.add(retrying(partial(_take, program, batch, told.seen, earn, dry_run)))
            bar.update(task, completed=max(one.number for one in batch) - 1)
        bar.update(task, completed=rows)
    for line in told.broken[:SHOWN]:
        click.echo(f"line {line.number}: {line.why}")
    if len(told.broken) > SHOWN:
        click.echo(f"... and {len(told.broken) - SHOWN} more.")
    click.echo(f"{told.new} {'would come' if dry_run else 'came'} in, {told.known} known before, {len(told.broken)} lines left out.")


@checks.command()
@click.argument("program_id")
def rebuild(program_id: str) -> None:
    """Make what is known of every guest - visits, favourites, the usual waiter - again from the checks."""
    ready()
    with reading() as session:
        programs.get(session, program_id)
        ids = room.known(session, program_id)
    changed = 0
    with _bar() as bar:
        for card_id in bar.track(ids, description="guests"):
            with transaction() as session:
                changed += room.retell(session, program_id, card_id)
    click.echo(f"{len(ids)} guests, {changed} corrected.")


@dataclass
class Told:
    new: int = 0
    known: int = 0
    broken: list[Broken] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def add(self, other: "Told") -> None:
        self.new, self.known = self.new + other.new, self.known + other.known
        self.broken += other.broken
        self.seen |= other.seen


def _take(program: Program, batch: list[Past | Broken], seen: set[str], earn: bool, dry_run: bool) -> Told:
    """Several checks in one transaction, each with a savepoint of its own."""
    told, touched = Told(), set[str]()
    try:
        with transaction() as session:
            for one in batch:
                if isinstance(one, Broken):
                    told.broken.append(one)
                else:
                    touched |= _one(session, program, one, told, seen, earn)
            for card_id in sorted(touched):
                points = ledger.balance(session, program.id, card_id).points
                cards.show(session, cards.get(session, program.id, card_id), bulk=True, points=points)
            if dry_run:
                raise DryRun
    except DryRun:
        return told
    return told


def _one(session: Session, program: Program, past: Past, told: Told, seen: set[str], earn: bool) -> set[str]:
    """The card that earned by it, if one did."""
    if past.id in seen or past.id in told.seen or history.is_known(session, program, past):
        told.known += 1
        return set()
    try:
        with session.begin_nested():
            entry = history.take(session, program, past, earns=earn)
    except Refusal as error:
        told.broken.append(Broken(past.number, error.message))
        return set()
    told.seen.add(past.id)
    told.new += 1
    return {entry.card_id} if entry else set()


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
