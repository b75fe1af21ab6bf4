"""Thanks for friends that wait for a manager: one guest has brought very many in a week."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards, guests, ledger
from walletpass.api.once import tell
from walletpass.database import reading, transaction
from walletpass.errors import Conflict
from walletpass.ledger import Bonus, Lot, Origin
from walletpass.programs import Program
from walletpass.web.managing import manager, pressed, screen_for_manager
from walletpass.web.till import Place
from walletpass.web.words import short_name

bp = Blueprint("referrals", __name__)

DEEDS = {"give": True, "refuse": False}


@dataclass(frozen=True)
class Row:
    """``entry`` is the one that waits; ``at`` is the restaurant's own time of the friend's first check."""

    entry: str
    guest: str
    friend: str
    points: int
    at: datetime


@bp.get("/t/<program_id>/referrals")
def screen(program_id: str) -> str | BaseResponse:
    return screen_for_manager(program_id, _page)


@bp.post("/t/<program_id>/referrals")
def act(program_id: str) -> str | BaseResponse | tuple[str, int]:
    here, give = manager(program_id), pressed(DEEDS)
    origin = Origin("till", staff_id=here.actor.staff_id, reason="thanks for a friend")
    try:
        with transaction() as session:
            entry = ledger.entry(session, program_id, request.form.get("entry", ""))
            ledger.decide_thanks(session, here.program, entry, give, origin)
            tell(session, program_id, entry.card_id)
    except Conflict:
        return _page(here, wrong=_("Somebody has decided this already.")), Conflict.status
    return redirect(url_for("referrals.screen", program_id=program_id, done=request.form["action"], lang=request.args.get("lang")), 303)


def _page(here: Place, wrong: str = "") -> str:
    with reading() as session:
        rows = [_row(session, here.program, bonus, lot) for bonus, lot in ledger.to_review(session, here.program.id)]
    said = {"give": _("Given. The points can be spent now."), "refuse": _("Refused. The points are gone.")}
    notice = said.get(request.args.get("done", ""), "")
    return render_template("referrals.html", program=here.program, venue=here.venue, rows=rows, notice=notice, wrong=wrong)


def _row(session: Session, program: Program, bonus: Bonus, lot: Lot) -> Row:
    holder = cards.get(session, program.id, bonus.card_id).shown.get("holder", "")
    return Row(
        entry=f"{bonus.card_id}-{bonus.seq}",
        guest=short_name(str(holder)),
        friend=short_name(guests.get(session, program.id, bonus.subject).name),
        points=lot.remaining,
        at=ledger.entry(session, program.id, f"{bonus.card_id}-{bonus.seq}").event_at,
    )
