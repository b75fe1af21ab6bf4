"""Checks without a point of sale: the open tables of a venue, and one check with all that is done with it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import checks
from walletpass.api.check_deeds import Desk
from walletpass.api.check_writes import answered
from walletpass.api.checks import facts, join_url
from walletpass.cards import Card
from walletpass.checks import Ordered, Payment
from walletpass.checks.money import written
from walletpass.database import new_id, now, reading
from walletpass.errors import Malformed, NotFound, Refusal
from walletpass.ledger import Answer
from walletpass.programs import Program
from walletpass.staff import Actor
from walletpass.web import qr
from walletpass.web.check_faults import amount, faults
from walletpass.web.language import language
from walletpass.web.managing import Desk as Till
from walletpass.web.managing import desk as staff_desk
from walletpass.web.managing import pressed, screen_for
from walletpass.web.words import sentence

bp = Blueprint("checks", __name__)

Deed = Callable[[Desk, str], Answer]
MOST_OF_A_LINE = 9999
NOTHING: Mapping[str, str] = MappingProxyType({})


@bp.get("/t/<program_id>/checks")
def screen(program_id: str) -> Response | BaseResponse:
    return screen_for("checks", program_id, _list)


@bp.post("/t/<program_id>/checks")
def open_one(program_id: str) -> Response | BaseResponse:
    here, check_id = staff_desk(program_id, "checks"), new_id()

    def deed(desk: Desk, check_id: str) -> Answer:
        return desk.told(desk.open(check_id, place=request.form.get("place", "")).id)

    try:
        answer = _once(here, lambda desk: deed(desk, check_id))
    except Refusal as error:
        return _list(here, sentence(error), error.status)
    return _to(program_id, str(answer.body["check"]["id"]))


@bp.get("/t/<program_id>/checks/<check_id>")
def one(program_id: str, check_id: str) -> Response | BaseResponse:
    return screen_for("checks", program_id, lambda here: _page(here, check_id))


@bp.post("/t/<program_id>/checks/<check_id>")
def act(program_id: str, check_id: str) -> Response | BaseResponse:
    """Leads back to the page, so that nothing is done again by loading it anew; each form is good once."""
    here, deed = staff_desk(program_id, "checks"), pressed(DEEDS)
    try:
        answer = _once(here, lambda desk: deed(desk, check_id))
    except Refusal as error:
        wrong = faults(error, request.form, here.program)
        if isinstance(error, NotFound) and not wrong:
            raise
        return _page(here, check_id, "" if wrong else sentence(error), error.status, wrong)
    done = request.form["action"] if request.form["action"] in SAID else None
    return _to(program_id, check_id, done=done, points=answer.body["points"] or None, money=answer.body["money"] or None)


@bp.get("/t/<program_id>/checks/<check_id>/code.svg")
def code(program_id: str, check_id: str) -> Response:
    """For the guest's own phone. Only a till shows it: who has it may take the check."""
    here = staff_desk(program_id, "checks")
    with reading() as session:
        link = join_url(session, checks.get(session, here.program.id, check_id))
    if not link:
        raise NotFound()
    return qr.svg(link)


def _line(desk: Desk, check_id: str) -> Answer:
    quantity = request.form.get("quantity", "1")
    if not (quantity.isascii() and quantity.isdigit() and 0 < int(quantity[:5]) <= MOST_OF_A_LINE):
        raise Malformed("A quantity is a whole number.", field="quantity")
    ordered = Ordered(_amount(desk, "amount"), name=request.form.get("name", ""), quantity=int(quantity))
    return desk.add(check_id, [ordered])


def _close(desk: Desk, check_id: str) -> Answer:
    lines = checks.lines_of(desk.session, checks.get(desk.session, desk.program.id, check_id))
    discount = _amount(desk, "discount") if request.form.get("discount", "").strip() else 0
    return desk.close(check_id, Payment(None if lines else _amount(desk, "amount"), discount))


