"""A guest's points at the manager's desk: how they came and went, and the three ways to mend them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import checks, guestbook, guests, ledger, programs
from walletpass.api.check_writes import answered
from walletpass.api.corrections import retell
from walletpass.api.finding import find
from walletpass.api.once import tell
from walletpass.cards import Card
from walletpass.database import new_id, reading
from walletpass.errors import Malformed, NotFound, Refusal, TooMany
from walletpass.ledger import Answer, Entry, Origin
from walletpass.programs import Program
from walletpass.web.managing import Desk, manager, pressed, screen_for_manager
from walletpass.web.till import Place

bp = Blueprint("guest_points", __name__)

LATEST = 50


@dataclass(frozen=True)
class Row:
    """One entry of the account."""

    type: str
    points: int
    at: datetime
    who: str
    why: str


@bp.get("/t/<program_id>/guests/<guest_id>/points")
def screen(program_id: str, guest_id: str) -> Response | BaseResponse:
    return screen_for_manager(program_id, lambda here: _page(here, guest_id))


@bp.post("/t/<program_id>/guests/<guest_id>/points")
def act(program_id: str, guest_id: str) -> Response | BaseResponse:
    """Leads back to the page; each form is good once, however often it is sent."""
    here, deed = manager(program_id), pressed(DEEDS)
    key = f"form:{request.form.get('key', '')}"[:200]
    asked = [request.path, sorted((name, value) for name, value in request.form.items() if name != "csrf_token")]

    def work(session: Session, program: Program) -> Answer:
        _guest, card = _of(session, program.id, guest_id)
        deed(session, program, here, card, _origin(here, key))
        return Answer(200, {"points": tell(session, program.id, card.id).points})

    try:
        answered(program_id, key, asked, work)
    except Refusal as error:
        return _page(here, guest_id, wrong=_sentence(error), status=error.status)
    done = request.form["action"]
    return redirect(url_for("guest_points.screen", program_id=program_id, guest_id=guest_id, done=done, lang=request.args.get("lang")), 303)


def _correct(session: Session, program: Program, _here: Desk, card: Card, origin: Origin) -> None:
    text = request.form.get("points", "").replace(" ", "").replace("−", "-")
    digits = text.lstrip("+-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9 and len(text) - len(digits) <= 1):
        raise Malformed("Points are a whole number.", field="points", maximum=program.adjust_limit)
    ledger.adjust(session, program, card, int(text), origin)


def _forgive(session: Session, program: Program, _here: Desk, card: Card, origin: Origin) -> None:
    ledger.writeoff(session, program, card, ledger.balance(session, program.id, card.id).debt, origin)


def _merge(session: Session, program: Program, here: Desk, card: Card, origin: Origin) -> None:
    """The other card goes up in this one."""
    other = find(session, here.actor, request.form.get("card", ""))
    ledger.merge(session, program, other, card, origin)
    retell(session, program.id, other.id, card.id)


DEEDS: dict[str, Callable[[Session, Program, Desk, Card, Origin], None]] = {"correct": _correct, "forgive": _forgive, "merge": _merge}


def _origin(here: Desk, key: str) -> Origin:
    """Raises Malformed without a reason."""
    actor, reason = here.actor, " ".join(request.form.get("reason", "").split())[:200]
    if len(reason) < 3:
        raise Malformed("A reason is needed, of three letters at least.", field="reason")
    return Origin(actor.source, key, actor.venue_id, actor.staff_id, actor.till_id, reason, own_card=actor.own_card)


def _of(session: Session, program_id: str, guest_id: str) -> tuple[guests.Guest, Card]:
    """Raises NotFound for a guest without a card that is good."""
    guest = guests.get(session, program_id, guest_id)
    card = guestbook.card_of(session, guest) if guest.erased_at is None else None
    if card is None:
        raise NotFound("This guest has no card that works.")
    return guest, card


def _sentence(error: Refusal) -> str:
    field, most = error.details.get("field"), error.details.get("maximum")
    if field == "reason":
        return str(_("Say why, in three letters at least."))
    if isinstance(error, Malformed) and most is not None:
        return str(_("A correction is a whole number up to %(most)s, with a minus to take away.", most=most))
    said = {
        "insufficient_balance": _("There are not enough points on the card any more."),
        "not_our_code": _("This is not one of our cards. Check the number."),
        "not_allowed": _("This is your own card. Ask a colleague to do it."),
        "conflict": _("This cannot be done with these cards: one has ended, went up in another, or has points held for an open check."),
        TooMany.code: _("That was too often. Wait a minute."),
    }
    return str(said.get(error.code, _("This did not work. Look at the points as they are now.")))


def _page(here: Place, guest_id: str, wrong: str = "", status: int = 200) -> Response:
    with reading() as session:
        program = programs.get(session, here.program.id)
        guest, card = _of(session, program.id, guest_id)
        told = ledger.statement(session, program.id, card.id)
        page = render_template(
            "guest_points.html",
            program=program,
            venue=here.venue,
            guest=guest,
            card=card,
            balance=told.balance,
            ends=ledger.schedule(session, program.id, card.id),
            rows=[_row(session, program, entry) for entry in reversed(told.entries[-LATEST:])],
            visits=checks.summary(session, card).visits,
            form=request.form if wrong else {},
            key=new_id(),
            notice="" if wrong else _notice(),
            wrong=wrong,
        )
    return make_response(page, status)


def _row(session: Session, program: Program, entry: Entry) -> Row:
    who = checks.name_of(session, program.id, entry.staff_id) or _source(entry.source)
    return Row(entry.type, entry.delta, entry.event_at, who, entry.reason)


def _source(source: str) -> str:
    return str({"api": _("Another system"), "webhook": _("Another system"), "import": _("From a file")}.get(source, ""))


def _notice() -> str:
    said: dict[str, Any] = {
        "correct": _("Corrected. The card shows it in a moment."),
        "forgive": _("The debt is forgiven."),
        "merge": _("The two cards are one now: both codes open it."),
    }
    return str(said.get(request.args.get("done", ""), ""))
