"""Paper forms, typed in one after the other without a mouse. What is saved goes through `/api/v1/members`, like any other client's."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import config, guestbook, guests, programs
from walletpass.database import now, reading
from walletpass.errors import Malformed
from walletpass.web import consent
from walletpass.web.language import language
from walletpass.web.managing import desk, screen_for
from walletpass.web.till import Place

bp = Blueprint("forms", __name__)

PAPER = "paper"
TODAY = timedelta(hours=18)
MOST = 200


@bp.get("/t/<program_id>/forms")
def screen(program_id: str) -> str | BaseResponse:
    return screen_for("enrol", program_id, _page)


def _page(here: Place) -> str:
    with reading() as session:
        typed = _typed(session, here)
    return render_template(
        "forms.html",
        program=here.program,
        venue=here.venue,
        typed=typed[:20],
        to_print=sum(not one["held"] for one in typed),
        may_send=guestbook.inviting.possible(),
        consent_text=consent.text(here.program),
        proof={
            "purpose": consent.PURPOSE,
            "version": consent.VERSION,
            "language": language(),
            "text": consent.text(here.program),
            "channel": PAPER,
        },
    )


@bp.get("/t/<program_id>/forms/known")
def known(program_id: str) -> BaseResponse:
    """Whether a number that was just typed is known. To staff alone: guests are never told."""
    desk(program_id, "enrol")
    with reading() as session:
        program = programs.get(session, program_id)
        try:
            phone = guests.clean_phone(request.args.get("phone", ""), program.country)
        except Malformed:
            return jsonify(known=False, readable=False)
        return jsonify(known=guests.known(session, program_id, phone) is not None, readable=True)


@bp.get("/t/<program_id>/forms/sheet")
def sheet(program_id: str) -> str | BaseResponse:
    """A page of labels, to be cut out and given to those who got no message."""
    return screen_for("enrol", program_id, _sheet)


def _sheet(here: Place) -> str:
    with reading() as session:
        labels = [one for one in _typed(session, here) if not one["held"]]
    return render_template("forms_sheet.html", program=here.program, venue=here.venue, labels=labels, host=config.current().hostname)


def _typed(session: Session, here: Place) -> list[dict[str, Any]]:
    """Today's guests from paper, newest first, each with the card and whether a phone holds it."""
    since = now() - TODAY
    found = [guest for guest in guests.newest(session, here.program.id, channel_code=PAPER, limit=MOST) if guest.created_at > since]
    its_card = guestbook.cards_of(session, here.program.id, [guest.id for guest in found])
    return [
        {"guest": guest, "card": its_card[guest.id], "held": bool(its_card[guest.id].wallets)} for guest in found if guest.id in its_card
    ]