def _position() -> int:
    text = request.form.get("position", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Malformed("There is no such line.")
    return int(text)


def _amount(desk: Desk, field: str) -> int:
    return amount(request.form, field, desk.program)


DEEDS: dict[str, Deed] = {
    "line": _line,
    "take_off": lambda desk, check_id: desk.take_off(check_id, _position()),
    "attach": lambda desk, check_id: desk.attach(check_id, request.form.get("card", "")),
    "detach": lambda desk, check_id: desk.detach(check_id),
    "bill": lambda desk, check_id: desk.bill(check_id),
    "close": _close,
    "refund_line": lambda desk, check_id: desk.refund(check_id, positions=[_position()]),
    "refund": lambda desk, check_id: desk.refund(
        check_id, amount=_amount(desk, "amount") if request.form.get("amount", "").strip() else None
    ),
    "void": lambda desk, check_id: desk.void(check_id),
}
REASONED = {"refund", "void"}
GIVES_BACK = REASONED | {"refund_line"}
SAID = {"attach", "close", "refund_line", "refund", "void"}


def _once(here: Till, work: Callable[[Desk], Answer]) -> Answer:
    """By the form's own key: tapped twice, it counts once. Raises Malformed without the reason that a deed asks for."""
    action, reason = request.form.get("action", ""), " ".join(request.form.get("reason", "").split())[:200]
    here.actor.must("refund" if action in GIVES_BACK else "checks")
    if action in REASONED and len(reason) < 3:
        raise Malformed("A reason is needed, of three letters at least.", field="reason")
    key = f"form:{request.form.get('key', '')}"[:200]
    asked = [request.path, sorted((name, value) for name, value in request.form.items() if name != "csrf_token")]

    def done(session: Session, program: Program) -> Answer:
        return work(Desk.of(session, program, here.actor, key, reason or ("sent back" if action == "refund_line" else "")))

    return answered(here.program.id, key, asked, done)[0]


def _to(program_id: str, check_id: str, **shown: Any) -> BaseResponse:
    return redirect(url_for("checks.one", program_id=program_id, check_id=check_id, lang=request.args.get("lang"), **shown), 303)


def _list(here: Till, wrong: str = "", status: int = 200) -> Response:
    program, actor = here.program, here.actor
    with reading() as session:
        ours = [facts(session, seen) for seen in checks.open_checks(session, program.id, actor.venue_id)]
        paid = [facts(session, seen) for seen in checks.latest(session, program.id, actor.venue_id)]
        today = _today(session, program, actor)
    page = render_template(
        "checks.html", program=program, venue=here.venue, staff=actor, ours=ours, paid=paid, today=today, wrong=wrong, key=new_id(),
        place=request.form.get("place", ""), money=_money(program),
    )  # fmt: skip
    return make_response(page, status)


def _page(here: Till, check_id: str, wrong: str = "", status: int = 200, faults: Mapping[str, str] = NOTHING) -> Response:
    """``wrong`` is of the whole form, ``faults`` are of its fields."""
    program, typed = here.program, request.form if wrong or faults else NOTHING
    with reading() as session:
        seen = checks.seen(session, program.id, check_id)
        card = session.get(Card, (program.id, seen.check.card_id)) if seen.check.card_id else None
        page = render_template(
            "check.html", program=program, venue=here.venue, staff=here.actor, check=seen.check, guest=seen.guest, ask=seen.ask_for_card,
            lines=checks.lines_of(session, seen.check), waiter=checks.name_of(session, program.id, seen.check.waiter),
            known=checks.summary(session, card) if card else None, menu=[item for item in checks.items(session, program.id) if item.available], wrong=wrong, faults=faults, notice="" if typed else _notice(program),
            form=typed, key=new_id(), money=_money(program),
        )  # fmt: skip
    return make_response(page, status)


def _notice(program: Program) -> str:
    """What was just done here; nothing for a word that is none of ours."""
    done, points = request.args.get("done", ""), request.args.get("points", "")
    points = points if points.lstrip("-").isdigit() and len(points) <= 12 else "0"
    money = request.args.get("money", "")
    money = _money(program)(int(money) if money.isascii() and money.isdigit() and len(money) <= 12 else 0)
    said = {
        "attach": _("This is the guest's check now."),
        "close": _("Paid. Points: %(points)s.", points=points),
        "refund_line": _("Sent back. To pay out: %(money)s. Points: %(points)s.", money=money, points=points),
        "refund": _("Refunded. To pay out: %(money)s. Points: %(points)s.", money=money, points=points),
        "void": _("The check is void. To pay out: %(money)s.", money=money),
    }
    return str(said.get(done, ""))


def _today(session: Session, program: Program, actor: Actor) -> checks.Report:
    """From midnight at the restaurant."""
    midnight = datetime.now(ZoneInfo(program.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return checks.report(session, program.id, midnight, now() + timedelta(seconds=1), actor.venue_id)


def _money(program: Program) -> Callable[[int], str]:
    return lambda amount: written(amount, program.currency, language())
