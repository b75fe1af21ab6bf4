"""A guest asks for a card: one screen, three fields, no cookie."""

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards, config, guestbook, guests, programs, proving
from walletpass.cards import Card
from walletpass.database import reading, transaction
from walletpass.doorman import place
from walletpass.errors import Gone, Malformed, NotFound, TooMany, Unavailable
from walletpass.guestbook import Application
from walletpass.programs import Program
from walletpass.web import consent
from walletpass.web.language import language
from walletpass.web.table import CHECK, take_check

bp = Blueprint("join", __name__)

LINK_LETTERS = 22


@bp.get("/j/<code>")
def form(code: str) -> Response:
    return _page(code, {})


@bp.post("/j/<code>")
def join(code: str) -> BaseResponse:
    """A new guest and a new card, and a code to the number, whether or not it is known: the answer gives nothing away."""
    current_app.extensions["doorman"].admit("join", place(request.remote_addr), config.current().join_per_minute)
    with reading() as session:
        channel = programs.channel_by_code(session, code)
        program = programs.get(session, channel.program_id)
    errors = _faults(program.country)
    if errors:
        return _page(code, errors, 422)
    with transaction() as session:
        application = Application(
            phone=request.form["phone"],
            name=request.form["name"],
            language=language(),
            channel_code=channel.code,
            consents=[consent.given(program, language())],
            referred_by=_referrer(session, program.id),
            vouched=False,
        )
        _guest, card = guestbook.join(session, program, application)
        take_check(session, program, request.form.get(CHECK, "")[:40], card)
        _ask(session, program, card)
    return redirect(url_for("card_page.page", program_id=program.id, link=card.link, lang=request.args.get("lang")), 303)


def _ask(session: Session, program: Program, card: Card) -> None:
    """A card is never refused for want of a code: its page says when there will be one."""
    try:
        current_app.extensions["doorman"].admit("codes", place(request.remote_addr), config.current().codes_per_minute)
        proving.ask(session, program, card, language())
    except (TooMany, Unavailable):
        pass


def _referrer(session: Session, program_id: str) -> str:
    """The id of the card that ``?ref=`` names by its number or link; empty for anything else, without a word."""
    text = request.args.get("ref", "").replace(" ", "")
    try:
        if cards.is_card_number(text):
            return cards.find_by_code(session, program_id, text).id
        return cards.by_link_in_use(session, program_id, text).id if len(text) == LINK_LETTERS else ""
    except (NotFound, Gone):
        return ""


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
    values[CHECK] = request.values.get(CHECK, "")[:40]
    page = render_template("join.html", program=program, channel=channel, form=values, errors=errors, consent_text=consent.text(program))
    return make_response(page, status)
