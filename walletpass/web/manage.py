"""What a manager does at a till: unlock a colleague, let another till in, put a lost one out."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards, config, ledger, staff
from walletpass.database import reading, transaction
from walletpass.errors import NotOurCode
from walletpass.staff import Actor
from walletpass.web import qr
from walletpass.web.managing import manager, pressed, screen_for_manager
from walletpass.web.till import Place

bp = Blueprint("manage", __name__)


@bp.get("/t/<program_id>/manage")
def screen(program_id: str) -> str | BaseResponse:
    return screen_for_manager(program_id, _page)


@bp.post("/t/<program_id>/manage")
def act(program_id: str) -> str:
    here, deed = manager(program_id), pressed(DEEDS)
    with transaction() as session:
        shown = deed(session, here.actor)
    return _page(here, **shown)


@bp.get("/t/<program_id>/enrol/<token>/code.svg")
def enrol_code(program_id: str, token: str) -> BaseResponse:
    """Only of a link that works: this address is open to everybody, and draws nothing else for them."""
    with reading() as session:
        staff.check_enrol_link(session, program_id, token)
    return qr.svg(f"{config.current().base_url}{url_for('enrol_till.form', program_id=program_id, token=token)}")


def _unlock(session: Session, actor: Actor) -> dict[str, Any]:
    person = staff.person(session, actor.program_id, request.form.get("staff_id", ""))
    staff.unlock(session, actor.program_id, person.id)
    return {"notice": _("%(name)s may try again.", name=person.name)}


def _revoke(session: Session, actor: Actor) -> dict[str, Any]:
    staff.revoke_till(session, actor.program_id, request.form.get("device_id", ""))
    return {"notice": _("That till is out.")}


def _enrol(session: Session, actor: Actor) -> dict[str, Any]:
    token = staff.make_enrol_link(session, actor.program_id, venue_id=actor.venue_id, made_by=actor.staff_id)
    return {
        "enrol_url": f"{config.current().base_url}{url_for('enrol_till.form', program_id=actor.program_id, token=token)}",
        "enrol_qr_url": url_for("manage.enrol_code", program_id=actor.program_id, token=token),
    }


def _own_card(session: Session, actor: Actor) -> dict[str, Any]:
    """Nobody gives points to the card that is their own; nothing typed takes that back."""
    person = staff.person(session, actor.program_id, request.form.get("staff_id", ""))
    number = request.form.get("card", "").strip()
    try:
        card_id = cards.find(session, actor.program_id, number).id if number else ""
    except NotOurCode:
        return {"wrong": _("There is no card with this number.")}
    staff.give_card(session, person, card_id)
    if not number:
        return {"notice": _("%(name)s has no card of their own.", name=person.name)}
    return {"notice": _("%(name)s gives no points to this card from now on.", name=person.name)}


DEEDS: dict[str, Callable[[Session, Actor], dict[str, Any]]] = {
    "unlock": _unlock,
    "revoke": _revoke,
    "enrol": _enrol,
    "own_card": _own_card,
}


def _page(here: Place, **shown: Any) -> str:
    with reading() as session:
        shut = staff.locked(session, here.program.id)
        team = [
            {
                "id": person.id,
                "name": person.name,
                "role": person.role,
                "active": person.active,
                "locked": person.id in shut,
                "card": cards.get(session, here.program.id, person.card_id).number if person.card_id else "",
            }
            for person in staff.team(session, here.program.id)
        ]
        waiting = {
            "late": len(ledger.late_deeds(session, here.program.id)),
            "referrals": len(ledger.to_review(session, here.program.id)),
        }
        tills = [
            {
                "id": till.id,
                "name": till.name,
                "current": here.till is not None and till.id == here.till.id,
                "enrolled_at": till.enrolled_at,
            }
            for till in staff.tills(session, here.program.id)
        ]
    return render_template("manage.html", program=here.program, venue=here.venue, staff=team, tills=tills, **waiting, **shown)
