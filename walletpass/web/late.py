"""What tills brought too late to be booked silently: a manager books or refuses it with one tap."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import format_currency
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards, ledger, programs, staff
from walletpass.api import late
from walletpass.database import reading, transaction
from walletpass.errors import NotFound, Refusal
from walletpass.ledger import LateDeed
from walletpass.programs import Program
from walletpass.web.managing import manager, pressed, screen_for_manager
from walletpass.web.till import Place
from walletpass.web.words import short_name

bp = Blueprint("late", __name__)

DEEDS = {"book": "booked", "refuse": "refused"}


@dataclass(frozen=True)
class Row:
    """``at`` is the restaurant's own time; ``hinders`` says why it cannot be booked, where that is known already."""

    id: str
    guest: str
    amount: str
    points: int
    at: datetime
    who: str
    hinders: str


@bp.get("/t/<program_id>/late")
def screen(program_id: str) -> str | BaseResponse:
    return screen_for_manager(program_id, _page)


@bp.post("/t/<program_id>/late")
def act(program_id: str) -> str | BaseResponse | tuple[str, int]:
    """Leads back to the page; what could not be booked stays on it, with the reason."""
    here, state = manager(program_id), pressed(DEEDS)
    try:
        with transaction() as session:
            deed = ledger.late_deed(session, program_id, request.form.get("deed_id", ""))
            if state == "booked":
                late.book(session, programs.get(session, program_id), deed, here.actor)
            else:
                ledger.decide_late(session, deed, state, here.actor.staff_id)
    except NotFound as error:
        if error.code == "not_found":
            raise
        return _page(here, wrong=_said(error)), error.status
    except Refusal as error:
        return _page(here, wrong=_said(error)), error.status
    return redirect(url_for("late.screen", program_id=program_id, done=state, lang=request.args.get("lang")), 303)


def _page(here: Place, wrong: str = "") -> str:
    with reading() as session:
        rows = [_row(session, here.program, deed) for deed in ledger.late_deeds(session, here.program.id)]
    return render_template("late.html", program=here.program, venue=here.venue, rows=rows, notice=_notice(), wrong=wrong)


def _row(session: Session, program: Program, deed: LateDeed) -> Row:
    kept = deed.body
    earned = ledger.earned_before(session, deed, kept["bill"]["check_id"])
    return Row(
        id=deed.id,
        guest=short_name(str(cards.get(session, program.id, kept["card"]).shown.get("holder", ""))),
        amount=_money(kept["amount"], program.currency),
        points=kept["points"],
        at=deed.event_at,
        who=staff.person(session, program.id, deed.staff_id).name if deed.staff_id else _("Another system"),
        hinders=_("This check has earned its points already.") if earned else "",
    )


def _notice() -> str:
    """What was just done here; nothing for a word that is none of ours."""
    said = {"booked": _("Booked, with the time at which it happened."), "refused": _("Refused. Nothing was booked.")}
    return str(said.get(request.args.get("done", ""), ""))


def _said(error: Refusal) -> str:
    said: dict[str, Any] = {
        "already_earned": _("This check has earned its points already."),
        "insufficient_balance": _("There are not enough points on the card any more."),
        "above_cap": _("Points may not pay so much of this check."),
        "not_our_code": _("This card is not in use any more."),
        "coat_ticket": _("This is a coat ticket. It has no points."),
    }
    return str(said.get(error.code) or error.message)


def _money(amount: int, currency: str) -> str:
    return str(format_currency(Decimal(amount).scaleb(-get_currency_precision(currency)), currency))
