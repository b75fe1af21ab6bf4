"""How was it? Asked on the card's own page, where only its guest comes; and what guests said, for the manager alone."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards, config, programs, proving, surveys
from walletpass.cards import Card
from walletpass.database import now, reading, transaction
from walletpass.doorman import place
from walletpass.errors import Malformed
from walletpass.ledger import Origin
from walletpass.programs import Program
from walletpass.web.managing import manager, pressed, screen_for_manager
from walletpass.web.till import Place

bp = Blueprint("survey", __name__)
team_bp = Blueprint("surveys", __name__)

QUARTER = timedelta(days=90)
# Who has just answered is thanked.
THANKED = timedelta(hours=1)


@bp.post("/c/<program_id>/<link>/survey")
def answer(program_id: str, link: str) -> BaseResponse:
    """Whoever has the link of a card may speak for its guest; there is no session that a foreign page could borrow."""
    current_app.extensions["doorman"].admit("survey", place(request.remote_addr), config.current().join_per_minute)
    score = request.form.get("score", "")
    if not (score.isascii() and score.isdigit() and len(score) <= 2):
        raise Malformed(_("Choose a number from 0 to 10."))
    with transaction() as session:
        card, program = proving.current(session, cards.by_link_in_use(session, program_id, link)), programs.get(session, program_id)
        surveys.answer(
            session, program, card, request.form.get("check", "")[:64], int(score), request.form.get("comment", ""), Origin("system")
        )
    return redirect(url_for("card_page.page", program_id=program_id, link=link, lang=request.args.get("lang"), _anchor="survey"), 303)


def of_card(session: Session, program: Program, card: Card) -> dict[str, Any] | None:
    """What the card's page asks: about a visit, or nothing; or it says thank you."""
    check = surveys.due(session, card)
    if check is not None:
        return {"check": check, "points": program.survey_points, "said": None}
    visit = surveys.newest_visit(session, card)
    said = surveys.answered(session, program.id, visit.id) if visit is not None else None
    return {"said": said} if said is not None and now() - said.answered_at < THANKED else None


@team_bp.get("/t/<program_id>/surveys")
def screen(program_id: str) -> str | BaseResponse:
    return screen_for_manager(program_id, _page)


@team_bp.post("/t/<program_id>/surveys")
def act(program_id: str) -> BaseResponse:
    here = manager(program_id)
    deed = pressed({"thank": surveys.thank})
    with transaction() as session:
        deed(session, program_id, request.form.get("review_id", ""), here.actor.staff_id)
    return redirect(url_for("surveys.screen", program_id=program_id, lang=request.args.get("lang")), 303)


def _page(here: Place) -> str:
    program_id = here.program.id
    with reading() as session:
        return render_template(
            "surveys.html",
            program=here.program,
            venue=here.venue,
            quarter=surveys.summary(session, program_id, now() - QUARTER),
            before=surveys.summary(session, program_id, now() - 2 * QUARTER, now() - QUARTER),
            low=[_said(session, row) for row in surveys.latest(session, program_id, low=True)],
            answers=[_said(session, row) for row in surveys.latest(session, program_id)],
            reviews=[{"review": row, "card": _card(session, program_id, row.card_id)} for row in surveys.unthanked(session, program_id)],
        )


def _said(session: Session, row: surveys.Survey) -> dict[str, Any]:
    return {"survey": row, "card": _card(session, row.program_id, row.card_id)}


def _card(session: Session, program_id: str, card_id: str) -> Card | None:
    return session.get(Card, (program_id, card_id)) if card_id else None
