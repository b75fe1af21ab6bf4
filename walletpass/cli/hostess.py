"""`walletpass hostess`: what is said to guests at the door, and the tables that are kept for those who did not book."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import click

from walletpass import hostess as room
from walletpass import programs, staff
from walletpass.cli.setup import ready
from walletpass.database import reading, transaction
from walletpass.errors import Malformed
from walletpass.hostess import KINDS, KeptTable, Occasion

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@click.group()
def hostess() -> None:
    """Sentences to say, and kept tables."""


@hostess.command()
@click.argument("program_id")
@click.option(
    "--first", "first", multiple=True, type=click.Choice(KINDS), help="Comes before all others; given several times, in this order"
)
@click.option("--off", multiple=True, type=click.Choice(KINDS), help="Is not said any more")
@click.option("--on", multiple=True, type=click.Choice(KINDS), help="Is said again")
@click.option("--days", multiple=True, metavar="KIND=NUMBER", help="How long an absence is at least, how near a birthday")
@click.option("--words", multiple=True, metavar="KIND.LANGUAGE=TEXT", help="Your own words, with {name}; empty ones: ours again")
def sentences(
    program_id: str, first: tuple[str, ...], off: tuple[str, ...], on: tuple[str, ...], days: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """What may be said to a guest at the door, the first first. Without options nothing changes."""
    ready()
    with transaction() as session:
        programs.get(session, program_id)
        wanted = room.occasions(session, program_id)
        if first or off or on or days or words:
            wanted = [_changed(one, off, on, days, words) for one in _ordered(wanted, first)]
            room.set_occasions(session, program_id, wanted)
            wanted = room.occasions(session, program_id)
    for one in wanted:
        own = "".join(f"  {language}: {text}" for language, text in sorted(one.words.items()))
        click.echo(f"{'on ' if one.active else 'off'}  {one.kind:13}{f' {one.days} days' if one.days else ''}{own}")


@hostess.command("keep-tables")
@click.argument("program_id")
@click.option("--venue", "which", default="", help="Its name, where there are several")
@click.option("--days", required=True, help="fri,sat or mon-sun")
@click.option("--from", "begins", required=True, help="19:00")
@click.option("--to", "ends", required=True, help="23:00; one in the morning is 25:00")
@click.option("--tables", type=int, required=True, help="How many")
def keep_tables(program_id: str, which: str, days: str, begins: str, ends: str, tables: int) -> None:
    """Keep tables at the peak, for whoever stands at the door without a booking."""
    ready()
    with transaction() as session:
        programs.get(session, program_id)
        venue_id = _venue(programs.venues(session, program_id), which)
        kept = room.keep_tables(
            session, program_id, venue_id, weekdays=_weekdays(days), begins=_minutes(begins), ends=_minutes(ends), tables=tables
        )  # fmt: skip
    click.echo(_said(kept))


@hostess.command("release-tables")
@click.argument("program_id")
@click.argument("kept_id")
def release_tables(program_id: str, kept_id: str) -> None:
    """Keep these tables no more."""
    ready()
    with transaction() as session:
        room.release_tables(session, program_id, kept_id)
    click.echo("They are not kept any more.")


@hostess.command("tables")
@click.argument("program_id")
@click.option("--days", default=28, show_default=True, type=click.IntRange(1, 3650), help="How far to look back")
def tables(program_id: str, days: int) -> None:
    """What is kept, and what was given of it, with the reasons."""
    ready()
    with reading() as session:
        program = programs.get(session, program_id)
        today = programs.day_of(program)
        given = room.given(session, program_id, today - timedelta(days=days), today + timedelta(days=1))
        for kept in room.every_kept(session, program_id):
            click.echo(_said(kept))
        team = {person.id: person.name for person in staff.team(session, program_id)}
    for one in given:
        click.echo(f"{one.day}  table {one.place or '?'} for {one.party}, by {team.get(one.by, 'nobody here any more')}: {one.reason}")


def _ordered(wanted: Sequence[Occasion], first: Sequence[str]) -> list[Occasion]:
    places = {kind: place for place, kind in enumerate(first)}
    return sorted(wanted, key=lambda one: places.get(one.kind, len(places)))


def _changed(one: Occasion, off: Sequence[str], on: Sequence[str], days: Sequence[str], words: Sequence[str]) -> Occasion:
    active = one.kind in on or (one.active and one.kind not in off)
    said, own = one.days, dict(one.words)
    for text in days:
        kind, number = _pair(text, "KIND=NUMBER")
        if not number.isdigit():
            raise Malformed(f"{text!r} is not KIND=NUMBER.", field="days")
        said = int(number) if kind == one.kind else said
    for text in words:
        where, value = _pair(text, "KIND.LANGUAGE=TEXT")
        kind, _, language = where.partition(".")
        if kind not in KINDS:
            raise Malformed(f"{kind!r} is not an occasion.", field="words")
        if kind == one.kind:
            own[language] = value
    return replace(one, active=active, days=said, words=own)


def _pair(text: str, form: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise Malformed(f"{text!r} is not {form}.")
    return name, value


def _venue(venues: Sequence[programs.Venue], which: str) -> str:
    found = [venue for venue in venues if which in ("", venue.name)]
    if len(found) != 1:
        raise Malformed(f"Name the venue with --venue: {', '.join(venue.name for venue in venues)}.")
    return found[0].id


def _weekdays(text: str) -> list[int]:
    chosen: list[int] = []
    for part in text.lower().split(","):
        begin, _, end = part.strip().partition("-")
        if begin not in DAYS or (end and end not in DAYS):
            raise Malformed(f"Days are {', '.join(DAYS)}, with commas, or mon-fri.", field="weekdays")
        first, last = DAYS.index(begin), DAYS.index(end or begin)
        chosen += [day % 7 for day in range(first, (last if last >= first else last + 7) + 1)]
    return chosen


def _minutes(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,2}):([0-5][0-9])", text)
    if found is None:
        raise Malformed("An hour looks like 19:00; one in the morning is 25:00.", field="begins")
    return int(found[1]) * 60 + int(found[2])


def _said(kept: KeptTable) -> str:
    days = ",".join(name for place, name in enumerate(DAYS) if kept.weekdays >> place & 1)
    hours = f"{kept.begins // 60:02d}:{kept.begins % 60:02d}-{kept.ends // 60:02d}:{kept.ends % 60:02d}"
    return f"{kept.id}  {days}  {hours}  {kept.tables} {'table' if kept.tables == 1 else 'tables'} kept"
