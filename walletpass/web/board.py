"""The hostess's board: the screen itself. It follows `/api/v1/board/stream`, and what is tapped on it goes through `/api/v1/board`."""

from collections.abc import Sequence

from flask import Blueprint, render_template, request
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import hostess, programs, staff
from walletpass.database import reading
from walletpass.errors import Malformed
from walletpass.programs import Venue
from walletpass.staff import Actor
from walletpass.web.managing import Desk, screen_for
from walletpass.web.till import Place

SERVES = ("cashier", "manager")

bp = Blueprint("board", __name__)


@bp.get("/t/<program_id>/board")
def screen(program_id: str) -> str | BaseResponse:
    return screen_for("board", program_id, _page)


def _page(here: Desk) -> str:
    program_id = here.program.id
    with reading() as session:
        venues = programs.venues(session, program_id)
        chosen = _chosen(session, here.actor, venues)
        waiters = [person.name for person in staff.team(session, program_id) if person.role in SERVES]
    return render_template(
        "board.html", program=here.program, venue=chosen, venues=_others(here, venues), staff=here.actor, waiters=waiters
    )  # fmt: skip


def _chosen(session: Session, actor: Actor, venues: Sequence[Venue]) -> Venue | None:
    """The venue whose board this is; None where one of several is to be chosen first. Raises NotFound for one that is not ours."""
    try:
        venue_id = hostess.venue_of(session, actor.program_id, request.args.get("venue", "")[:26], actor.venue_id)
    except Malformed:
        return None
    return next((venue for venue in venues if venue.id == venue_id), None)


def _others(here: Place, venues: Sequence[Venue]) -> Sequence[Venue]:
    """What this till may look at; a till of one venue has no choice."""
    return venues if here.actor and not here.actor.venue_id and len(venues) > 1 else []
