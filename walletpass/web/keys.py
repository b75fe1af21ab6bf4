"""Which other systems may call the API, and for what. A key is shown once, when it is made."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import programs, staff
from walletpass.database import now, reading, transaction
from walletpass.errors import Malformed, NotFound
from walletpass.staff import EVERYDAY, SCOPES, Actor
from walletpass.web.managing import manager, pressed, screen_for_manager
from walletpass.web.till import Place

bp = Blueprint("keys", __name__)

LIVES = {"": None, "30": timedelta(days=30), "365": timedelta(days=365)}


@bp.get("/t/<program_id>/keys")
def screen(program_id: str) -> str | BaseResponse:
    return screen_for_manager(program_id, _page)


@bp.post("/t/<program_id>/keys")
def act(program_id: str) -> str | tuple[str, int]:
    """Draws the page itself: a new key stands on it this once, and in no address."""
    here, deed = manager(program_id), pressed(DEEDS)
    try:
        with transaction() as session:
            shown = deed(session, here.actor)
    except Malformed:
        return _page(here, wrong=_("No key was made. Say what it is for, and tick what it may do.")), 422
    except NotFound:
        return _page(here, wrong=_("This key was revoked before.")), 404
    return _page(here, **shown)


def _make(session: Session, actor: Actor) -> dict[str, Any]:
    lives = LIVES.get(request.form.get("lives", ""))
    key = staff.make_api_key(
        session,
        actor.program_id,
        request.form.get("label", ""),
        scopes=request.form.getlist("scope"),
        venue_id=request.form.get("venue_id", ""),
        made_by=actor.staff_id,
        expires_at=now() + lives if lives else None,
    )
    return {"key": key}


def _revoke(session: Session, actor: Actor) -> dict[str, Any]:
    key = staff.revoke_api_key(session, actor.program_id, request.form.get("key_id", ""))
    return {"notice": _("%(name)s opens nothing any more.", name=key.label)}


DEEDS: dict[str, Callable[[Session, Actor], dict[str, Any]]] = {"make": _make, "revoke": _revoke}


def _page(here: Place, **shown: Any) -> str:
    with reading() as session:
        venues = programs.venues(session, here.program.id)
        names = {person.id: person.name for person in staff.team(session, here.program.id)}
        keys = [
            {"row": key, "venue": next((venue.name for venue in venues if venue.id == key.venue_id), ""), "by": names.get(key.made_by, "")}
            for key in staff.api_keys(session, here.program.id)
        ]
    ticked = request.form.getlist("scope") if shown.get("wrong") and request.form.get("action") == "make" else EVERYDAY
    return render_template(
        "keys.html", program=here.program, venue=here.venue, venues=venues, keys=keys, scopes=SCOPES, ticked=ticked, moment=now(), **shown
    )
