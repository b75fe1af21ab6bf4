"""The sheet of practice cards, to print and to scan at a till that is training."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from walletpass.errors import NotFound
from walletpass.web import qr
from walletpass.web.practice_cards import CODES, practice_cards
from walletpass.web.till import place

bp = Blueprint("practice", __name__)


@bp.get("/t/<program_id>/practice")
def sheet(program_id: str) -> str | BaseResponse:
    here = place(program_id)
    if here.till is None or here.actor is None:
        return redirect(url_for("till.screen", program_id=program_id, lang=request.args.get("lang")))
    here.actor.must("look_up")
    return render_template("practice.html", program=here.program, venue=here.venue, cards=practice_cards(here.program))


@bp.get("/t/<program_id>/practice/<slug>.svg")
def code(program_id: str, slug: str) -> Response:
    if slug not in CODES:
        raise NotFound("There is no practice card of that name.")
    place(program_id)
    return qr.svg(CODES[slug])
