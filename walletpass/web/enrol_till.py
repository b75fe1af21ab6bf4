"""A one-time link makes this browser a till."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from walletpass import config, programs, staff
from walletpass.api.auth import till_cookie
from walletpass.database import reading, transaction
from walletpass.errors import Malformed

bp = Blueprint("enrol_till", __name__)

COOKIE_LIVES = timedelta(days=400)


@bp.get("/t/<program_id>/enrol/<token>")
def form(program_id: str, token: str) -> str:
    return _page(program_id, token)


@bp.post("/t/<program_id>/enrol/<token>")
def enrol(program_id: str, token: str) -> str | tuple[str, int] | BaseResponse:
    try:
        with transaction() as session:
            _till, secret = staff.enrol(session, program_id, token, request.form.get("device", ""))
    except Malformed:
        return _page(program_id, token, _("Please give this till a name.")), 422
    response = redirect(url_for("till.screen", program_id=program_id, lang=request.args.get("lang")), 303)
    secure = config.current().secure
    response.set_cookie(till_cookie(program_id), secret, max_age=COOKIE_LIVES, httponly=True, samesite="Strict", secure=secure)
    return response


def _page(program_id: str, token: str, error: str = "") -> str:
    with reading() as session:
        program = programs.get(session, program_id)
        staff.check_enrol_link(session, program_id, token)
    return render_template("enrol.html", program=program, venue=None, device=request.form.get("device", "")[:60], error=error)
