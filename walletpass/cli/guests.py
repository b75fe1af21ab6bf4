"""`walletpass guests`: the guest base in and out, and forgetting somebody."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO

import click
from rich.progress import Progress

from walletpass import guestbook, programs
from walletpass.cli.setup import ready
from walletpass.database import reading, transaction
from walletpass.errors import Malformed
from walletpass.guestbook import Counts, ImportJob, Look, Plan, Refusal, Seen
from walletpass.programs import Program

SHOWN = 20


@click.group()
def guests() -> None:
    """The guest base."""


@guests.command(name="import")
@click.argument("program_id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map",
    "said",
    multiple=True,
    help="FIELD=COLUMN, the column by its name or its number from 1. What is not said is guessed; FIELD= leaves it out.",
)
@click.option("--encoding", type=click.Choice(guestbook.CHOICES), help="Found out when left out.")
@click.option("--delimiter", help="One of , ; | and tab; found out when left out.")
@click.option("--header/--no-header", default=None, help="Whether the first line holds the names of the columns.")
@click.option("--dates", type=click.Choice(("dmy", "mdy")), help="How 05/06/1990 is meant.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--invite", is_flag=True, help="Send every new guest the link to the card.")
def bring(
    program_id: str, file: Path, said: tuple[str, ...], encoding: str | None, delimiter: str | None, header: bool | None, dates: str | None,
    dry_run: bool, invite: bool,
) -> None:  # fmt: skip
    """Let the guests of a CSV file in, with their points. A guest is known by the phone number; who is known stays as they are.

    Killed in the middle, it goes on where it was: with `walletpass guests resume`, or inside the server.
    """
    ready()
    if invite and not guestbook.inviting.possible():
        raise click.UsageError("There is no way to send messages here. Leave --invite out.")
    with reading() as session:
        program = programs.get(session, program_id)
    if file.stat().st_size > guestbook.LARGEST:
        raise Malformed(f"A file of guests has at most {guestbook.LARGEST // 1024 // 1024} MB. Split it into several.")
    found = guestbook.look(lambda: _pieces(file), encoding=encoding or "", delimiter={"tab": "\t"}.get(delimiter or "", delimiter or ""))
    plan = _plan(found, said, header, dates)
    click.echo(f"{file.name}: {found.total} lines, {plan.encoding}, delimiter {plan.delimiter!r}; " + _columns(plan, found))
    if dry_run:
        _rehearse(program, plan, file, found.total)
    else:
        _work([_begin(program_id, file, found, plan, invite)])


@guests.command()
@click.argument("program_id")
def resume(program_id: str) -> None:
    """Go on with imports that were killed."""
    ready()
    with reading() as session:
        programs.get(session, program_id)
        waiting = [job for job in guestbook.jobs.latest(session, program_id, 100) if job.stage in guestbook.jobs.AT_WORK]
    _work(waiting)
    if not waiting:
        click.echo("No import waits.")


@guests.command()
@click.argument("program_id")
@click.argument("member")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(program_id: str, member: str, yes: bool) -> None:
    """Forget a guest: by id, phone number, or card number. Points and payments stay in the books, without a name."""
    ready()
    with reading() as session:
        found = guestbook.find(session, programs.get(session, program_id), member)
    if len(found) > 1:
        raise click.UsageError("Several guests have this number. Name one of them: " + ", ".join(guest.id for guest in found))
    if not yes:
        click.confirm(f"Forget {found[0].name or 'the guest'} ({found[0].id})? The card stops working, and nobody can undo it.", abort=True)
    with transaction() as session:
        ended = guestbook.erase(session, program_id, found[0].id)
    click.echo(f"Guest {found[0].id} is forgotten; cards ended: {ended}.")


@guests.command()
@click.argument("program_id")
@click.option("--format", "form", type=click.Choice(("csv", "ndjson")), default="csv", show_default=True)
@click.option("--output", type=click.File("w", encoding="utf-8"), default="-", help="A file; standard output when left out.")
def export(program_id: str, form: str, output: IO[str]) -> None:
    """Write everybody down, but those who were erased."""
    ready()
    guestbook.check_program(program_id)
    rows: Callable[[str], Iterator[str]] = guestbook.csv_rows if form == "csv" else guestbook.ndjson_rows
    for row in rows(program_id):
        output.write(row)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(guestbook.jobs.PIECE):
            yield piece


def _plan(found: Look, said: Sequence[str], header: bool | None, dates: str | None) -> Plan:
    plan = replace(found.plan, header=found.plan.header if header is None else header, dates=dates or found.plan.dates)
    mapping = dict(plan.mapping)
    names = [cell.strip().casefold() for cell in found.first[0].cells] if plan.header else []
    for pair in said:
        field, _, column = pair.partition("=")
        mapping.pop(field, None)
        if column.isascii() and column.isdigit() and int(column) > 0:
            mapping[field] = int(column) - 1
        elif column and column.casefold() in names:
            mapping[field] = names.index(column.casefold())
        elif column:
            raise click.UsageError(f"There is no column {column!r} in this file.")
    return replace(plan, mapping=guestbook.checked(mapping))


def _columns(plan: Plan, found: Look) -> str:
    names = found.first[0].cells if plan.header else ()
    return ", ".join(f"{field} from {names[place].strip() if place < len(names) else place + 1}" for field, place in plan.mapping.items())


def _rehearse(program: Program, plan: Plan, file: Path, total: int) -> None:
    counts, seen, shown = Counts(), Seen(), list[Refusal]()
    with Progress(transient=True) as progress:
        bar = progress.add_task("Reading", total=total)
        for batch in guestbook.batches(guestbook.all_records(lambda: _pieces(file), plan)):
            with reading() as session:
                newcomers, refusals = guestbook.sift(session, program, plan, batch, seen)
            counts.add(newcomers, refusals)
            shown += islice((one for one in refusals if one.reason not in guestbook.KNOWN), max(0, SHOWN - len(shown)))
            progress.update(bar, completed=batch[-1].last)
    _tell(counts, shown)
    click.echo("Nothing was changed.")


def _begin(program_id: str, file: Path, found: Look, plan: Plan, invite: bool) -> ImportJob:
    """The file as a job: should this process be killed, another one goes on with it."""
    with transaction() as session:
        job = guestbook.jobs.begin(session, program_id, filename=file.name, size=file.stat().st_size)
    for position, piece in enumerate(_pieces(file)):
        with transaction() as session:
            guestbook.jobs.take(session, guestbook.jobs.get(session, program_id, job.id), position, piece)
    with transaction() as session:
        job = guestbook.jobs.get(session, program_id, job.id)
        guestbook.jobs.settle(session, job, found)
        guestbook.jobs.run_as(session, job, plan, invite=invite)
        return job


def _work(jobs: Iterable[ImportJob]) -> None:
    for job in jobs:
        mine = guestbook.claim(job.id)
        if mine is None:
            click.echo(f"Another process works at {job.filename}.")
            continue
        with Progress(transient=True) as progress:
            bar = progress.add_task("Letting guests in", total=mine.total)
            guestbook.work(mine, heard=lambda said: progress.update(bar, completed=said.reached))  # noqa: B023 (called here)
        with reading() as session:
            done = guestbook.jobs.get(session, job.program_id, job.id)
            faults = [row for row in guestbook.jobs.refusals(session, done, limit=1_000) if row.reason not in guestbook.KNOWN][:SHOWN]
        _tell(Counts(done.fresh, done.known, done.refused, done.points), [Refusal(row.line, row.reason, row.field) for row in faults])
        if done.stage != guestbook.Stage.DONE:
            click.secho(done.reason or "It is not done yet: walletpass guests resume", err=True, fg="red")
            sys.exit(1)


def _tell(counts: Counts, shown: Sequence[Refusal]) -> None:
    for one in shown:
        faults = guestbook.faults_of(one)
        click.echo(f"line {one.line}: " + ", ".join(f"{fault.reason}{f' ({fault.field})' if fault.field else ''}" for fault in faults))
    if counts.refused > len(shown):
        click.echo(f"... and {counts.refused - len(shown)} more.")
    click.echo(f"{counts.fresh} new guests with {counts.points} points, {counts.known} known, {counts.refused} lines refused.")
