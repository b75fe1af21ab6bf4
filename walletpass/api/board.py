"""The hostess's board, and what people at a till do with it."""

from collections.abc import Callable
from typing import Any

from flask import Response, g
from flask_openapi import APIBlueprint, Tag
from sqlmodel import Session

from walletpass import cards, hostess, programs
from walletpass.api import board_view
from walletpass.api.auth import AT_TILL, authenticate
from walletpass.api.check_writes import once
from walletpass.api.finding import find
from walletpass.api.hostess_desk import by, own
from walletpass.api.hostess_shapes import (
    ArrivalRef,
    BoardOut,
    BoardQuery,
    CallRef,
    DoneOut,
    GiveIn,
    GivenOut,
    MannerIn,
    NoteIn,
    NoteRef,
    NotSeatedIn,
    SaidIn,
    SeatIn,
    TableOut,
    TableQuery,
)
from walletpass.api.once import answer
from walletpass.api.schemas import FAULTS, KeyHeader
from walletpass.cards import Card
from walletpass.database import reading
from walletpass.errors import Malformed, NotFound
from walletpass.ledger import Answer
from walletpass.programs import Program
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_board", __name__, url_prefix="/api/v1/board", abp_tags=[Tag(name="Board")], abp_responses=FAULTS, abp_security=AT_TILL
)
bp.before_request(authenticate)


@bp.get("", summary="Who calls, who is expected, who stands at the door, who sits inside", responses={200: BoardOut})
def whole(query: BoardQuery) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("board")
    with reading() as session:
        program = programs.get(session, actor.program_id)
        venue_id = hostess.venue_of(session, program.id, query.venue, actor.venue_id)
        board = hostess.board(session, program, venue_id, query.language or "")
        return board_view.shaped(program, venue_id, board).model_dump(mode="json")


@bp.get("/table", summary="What this guest likes, had last time and sent back, before they sit down", responses={200: TableOut})
def table(query: TableQuery) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("board")
    with reading() as session:
        program = programs.get(session, actor.program_id)
        venue_id = hostess.venue_of(session, program.id, query.venue, actor.venue_id)
        card = _card_of(session, actor, query)
        return board_view.table(session, program, venue_id, card).model_dump(mode="json")


@bp.post("/seat", summary="They sit at this table; again for another one", responses={200: DoneOut})
def seat(header: KeyHeader, body: SeatIn) -> Response:
    return _done(header, lambda session, program: hostess.seat(session, program, body.arrival, body.place, body.waiter, by(g.actor)).id)


@bp.post("/gone", summary="They have left", responses={200: DoneOut})
def gone(header: KeyHeader, body: ArrivalRef) -> Response:
    return _done(header, lambda session, program: hostess.gone(session, program.id, body.arrival, by(g.actor)).id)


@bp.post("/not-here", summary="They are not here after all: a wrong tap is taken back", responses={200: DoneOut})
def not_here(header: KeyHeader, body: ArrivalRef) -> Response:
    def work(session: Session, program: Program) -> str:
        hostess.not_here(session, program.id, body.arrival, by(g.actor))
        return body.arrival

    return _done(header, work)


@bp.post("/not-seated", summary="They do not sit yet, and stand at the door as before", responses={200: DoneOut})
def not_seated(header: KeyHeader, body: NotSeatedIn) -> Response:
    return _done(header, lambda session, program: hostess.not_seated(session, program.id, body.arrival, body.place, by(g.actor)).id)


@bp.post("/not-gone", summary="They are still here, where they were", responses={200: DoneOut})
def not_gone(header: KeyHeader, body: ArrivalRef) -> Response:
    return _done(header, lambda session, program: hostess.not_gone(session, program.id, body.arrival, by(g.actor)).id)


@bp.post("/done", summary="The sentence was said: it does not come again for this reason", responses={200: DoneOut})
def done(header: KeyHeader, body: SaidIn) -> Response:
    def work(session: Session, program: Program) -> str:
        hostess.done(session, program.id, body.arrival, body.kind, body.about, by(g.actor))
        return body.arrival

    return _done(header, work)


@bp.post("/note", summary="What the next colleague should know of this guest", responses={200: DoneOut})
def note(header: KeyHeader, body: NoteIn) -> Response:
    def work(session: Session, program: Program) -> str:
        venue_id = hostess.venue_of(session, program.id, body.venue, g.actor.venue_id) if body.venue else ""
        return hostess.note(session, find(session, g.actor, body.card), body.text, venue_id, by(g.actor)).id

    return _done(header, work)


@bp.post("/note/remove", summary="A note is not true any more", responses={200: DoneOut})
def remove_note(header: KeyHeader, body: NoteRef) -> Response:
    def work(session: Session, program: Program) -> str:
        hostess.drop_note(session, program.id, body.note, by(g.actor))
        return body.note

    return _done(header, work)


@bp.post("/manner", summary="How this guest is met: how the name is said, the table they like, VIP", responses={200: DoneOut})
def manner(header: KeyHeader, body: MannerIn) -> Response:
    def work(session: Session, program: Program) -> str:
        card = find(session, g.actor, body.card)
        hostess.manner(session, card, say_name=body.say_name, place=body.place, vip=body.vip, by=by(g.actor))
        return card.id

    return _done(header, work)


@bp.post("/table", summary="Give one of the tables that are kept at this hour, and say why", responses={200: GivenOut})
def give(header: KeyHeader, body: GiveIn) -> Response:
    def work(session: Session, program: Program) -> Answer:
        venue_id = hostess.venue_of(session, program.id, body.venue, g.actor.venue_id)
        card_id = find(session, g.actor, body.card).id if body.card else ""
        given = hostess.give_table(
            session, program, venue_id, reason=body.reason, party=body.party, place=body.place, card_id=card_id, by=by(g.actor)
        )  # fmt: skip
        left = sum(peak.left for peak in hostess.tables_kept(session, program, venue_id))
        return answer(GivenOut(number=given.number, left=left))

    return once("board", header.key, work)


@bp.post("/call", summary="Somebody took the call: it leaves the board", responses={200: DoneOut})
def take_call(header: KeyHeader, body: CallRef) -> Response:
    return _done(header, lambda session, program: hostess.answer_call(session, program.id, body.call, by(g.actor)).id)


def _done(header: KeyHeader, work: Callable[[Session, Program], str]) -> Response:
    return once("board", header.key, lambda session, program: answer(DoneOut(id=work(session, program))))


def _card_of(session: Session, actor: Actor, query: TableQuery) -> Card:
    """Raises NotFound, also for a booking of somebody we do not know yet."""
    if bool(query.card) == bool(query.booking):
        raise Malformed("Say whose table: a card, or a booking.", field="card")
    if query.card:
        return find(session, actor, query.card, late=True)
    card_id = own(session, actor, query.booking).card_id
    card = cards.survivor(session, actor.program_id, card_id) if card_id else None
    if card is None:
        raise NotFound("No guest of ours is known here.")
    return card
