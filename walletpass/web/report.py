"""What each person did: for managers and owners everybody, for the others themselves."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards, checks, guests, ledger, programs, staff
from walletpass.checks import Share
from walletpass.database import reading
from walletpass.errors import Malformed, SignInRequired
from walletpass.ledger import Deeds
from walletpass.programs import Program
from walletpass.staff import Actor
from walletpass.web import spreadsheet
from walletpass.web.till import place

bp = Blueprint("report", __name__)

LONGEST = 366
SPANS = (1, 7, 30)


@dataclass(frozen=True)
class Period:
    """Whole days of the restaurant, both ends in it."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Line:
    """One person's row. Without a name: integrations, which have an API key and no person."""

    name: str
    role: str
    tally: Counter[str]
    share: Share
    deeds: Deeds

    @property
    def scans(self) -> int:
        return self.tally[staff.SCAN]

    @property
    def enrolled(self) -> int:
        return self.tally[staff.ENROLLED]

    @property
    def skipped(self) -> int:
        return self.tally[staff.SKIP]

    @property
    def percent_skipped(self) -> int | None:
        shown = self.tally[staff.PROMPT]
        return 100 * min(self.skipped, shown) // shown if shown else None

    @property
    def percent(self) -> int | None:
        return 100 * self.share.identified // self.share.checks if self.share.checks else None

    @property
    def percent_back(self) -> int | None:
        done = self.deeds.earns + self.deeds.redeems
        return 100 * self.deeds.taken_back // done if done else None

    @property
    def over_limit(self) -> int:
        return self.tally["refused.adjust.over_limit"]

    @property
    def own_card(self) -> int:
        return self.tally["refused.earn.not_allowed"] + self.tally["refused.adjust.not_allowed"]

    @property
    def empty(self) -> bool:
        return not (any(self.tally.values()) or self.share.checks) and self.deeds == Deeds()


@bp.get("/t/<program_id>/report")
def screen(program_id: str) -> str | BaseResponse:
    here = place(program_id)
    if here.actor is None:
        return redirect(url_for("till.screen", program_id=program_id, lang=request.args.get("lang")))
    here.actor.must("look_up")
    try:
        period, wrong = _period(here.program), ""
    except Malformed as error:
        period, wrong = _today(here.program), error.message
    everything = here.actor.may("manage")
    with reading() as session:
        shown: dict[str, Any] = {"lines": list(_lines(session, here.program, here.actor, period))}
        if everything:
            shown |= {"busy": _busy(session, here.program, period), "channels": _channels(session, here.program, period)}
    page = render_template(
        "report.html", program=here.program, venue=here.venue, period=period, today=_today(here.program).last, spans=SPANS, wrong=wrong,
        everything=everything, **shown,
    )  # fmt: skip
    return page if not wrong else BaseResponse(page, Malformed.status, mimetype="text/html")


@bp.get("/t/<program_id>/report.csv")
def download(program_id: str) -> Response:
    """The same rows as on the page. Raises SignInRequired, NotAllowed, Malformed."""
    here = place(program_id)
    if here.actor is None:
        raise SignInRequired()
    here.actor.must("look_up")
    period = _period(here.program)
    with reading() as session:
        lines = list(_lines(session, here.program, here.actor, period))
    return spreadsheet.answer(f"staff-{period.first}-{period.last}.csv", [_head(), *map(_row, lines)])


def _head() -> Sequence[str]:
    return [
        _("Who"), _("Role"), _("Scans"), _("Checks"), _("With a card"), _("With a card, %"), _("Enrolled"), _("Prompts"), _("Prompts skipped"), _("Earned"), _("Points earned"),
        _("Redeemed"), _("Points redeemed"), _("Taken back"), _("Taken back, %"), _("Corrections"), _("Points corrected"),
        _("Corrections over the limit, refused"), _("Own card, refused"),
    ]  # fmt: skip


def _row(line: Line) -> Sequence[spreadsheet.Cell]:
    deeds = line.deeds
    return [
        line.name or _("Other systems"), line.role, line.scans, line.share.checks, line.share.identified, line.percent, line.enrolled, line.tally[staff.PROMPT], line.skipped, deeds.earns,
        deeds.points_earned, deeds.redeems, deeds.points_redeemed, deeds.taken_back, line.percent_back, deeds.corrections,
        deeds.points_corrected, line.over_limit, line.own_card,
    ]  # fmt: skip


def _lines(session: Session, program: Program, actor: Actor, period: Period) -> Iterator[Line]:
    """Who works here, and who did something in these days; by name, other systems last."""
    since, until = programs.day_begins(program, period.first), programs.day_begins(program, period.last + timedelta(days=1))
    tallied = staff.tallied(session, program.id, since, until)
    shares, deeds = checks.identified(session, program.id, since, until), ledger.deeds(session, program.id, since, until)
    working = {person.id: person for person in staff.team(session, program.id)}
    seen = {*working, *(set(tallied) | set(shares) | set(deeds))} if actor.may("manage") else {actor.staff_id}
    named = {staff_id: working.get(staff_id) or _former(session, program.id, staff_id) for staff_id in seen}
    for staff_id in sorted(seen, key=lambda one: (not one, getattr(named[one], "name", ""), one)):
        person = named[staff_id]
        line = Line(
            person.name if person else "", person.role if person else "", tallied.get(staff_id, Counter()), shares.get(staff_id, Share()),
            deeds.get(staff_id, Deeds()),
        )  # fmt: skip
        if person is not None or not line.empty:
            yield line


def _former(session: Session, program_id: str, staff_id: str) -> staff.Staff | None:
    return session.get(staff.Staff, (program_id, staff_id)) if staff_id else None


def _busy(session: Session, program: Program, period: Period) -> list[dict[str, Any]]:
    since, until = programs.day_begins(program, period.first), programs.day_begins(program, period.last + timedelta(days=1))
    return [
        {
            "busy": one,
            "card": cards.get(session, program.id, one.card_id),
            "people": [person.name if (person := _former(session, program.id, id)) else _("Other systems") for id in one.staff_ids],
        }
        for one in ledger.seen_often(session, program, since, until)
    ]


def _channels(session: Session, program: Program, period: Period) -> list[tuple[str, int]]:
    since, until = programs.day_begins(program, period.first), programs.day_begins(program, period.last + timedelta(days=1))
    labels = {channel.code: channel.label for channel in programs.channels(session, program.id)}
    joined = guests.joined(session, program.id, since, until)
    return sorted(
        ((labels.get(code) or code or _("By staff or another system"), count) for code, count in joined.items()), key=lambda one: -one[1]
    )


def _period(program: Program) -> Period:
    """What the address asks for. Raises Malformed."""
    today = _today(program).last
    days = request.args.get("days", "")
    if days in map(str, SPANS):
        return Period(today - timedelta(days=int(days) - 1), today)
    begin, end = request.args.get("from", ""), request.args.get("to", "")
    if not (begin or end or days):
        return Period(today, today)
    try:
        period = Period(date.fromisoformat(begin), date.fromisoformat(end))
    except ValueError as error:
        raise Malformed(_("Give both days, like 2026-11-29.")) from error
    if not 1 <= period.days <= LONGEST:
        raise Malformed(_("Choose a first day and a last one, a year apart at most."))
    return period


def _today(program: Program) -> Period:
    today = programs.day_of(program)
    return Period(today, today)
