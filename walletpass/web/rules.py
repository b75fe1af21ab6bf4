"""The owner's page of the rules: all of them, each with a sentence, and who changed what. Managers read it."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import programs, staff
from walletpass.database import now, reading, transaction
from walletpass.errors import NotAllowed
from walletpass.programs import Program, RuleChange
from walletpass.programs.rules import BY_NAME
from walletpass.web import rule_choices, rule_form
from walletpass.web.managing import Desk, manager, screen_for_manager
from walletpass.web.rule_form import Filled
from walletpass.web.rule_words import Words
from walletpass.web.till import Place

bp = Blueprint("rules", __name__)

Answer = str | tuple[str, int] | BaseResponse
# How long a page may say "saved" after it was.
JUST_NOW = timedelta(minutes=5)


@bp.get("/t/<program_id>/rules")
def screen(program_id: str) -> str | BaseResponse:
    return screen_for_manager(program_id, page)


@bp.post("/t/<program_id>/rules")
def act(program_id: str) -> Answer:
    here = manager(program_id)
    if request.form.get("action") == "look":
        return _look_again(here)
    if not here.actor.may("rules"):
        raise NotAllowed("The owner changes the rules.")
    with transaction() as session:
        program = programs.lock(session, program_id)
        filled = rule_form.typed_in(request.form, program, programs.tiers(session, program_id))
        overtaken = request.form.get("edition", "") != str(programs.edition(session, program_id))
        if not filled.wrong and not overtaken:
            new = _save(session, here, program, filled)
    if filled.wrong or overtaken:
        return page(here, filled, overtaken=overtaken), 409 if overtaken else 422
    return redirect(url_for("rules.screen", program_id=program_id, saved=new, lang=request.args.get("lang")), 303)


def _save(session: Session, here: Desk, program: Program, filled: Filled) -> int:
    new = programs.change(session, program, by=here.actor.staff_id, **filled.values)
    return len(new) + programs.set_tiers(session, program, filled.steps, by=here.actor.staff_id)


def _look_again(here: Desk) -> str:
    """The form as it was typed, on the way back from the simulation: nothing is saved, and nothing is lost."""
    with reading() as session:
        program = programs.get(session, here.program.id)
        filled = rule_form.typed_in(request.form, program, programs.tiers(session, program.id))
    return page(here, filled, unsaved=True)


def page(here: Place, filled: Filled | None = None, *, overtaken: bool = False, unsaved: bool = False) -> str:
    with reading() as session:
        program = programs.get(session, here.program.id)
        tiers = programs.tiers(session, program.id)
        filled = filled or rule_form.of_program(program, tiers)
        told = programs.changes(session, program.id, 30)
        people = {person.id: person.name for person in staff.team(session, program.id)}
        edition = programs.edition(session, program.id)
    return render_template(
        "rules.html",
        program=program,
        venue=here.venue,
        may_save=here.actor is not None and here.actor.may("rules"),
        groups=rule_form.groups(filled, program.currency),
        rows=filled.rows,
        wrong=filled.wrong,
        spends=filled.values["tier_by"] == "spend",
        saved=_saved(here, told, program),
        just_saved="saved" in request.args and filled.texts == rule_form.of_program(program, tiers).texts,
        overtaken=overtaken,
        unsaved=unsaved or bool(filled.wrong) or overtaken,
        history=[_told(change, people, program) for change in told],
        edition=request.form.get("edition", "") if filled.wrong and not overtaken else edition,
    )


def _saved(here: Place, told: Any, program: Program) -> list[dict[str, Any]]:
    """What this person has changed just now."""
    wanted = request.args.get("saved", "")
    count = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 3 else 0
    mine = [change for change in told if here.actor and change.staff_id == here.actor.staff_id and now() - change.at < JUST_NOW]
    return [_told(change, {}, program) for change in mine[:count]]


def _told(change: RuleChange, people: dict[str, str], program: Program) -> dict[str, Any]:
    words = Words({name: getattr(program, name) for name in BY_NAME}, program.currency)
    rule = BY_NAME.get(change.name)
    shown = {"who": people.get(change.staff_id, ""), "by_command": not change.staff_id, "at": change.at, "name": change.name}
    if rule is None:
        return {**shown, "label": rule_choices.titles()["tiers"], "old": _names(change.old), "new": _names(change.new)}
    old, new = (rule_choices.value(rule, held, words) for held in (change.old, change.new))
    return {**shown, "label": words.label(rule.name), "old": old, "new": new}


def _names(steps: Any) -> str:
    return ", ".join(step["name"] for step in steps) or "–"
