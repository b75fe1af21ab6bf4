"""What is done with coats. Every write carries an Idempotency-Key; what a device did offline carries its time as well."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, g, request
from flask_openapi import APIBlueprint, Tag
from sqlmodel import Session

from walletpass import cards, coatcheck, programs, staff
from walletpass.api import coats_facts as facts
from walletpass.api import lost_phone
from walletpass.api.auth import AT_TILL, SECURITY, authenticate
from walletpass.api.check_writes import once, respond
from walletpass.api.coats_finding import card_in_use, hand, late_card, room_of, ticket_of
from walletpass.api.coats_shapes import (
    CheckInIn,
    CoatConflictOut,
    CoatReleaseIn,
    CoatsDone,
    DisposeIn,
    HandBackIn,
    HooksMovedOut,
    KeepIn,
    LaterIn,
    LeavingIn,
    LoseIn,
    MovesIn,
    OfTicketIn,
    PullIn,
    SettleIn,
)
from walletpass.api.once import answer
from walletpass.api.schemas import FAULTS, KeyHeader
from walletpass.coatcheck import Cloakroom, CoatItem, Deed, DeedKind, Hand, How, Ticket, Wanted, Whose
from walletpass.errors import Malformed
from walletpass.ledger import Answer
from walletpass.programs import Program
from walletpass.staff import Actor

bp = APIBlueprint("api_coats_deeds", __name__, url_prefix="/api/v1/coats", abp_tags=[Tag(name="Coats")], abp_responses=FAULTS)
bp.before_request(authenticate)
DONE: Any = {200: CoatsDone, 202: CoatsDone}
Verb = Callable[[Session, Ticket, list[int] | None, Hand], list[CoatItem]]


@bp.post("/check-in", summary="Take things in, on the hooks that are named or on those we choose", responses=DONE, security=SECURITY)
def check_in(header: KeyHeader, body: CheckInIn) -> Response:
    def work(session: Session, program: Program) -> Answer:
        room = room_of(session, g.actor, body.room)
        if body.at is not None:
            return _replayed(session, room, _checked_in(session, program, header.key, body), hand(g.actor, How.REPLAY))
        whose = _whose(session, program, room, body)
        wanted = [Wanted(one.kind, one.hook or "", one.description) for one in body.items]
        ticket, items = coatcheck.check_in(session, room, whose, wanted, hand(g.actor, How.CODE if body.code else How.SCAN))
        url = cards.web_url(whose.card) if body.wallet_ticket and whose.card else ""
        return facts.done(session, ticket, items, price=sum(item.price for item in items), url=url)

    return once("coats", header.key, work)


@bp.post("/hand-back", summary="Give things back: once, whoever scans", responses=DONE, security=SECURITY)
def hand_back(header: KeyHeader, body: HandBackIn) -> Response:
    return _ended(header, body, "hand_back", coatcheck.hand_back)


@bp.post("/keep", summary="Their owner went home without them", responses=DONE, security=SECURITY)
def keep(header: KeyHeader, body: KeepIn) -> Response:
    def verb(session: Session, ticket: Ticket, numbers: list[int] | None, by: Hand) -> list[CoatItem]:
        return coatcheck.keep(session, ticket, numbers, body.where, by)

    return _ended(header, body, "keep", verb, where=body.where)


@bp.post("/lose", summary="Nobody finds them; there is no way back", responses=DONE, security=SECURITY)
def lose(header: KeyHeader, body: LoseIn) -> Response:
    return _ended(header, body, "lose", coatcheck.lose)


@bp.post(
    "/dispose", summary="Kept long enough, and nobody came; earlier only a manager does it", responses={200: CoatsDone}, security=SECURITY
)
def dispose(header: KeyHeader, body: DisposeIn) -> Response:
    def verb(session: Session, ticket: Ticket, numbers: list[int] | None, by: Hand) -> list[CoatItem]:
        return coatcheck.dispose(session, ticket, numbers, by, early=g.actor.may("coats_override"))

    return _on_ticket(header, body, verb)


@bp.post("/pull", summary="Off its hook for a moment; the hook waits", responses={200: CoatsDone}, security=SECURITY)
def pull(header: KeyHeader, body: PullIn) -> Response:
    return _on_ticket(header, body, coatcheck.pull)


@bp.post("/hang-again", summary="What was pulled, back on the same hook", responses={200: CoatsDone}, security=SECURITY)
def hang_again(header: KeyHeader, body: PullIn) -> Response:
    return _on_ticket(header, body, coatcheck.hang_again)


@bp.post("/move", summary="All that hangs on some hooks, onto others: all or none", responses={200: HooksMovedOut}, security=SECURITY)
def move(header: KeyHeader, body: MovesIn) -> Response:
    def work(session: Session, program: Program) -> Answer:
        pairs = [(one.source, one.target) for one in body.moves]
        moved = coatcheck.move(session, room_of(session, g.actor, body.room), pairs, hand(g.actor, How.HAND))
        return answer(HooksMovedOut(moved=sorted({item.ticket_id for item in moved})))

    return once("coats", header.key, work)


@bp.post("/call", summary="The guest is leaving: put the ticket in the queue", responses={200: CoatsDone}, security=SECURITY)
def call(header: KeyHeader, body: LeavingIn) -> Response:
    def work(session: Session, program: Program) -> Answer:
        ticket = ticket_of(session, g.actor, body.ticket)
        coatcheck.call(session, ticket, hand(g.actor))
        return facts.done(session, ticket, [])

    return once("coats", header.key, work)


@bp.post(
    "/release",
    summary="A lost phone: a manager lets the things go, and the old code dies at once",
    responses={200: CoatsDone},
    security=AT_TILL,
)
def release(header: KeyHeader, body: CoatReleaseIn) -> Response:
    actor: Actor = g.actor
    actor.must("coats_release")
    manager = staff.vouch(actor.program_id, actor.till_id, body.manager, body.pin, "coats_override")

    def work(session: Session, program: Program) -> Answer:
        ticket = ticket_of(session, actor, body.ticket)
        by = replace(hand(actor, How.OVERRIDE), reason=body.reason, approved_by=manager.id)
        renew = lost_phone.reissue if body.lost else cards.renew
        things = coatcheck.release(session, ticket, body.description, by, phone=body.phone, renew=renew)
        card = cards.survivor(session, program.id, ticket.card_id) if ticket.card_id and body.lost else None
        url = cards.web_url(card) if card is not None and card.state == "active" else ""
        return facts.done(session, ticket, things, url=url)

    # A PIN has few digits: not even a digest of a request that holds one is kept.
    return respond(actor.program_id, header.key, [request.path, body.model_dump(mode="json", exclude={"pin"})], work)


@bp.post("/conflicts/settle", summary="Somebody has looked at what a device said", responses={200: CoatConflictOut}, security=SECURITY)
def settle(header: KeyHeader, body: SettleIn) -> Response:
    def work(session: Session, program: Program) -> Answer:
        room = room_of(session, g.actor, body.room)
        by = hand(g.actor, How.HAND)
        found = coatcheck.settle(session, room, body.deed, body.conflict, body.number, body.how, by, hook=body.hook or "")
        return answer(facts.conflict(session, found))

    return once("coats", header.key, work)


def _on_ticket(header: KeyHeader, body: OfTicketIn, verb: Verb) -> Response:
    def work(session: Session, program: Program) -> Answer:
        ticket = ticket_of(session, g.actor, body.ticket)
        if isinstance(body, LaterIn) and body.room is not None:
            room_of(session, g.actor, body.room)
        return facts.done(session, ticket, verb(session, ticket, body.items, hand(g.actor, body.how)))

    return once("coats", header.key, work)


def _ended(header: KeyHeader, body: LaterIn, kind: DeedKind, verb: Verb, where: str = "") -> Response:
    if body.at is None:
        return _on_ticket(header, body, verb)
    if body.room is None:
        raise Malformed("What was done offline says in which cloakroom.", field="room")
    at, room_id = body.at, body.room

    def work(session: Session, program: Program) -> Answer:
        deed = Deed(header.key, kind, body.ticket, at, items=body.items, where=where)
        return _replayed(session, room_of(session, g.actor, room_id), deed, hand(g.actor, How.REPLAY))

    return once("coats", header.key, work)


def _replayed(session: Session, room: Cloakroom, deed: Deed, by: Hand) -> Answer:
    ticket, conflicts = coatcheck.replay(session, room, deed, by)
    if ticket is not None:
        numbers = {one.number for one in deed.wanted} or set(deed.items or ())
        things = coatcheck.tickets.items(session, ticket)
        return facts.done(session, ticket, [item for item in things if item.number in numbers], conflicts)
    return answer(facts.unknown(session, deed.ticket, conflicts), 202)


def _checked_in(session: Session, program: Program, key: str, body: CheckInIn) -> Deed:
    if body.at is None or body.ticket is None or body.wallet_ticket:
        raise Malformed("What was taken in offline has a ticket id of the device's own, and no wallet ticket.", field="ticket")
    card, fault = late_card(session, program, g.actor, body.card) if body.card else (None, "")
    wanted = [Wanted(one.kind, one.hook or "", one.description, one.number or 0) for one in body.items]
    return Deed(key, "check_in", body.ticket, body.at, card, body.code or "", body.description, wanted, fault=fault)


def _whose(session: Session, program: Program, room: Cloakroom, body: CheckInIn) -> Whose:
    ways = [body.card is not None, body.code is not None, body.wallet_ticket]
    if sum(ways) > 1 or not (any(ways) or body.ticket):
        raise Malformed("Give a card, a code, a wallet_ticket, or an open ticket.", field="card")
    card = card_in_use(session, program, g.actor, body.card) if body.card else None
    if body.wallet_ticket:
        venue = next(venue for venue in programs.venues(session, program.id) if venue.id == room.venue_id)
        card = cards.issue_ticket(session, program.id, venue=venue.name)
    return Whose(card, body.code or "", body.ticket or "", body.description)
