"""The board as it changes: server-sent events.

    GET /api/v1/board/stream?venue=...&program=...

An event `board` carries all of the board, as GET /api/v1/board has it; there is one when the stream begins and one whenever something changed. A
comment each quarter of a minute keeps proxies awake. A stream ends by itself after some minutes, when its person signs out, and when the
server stops; browsers come back by themselves, with Last-Event-ID, and are not told again what they have.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response, current_app, g, request
from flask_openapi import APIBlueprint, Tag

from walletpass import config, hostess
from walletpass.api.auth import AT_TILL, PROGRAM_HEADER, authenticate, by_cookies, staff_cookie, till_cookie
from walletpass.api.board_memory import Boards, Place, Seats
from walletpass.api.hostess_shapes import StreamQuery
from walletpass.api.schemas import FAULTS
from walletpass.database import reading
from walletpass.errors import SignInRequired
from walletpass.events import following
from walletpass.staff import Actor

LASTS = 600.0
PING = 15.0
COMES_BACK = 2_000  # milliseconds

bp = APIBlueprint(
    "api_board_stream", __name__, url_prefix="/api/v1/board", abp_tags=[Tag(name="Board")], abp_responses=FAULTS, abp_security=AT_TILL
)


@bp.before_request
def authenticate_a_browser() -> None:
    """EventSource sends no header of ours, so the program may stand in the query. What keeps foreign pages out is then the browser's own word
    and the cookie's SameSite=Strict; and a foreign page could read nothing. Raises SignInRequired."""
    program_id = request.args.get("program", "")
    if request.headers.get("Authorization") or request.headers.get(PROGRAM_HEADER) or not program_id:
        authenticate()
        return
    actor = Cookies.of(program_id).actor() if request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin" else None
    if actor is None:
        raise SignInRequired("Please sign in at a till.")
    g.actor = actor


@dataclass(frozen=True)
class Cookies:
    """What shows who is there, to be looked at again while a stream lasts."""

    program_id: str
    till: str
    person: str

    @classmethod
    def of(cls, program_id: str) -> "Cookies":
        return cls(program_id, request.cookies.get(till_cookie(program_id), ""), request.cookies.get(staff_cookie(program_id), ""))

    def actor(self) -> Actor | None:
        return by_cookies(self.program_id, self.till, self.person) if self.till and self.person else None

    def may_look(self) -> bool:
        actor = self.actor()
        return actor is not None and actor.may("board")


@bp.get(
    "/stream",
    summary="The board whenever it changes, as server-sent events",
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
def stream(query: StreamQuery) -> Response:
    actor: Actor = g.actor
    actor.must("board")
    with reading() as session:
        venue_id = hostess.venue_of(session, actor.program_id, query.venue, actor.venue_id)
    place = Place(actor.program_id, venue_id, query.language or "")
    told = _told(_boards(), place, Cookies.of(actor.program_id), request.headers.get("Last-Event-ID", ""))
    seats = _seats()
    seats.take()
    response = Response(told, mimetype="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    # Also where nobody reads a byte of it.
    response.call_on_close(seats.leave)
    return response


def _told(boards: Boards, place: Place, cookies: Cookies, known: str) -> Iterator[str]:
    ends, checks_at = time.monotonic() + LASTS, time.monotonic() + PING
    yield f"retry: {COMES_BACK}\n\n"
    with boards.watching(place) as watch:
        while time.monotonic() < ends and not following.over:
            seen = watch.wait(known, min(checks_at, ends) - time.monotonic())
            if seen is not None:
                known = seen.id
                yield f"event: board\nid: {seen.id}\ndata: {seen.text}\n\n"
            if time.monotonic() >= checks_at:
                checks_at = time.monotonic() + PING
                if not cookies.may_look():
                    return
                yield ": here\n\n"


def _boards() -> Boards:
    found: Boards = current_app.extensions.setdefault("boards", Boards())
    return found


def _seats() -> Seats:
    found: Seats = current_app.extensions.setdefault("board_seats", Seats(config.current().boards))
    return found
