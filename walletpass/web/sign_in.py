"""Name and PIN, on a browser that is a till."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from walletpass import config, staff
from walletpass.api.auth import staff_cookie
from walletpass.database import reading, transaction
from walletpass.errors import PinLocked, WrongPin
from walletpass.web.till import Place, place

bp = Blueprint("sign_in", __name__)


@bp.get("/t/<program_id>/sign-in")
def form(program_id: str) -> BaseResponse:
    here = place(program_id)
    return _page(here) if here.till else redirect(url_for("till.screen", program_id=program_id, lang=request.args.get("lang")))


@bp.post("/t/<program_id>/sign-in")
def sign_in(program_id: str) -> BaseResponse:
    here = place(program_id)
    if here.till is None:
        return redirect(url_for("till.screen", program_id=program_id, lang=request.args.get("lang")), 303)
    try:
        secret = staff.sign_in(here.till, request.form.get("staff_id", ""), request.form.get("pin", ""))
    except WrongPin as error:
        return _page(here, error=_("This PIN does not fit. After five wrong tries it is locked for half an hour."), status=error.status)
    except PinLocked as error:
        return _page(here, lock=_("Too many tries. Wait half an hour, or ask a manager to unlock you."), status=error.status)
    _end(program_id)
    response = redirect(url_for(_first_screen(program_id), program_id=program_id, lang=request.args.get("lang")), 303)
    # A session cookie of the browser's; our own limits end it earlier.
    response.set_cookie(staff_cookie(program_id), secret, httponly=True, samesite="Strict", secure=config.current().secure)
    return response


@bp.post("/t/<program_id>/sign-out")
def sign_out(program_id: str) -> BaseResponse:
    place(program_id)
    _end(program_id)
    response = redirect(url_for("sign_in.form", program_id=program_id, lang=request.args.get("lang")), 303)
    response.delete_cookie(staff_cookie(program_id), httponly=True, samesite="Strict", secure=config.current().secure)
    return response


def _first_screen(program_id: str) -> str:
    """Where whoever has just signed in does their work."""
    with reading() as session:
        person = staff.person(session, program_id, request.form["staff_id"])
    return "board.screen" if person.role == "hostess" else "till.screen"


def _end(program_id: str) -> None:
    """Whoever was signed in on this browser is not any more."""
    with transaction() as session:
        staff.sign_out(session, program_id, request.cookies.get(staff_cookie(program_id), ""))


def _page(here: Place, *, error: str = "", lock: str = "", status: int = 200) -> Response:
    with reading() as session:
        shut = staff.locked(session, here.program.id, here.till.id if here.till else None)
        team = [
            {"id": person.id, "name": person.name, "role": person.role, "locked": person.id in shut}
            for person in staff.team(session, here.program.id)
        ]
    page = render_template(
        "sign_in.html",
        program=here.program,
        venue=here.venue,
        staff=team,
        error=error,
        lock=lock,
        selected=request.form.get("staff_id", ""),
    )
    return make_response(page, status)
