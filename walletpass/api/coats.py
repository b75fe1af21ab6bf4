"""Coats at the counter: what hangs where, who comes for it, and the evening's shift."""

from typing import Any

from flask import Response, g, jsonify
from flask_openapi import APIBlueprint, Tag
from sqlmodel import Session

from walletpass import checks, coatcheck, programs
from walletpass.api import coats_facts as facts
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.check_writes import once
from walletpass.api.coats_finding import card_of, hand, room_of
from walletpass.api.coats_shapes import (
    CoatCodeOut,
    CoatLookIn,
    CoatLookOut,
    CoatRoomsOut,
    CoatShiftOut,
    DueOut,
    KindOut,
    ProposalIn,
    ProposalOut,
    RoomIn,
    RoomNowOut,
    RoomPath,
    ShiftPath,
)
from walletpass.api.schemas import FAULTS, KeyHeader, Out
from walletpass.coatcheck import Cloakroom, ItemKind
from walletpass.database import reading
from walletpass.errors import NoHookFree
from walletpass.ledger import Answer
from walletpass.programs import Program
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_coats", __name__, url_prefix="/api/v1/coats", abp_tags=[Tag(name="Coats")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)
CODE_DIGITS = 4


@bp.get(
    "/rooms", summary="The cloakrooms with their hooks, what each kind of thing costs, and the open shifts", responses={200: CoatRoomsOut}
)
def rooms() -> Response:
    actor = _allowed()
    with reading() as session:
        program = programs.get(session, actor.program_id)
        costs = coatcheck.rooms.prices(session, program.id)
        found = [facts.room(session, room) for room in coatcheck.rooms.rooms(session, program.id, actor.venue_id)]
        kinds = [KindOut(kind=kind, price=costs.get(kind, 0)) for kind in ItemKind]
        return _told(CoatRoomsOut(rooms=found, kinds=kinds, queue=program.coat_queue, days=program.coat_days))


@bp.get("/room/<room_id>/now", summary="What is here, who is leaving, and what devices said that cannot be", responses={200: RoomNowOut})
def now(path: RoomPath) -> Response:
    actor = _allowed()
    with reading() as session:
        program, room = programs.get(session, actor.program_id), room_of(session, actor, path.room_id)
        found = coatcheck.tickets.open_in(session, room)
        due = [
            DueOut(
                ticket=item.ticket_id, number=item.number, kind=item.kind, kept_where=item.kept_where, kept_since=item.ended_at or item.hung_at
            )
            for item in coatcheck.due_for_disposal(session, program, room)
        ]  # fmt: skip
        return _told(
            RoomNowOut(
                tickets=[facts.seen(one) for one in coatcheck.see(session, program.id, found)],
                called=coatcheck.queue(session, room),
                conflicts=[facts.listed(session, one) for one in coatcheck.conflicts(session, room)],
                due=due,
            )
        )


@bp.post("/look", summary="What the guest behind a code has here; nothing is used up", responses={200: CoatLookOut})
def look(body: CoatLookIn) -> Response:
    actor = _allowed()
    with reading() as session:
        program, room = programs.get(session, actor.program_id), room_of(session, actor, body.room)
        code = body.code.strip()
        four = len(code) == CODE_DIGITS and code.isascii() and code.isdigit()
        card = None if four else card_of(session, program, actor, code)
        found = coatcheck.look(session, room, card=card, code=code if four else "")
        return _told(
            CoatLookOut(
                first_name=found.first_name,
                wallet=card is not None,
                regular=card is not None and checks.is_regular(session, card, program),
                tickets=[facts.seen(one) for one in found.tickets],
                doubtful=found.doubtful,
                returned=facts.returned(session, found.returned) if found.returned else None,
                proposed=_proposed(session, actor, room),
            )
        )


@bp.post("/propose", summary="Hooks side by side for several things", responses={200: ProposalOut})
def propose(body: ProposalIn) -> Response:
    actor = _allowed()
    with reading() as session:
        room = room_of(session, actor, body.room)
        lane = coatcheck.lane(session, room, actor.till_id)
        return _told(ProposalOut(hooks=[hook.label for hook in coatcheck.propose(session, room, body.kinds, lane=lane)]))


@bp.post("/code", summary="Four digits that are free here and hard to guess", responses={200: CoatCodeOut})
def code(body: RoomIn) -> Response:
    actor = _allowed()
    with reading() as session:
        return _told(CoatCodeOut(code=coatcheck.codes.propose(session, room_of(session, actor, body.room))))


@bp.post("/shifts/open", summary="Begin a shift", responses={200: CoatShiftOut})
def open_shift(header: KeyHeader, body: RoomIn) -> Response:
    def work(session: Session, program: Program) -> Answer:
        return _shift(session, coatcheck.open_shift(session, room_of(session, g.actor, body.room), hand(g.actor)))

    return once("coats", header.key, work)


@bp.post("/shifts/close", summary="End the open shift; 409 unaccounted while anything hangs", responses={200: CoatShiftOut})
def close_shift(header: KeyHeader, body: RoomIn) -> Response:
    def work(session: Session, program: Program) -> Answer:
        return _shift(session, coatcheck.close_shift(session, room_of(session, g.actor, body.room), hand(g.actor)))

    return once("coats", header.key, work)


@bp.get("/shifts/<shift_id>", summary="The report of a shift, as it stands or as it was closed", responses={200: CoatShiftOut})
def shift(path: ShiftPath) -> Response:
    actor = _allowed()
    with reading() as session:
        found = coatcheck.shift(session, actor.program_id, path.shift_id)
        room_of(session, actor, found.cloakroom_id)
        return _told(facts.report(session, found))


def _allowed() -> Actor:
    actor: Actor = g.actor
    actor.must("coats")
    return actor


def _told(body: Out) -> Response:
    return jsonify(body.model_dump(mode="json"))


def _shift(session: Session, found: Any) -> Answer:
    return Answer(200, facts.report(session, found).model_dump(mode="json"))


def _proposed(session: Session, actor: Actor, room: Cloakroom) -> list[str]:
    try:
        return [hook.label for hook in coatcheck.propose(session, room, [ItemKind.COAT], lane=coatcheck.lane(session, room, actor.till_id))]
    except NoHookFree:
        return []
