"""The till: the screen itself. What it does goes through `/api/v1`, like any other client's requests."""

from dataclasses import dataclass

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import programs, staff
from walletpass.api.auth import till_actor, till_cookie
from walletpass.api.schemas import EarnIn
from walletpass.database import reading
from walletpass.programs import Program, Venue
from walletpass.staff import Actor, Till
from walletpass.web import kept
from walletpass.web.practice_cards import practice

bp = Blueprint("till", __name__)

# By this the worker knows the page from a sign-in, and whether the files it keeps belong to it.
VERSION_HEADER = "X-Walletpass-Till"


@dataclass(frozen=True)
class Place:
    """The till that this browser is, if it is one, and who is signed in on it."""

    program: Program
    till: Till | None
    venue: Venue | None
    actor: Actor | None


def place(program_id: str) -> Place:
    """Raises NotFound for a program that is none."""
    with reading() as session:
        program = programs.get(session, program_id)
        till = staff.till_by_token(session, program_id, request.cookies.get(till_cookie(program_id), ""))
        return Place(program, till, _venue(session, till), till_actor(program_id) if till else None)


@bp.get("/t/<program_id>")
def screen(program_id: str) -> str | BaseResponse:
    here = place(program_id)
    if here.till is None:
        return render_template("not_enrolled.html", program=here.program)
    if here.actor is None:
        return redirect(url_for("sign_in.form", program_id=program_id, lang=request.args.get("lang")))
    if not here.actor.may("look_up"):
        return redirect(url_for("coats.screen", program_id=program_id, lang=request.args.get("lang")))
    version = kept.version(here.program)
    page = render_template(
        "till.html",
        program=here.program,
        venue=here.venue,
        staff=here.actor,
        version=version,
        practice=practice(here.program),
        times="at" in EarnIn.model_fields,
    )
    response = make_response(page)
    response.headers[VERSION_HEADER] = version
    return response


def _venue(session: Session, till: Till | None) -> Venue | None:
    found = programs.venues(session, till.program_id) if till else []
    return next((venue for venue in found if till and venue.id == till.venue_id), found[0] if len(found) == 1 else None)
