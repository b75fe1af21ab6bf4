"""What the board says and in which order, the tables that are kept, and where guests book: set up by managers."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import hostess, programs, staff
from walletpass.cards.designs import LANGUAGES
from walletpass.database import reading, transaction
from walletpass.errors import Malformed, NotFound
from walletpass.hostess import Occasion
from walletpass.hostess.words import MAY_SAY
from walletpass.web import board_words
from walletpass.web.managing import Desk, manager, screen_for_manager
from walletpass.web.till import Place

bp = Blueprint("board_rules", __name__)

LOOKS_BACK = timedelta(days=14)
# The restaurant's day goes on until five: one in the morning is 25:00.
DAY_ENDS = 5 * 60
DAYS = {"absence", "birthday"}

Wrong = Mapping[str, str]


@bp.get("/t/<program_id>/board/rules")
def screen(program_id: str) -> str | BaseResponse:
    return screen_for_manager(program_id, _page)


@bp.post("/t/<program_id>/board/rules")
def act(program_id: str) -> str | tuple[str, int] | BaseResponse:
    """Leads back to the page; what does not fit stays on it as it was typed."""
    here = manager(program_id)
    action, _sep, kind = request.form.get("action", "").partition("-")
    deed = DEEDS.get(action)
    if deed is None:
        raise Malformed("This page does not know that action.")
    try:
        with transaction() as session:
            deed(session, here, kind)
    except Malformed as error:
        wrong = {error.details.get("field", "") or "form": board_words.fault(error)}
        return _page(here, wrong, _typed() if action in ("order", "up", "down") else None), 422
    except NotFound:
        return _page(here, {"form": _("These tables were released before.")}), 404
    where = f"said-{kind}" if kind in hostess.KINDS else "saved"
    return redirect(url_for("board_rules.screen", program_id=program_id, done=action, lang=request.args.get("lang"), _anchor=where), 303)


def _order(session: Session, here: Desk, kind: str) -> None:
    hostess.set_occasions(session, here.program.id, _typed())


def _moved(step: int) -> Callable[[Session, Desk, str], None]:
    """What was typed is saved along: a button that moves a sentence loses nothing."""

    def move(session: Session, here: Desk, kind: str) -> None:
        wanted = _typed()
        place = next((place for place, one in enumerate(wanted) if one.kind == kind), None)
        if place is not None and 0 <= place + step < len(wanted):
            wanted.insert(place + step, wanted.pop(place))
        hostess.set_occasions(session, here.program.id, wanted)

    return move


def _keep(session: Session, here: Desk, kind: str) -> None:
    begins, ends = _minutes("begins"), _minutes("ends")
    hostess.keep_tables(
        session,
        here.program.id,
        hostess.venue_of(session, here.program.id, request.form.get("venue_id", ""), here.actor.venue_id),
        weekdays=[int(day) for day in request.form.getlist("weekday") if day in set("0123456")],
        begins=begins,
        ends=ends if ends > begins else ends + 24 * 60,
        tables=_number("tables"),
    )


def _release(session: Session, here: Desk, kind: str) -> None:
    hostess.release_tables(session, here.program.id, request.form.get("kept_id", ""))


def _book(session: Session, here: Desk, kind: str) -> None:
    program = programs.get(session, here.program.id)
    programs.change(session, program, by=here.actor.staff_id, booking_page=request.form.get("booking_page", "").strip())


DEEDS = {"order": _order, "up": _moved(-1), "down": _moved(1), "keep": _keep, "release": _release, "book": _book}


def _typed() -> list[Occasion]:
    """The sentences as they stand in the form; days that are no number are too few for any rule."""
    kinds = list(dict.fromkeys(kind for kind in request.form.getlist("kind") if kind in hostess.KINDS))
    return [
        Occasion(
            kind,
            f"active-{kind}" in request.form,
            _number(f"days-{kind}") if kind in DAYS else 0,
            {language: request.form.get(f"words-{kind}-{language}", "") for language in LANGUAGES},
        )
        for kind in kinds
    ]


def _number(name: str) -> int:
    text = request.form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        return -1
    return int(text)


def _minutes(name: str) -> int:
    """``19:30`` in minutes of the restaurant's day."""
    hours, _colon, minutes = request.form.get(name, "").partition(":")
    if not (hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60):
        raise Malformed("Write a time, like 19:30.", field=name)
    found = int(hours) * 60 + int(minutes)
    return found if found >= DAY_ENDS else found + 24 * 60


def _page(here: Place, wrong: Wrong | None = None, typed: list[Occasion] | None = None) -> str:
    with reading() as session:
        program = programs.get(session, here.program.id)
        venues = {venue.id: venue.name for venue in programs.venues(session, program.id)}
        today = programs.day_of(program)
        shown = {
            "occasions": typed or hostess.occasions(session, program.id),
            "kept": [_kept(one, venues) for one in hostess.every_kept(session, program.id)],
            "given": hostess.given(session, program.id, today - LOOKS_BACK, today + timedelta(days=1)),
            "people": {person.id: person.name for person in staff.team(session, program.id)},
        }
    return render_template(
        "board_rules.html",
        program=program,
        venue=here.venue,
        venues=venues,
        names=board_words.occasions(),
        says=board_words.explained(),
        may_say={kind: ["{name}", *(f"{{{name}}}" for name in sorted(names))] for kind, names in MAY_SAY.items()},
        ours=board_words.ours(),
        with_days=DAYS,
        weekdays=board_words.weekdays(),
        wrong=wrong or {},
        notice=board_words.done(request.args.get("done", "")) if not wrong else "",
        **shown,
    )


def _kept(one: hostess.KeptTable, venues: Mapping[str, str]) -> dict[str, Any]:
    days = board_words.weekdays()
    return {
        "row": one,
        "days": ", ".join(days[day] for day in range(7) if one.weekdays >> day & 1),
        "begins": _clock(one.begins),
        "ends": _clock(one.ends),
        "venue": venues.get(one.venue_id, ""),
    }


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
