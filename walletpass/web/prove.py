"""On the card's page: the code that was sent to the guest's number. The link of the card is the secret that binds it; no cookie."""

from flask import Blueprint, current_app, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards, config, programs, proving
from walletpass.cards import Card
from walletpass.database import transaction
from walletpass.doorman import place
from walletpass.errors import Conflict, TooMany, Unavailable
from walletpass.web import card_page
from walletpass.web.language import language

bp = Blueprint("prove", __name__)


@bp.post("/c/<program_id>/<link>/prove")
def prove(program_id: str, link: str) -> BaseResponse:
    """The typed code: on to the card that the guest has from now on, or the same page with the sentence why not."""
    try:
        _admit("guesses")
    except TooMany:
        return card_page.show(program_id, link, wrong=_("That was too often. Please wait a moment, and try again."), status=429)
    with transaction() as session:
        card = cards.by_link_in_use(session, program_id, link)
        kept = proving.prove(session, programs.get(session, program_id), card, request.form.get("code", ""))
    if kept is None:
        return card_page.show(program_id, link, wrong=_("This is not the code, or it has ended."), status=422)
    return _to(kept, "proved")


@bp.post("/c/<program_id>/<link>/ask")
def ask(program_id: str, link: str) -> BaseResponse:
    """Another code."""
    try:
        _admit("codes")
        with transaction() as session:
            card = cards.by_link_in_use(session, program_id, link)
            proving.ask(session, programs.get(session, program_id), card, language())
    except TooMany as refused:
        return card_page.show(program_id, link, refused=card_page.later(refused.after), status=429, after=refused.after)
    except Conflict:
        pass
    except Unavailable:
        return card_page.show(program_id, link, refused=_("No code can be sent at this moment. Please ask our staff."), status=503)
    return _to(card, "")


def _admit(door: str) -> None:
    current_app.extensions["doorman"].admit(door, place(request.remote_addr), config.current().codes_per_minute)


def _to(card: Card, said: str) -> BaseResponse:
    lang = request.args.get("lang")
    return redirect(url_for("card_page.page", program_id=card.program_id, link=card.link, lang=lang, said=said or None), 303)
