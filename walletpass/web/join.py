"""A guest asks for a card: one screen, three fields, no cookie."""

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards, config, guests, programs
from walletpass.database import reading, transaction
from walletpass.doorman import place
from walletpass.errors import Malformed
from walletpass.web import consent
from walletpass.web.language import language

bp = Blueprint("join", __name__)


@bp.get("/j/<code>")
def form(code: str) -> Response:
    return _page(code, {})


@bp.post("/j/<code>")
def join(code: str) -> BaseResponse:
    """A new guest and a new card, whether or not the number is known: the answer gives nothing away."""
    current_app.extensions["doorman"].admit("join", place(request.remote_addr), config.current().join_per_minute)
    with reading() as session:
        channel = programs.channel_by_code(session, code)
        program = programs.get(session, channel.program_id)
    errors = _faults(program.country)
    if errors:
        return _page(code, errors, 422)
    with transaction() as session:
        guest = guests.register(
            session,
            program,
            name=request.form["name"],
            phone=request.form["phone"],
            language=language(),
            consent=consent.given(program, language()),
            channel_code=channel.code,
        )
        card = cards.issue(session, guest)
    return redirect(url_for("card_page.page", program_id=program.id, link=card.link, lang=request.args.get("lang")), 303)


def _faults(country: str) -> dict[str, str]:
    errors = {}
    try:
        guests.clean_name(request.form.get("name", ""))
    except Malformed:
        errors["name"] = _("Please tell us your name, in 80 letters at most.")
    try:
        guests.clean_phone(request.form.get("phone", ""), country)
    except Malformed:
        errors["phone"] = _("Please give a phone number, for example +49 151 23456789.")
    if not request.form.get("consent"):
        errors["consent"] = _("Please tick this, so that we may keep your card.")
    return errors


def _page(code: str, errors: dict[str, str], status: int = 200) -> Response:
    with reading() as session:
        channel = programs.channel_by_code(session, code)
        program = programs.get(session, channel.program_id)
    values = {name: request.form.get(name, "")[:200] for name in ("name", "phone", "consent")}
    page = render_template("join.html", program=program, channel=channel, form=values, errors=errors, consent_text=consent.text(program))
    return make_response(page, status)
