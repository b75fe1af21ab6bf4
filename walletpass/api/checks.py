"""Checks from the first line to the payment. Every write carries an Idempotency-Key."""

from typing import Any

from flask import Response, g
from flask_openapi import APIBlueprint, Tag
from sqlmodel import Session

from walletpass import checks, config, programs
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.check_deeds import Desk
from walletpass.api.check_writes import once
from walletpass.api.checks_shapes import (
    AttachIn,
    CheckDone,
    CheckList,
    CheckOut,
    CheckPath,
    CheckRefundIn,
    CheckView,
    CloseIn,
    GuestOfCheck,
    LineOut,
    LinesIn,
    OpenIn,
    TakeOffIn,
    VenueQuery,
    VoidIn,
)
from walletpass.api.schemas import FAULTS, KeyHeader
from walletpass.checks import Check, Payment, Seen
from walletpass.database import reading
from walletpass.ledger import Answer
from walletpass.programs import Program
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_checks", __name__, url_prefix="/api/v1/checks", abp_tags=[Tag(name="Checks")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)


@bp.get("", summary="The open checks of a venue, and which of them lack a guest", responses={200: CheckList})
def open_ones(query: VenueQuery) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("checks")
    with reading() as session:
        found = checks.open_checks(session, actor.program_id, actor.venue_id or query.venue_id)
        return CheckList(checks=[CheckOut(**facts(session, one)) for one in found]).model_dump(mode="json")


@bp.get("/<check_id>", summary="One check with its lines", responses={200: CheckView})
def one(path: CheckPath) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("checks")
    with reading() as session:
        seen = checks.seen(session, actor.program_id, path.check_id)
        lines = [LineOut.model_validate(line) for line in checks.lines_of(session, seen.check)]
        view = CheckView(
            **facts(session, seen), discount=seen.check.discount, gift_card=seen.check.gift_card, refunded=seen.check.refunded, lines=lines,
            join_url=join_url(session, seen.check),
        )  # fmt: skip
        return view.model_dump(mode="json")


@bp.post("", summary="Open a check", responses={200: CheckDone})
def open_one(header: KeyHeader, body: OpenIn) -> Response:
    def work(session: Session, program: Program) -> Answer:
        desk = Desk.of(session, program, g.actor, header.key)
        check = desk.open(body.check_id, venue_id=body.venue_id, place=body.place, waiter=body.waiter)
        done = desk.add(check.id, [line.ordered() for line in body.lines]) if body.lines else desk.told(check.id)
        if body.card:
            positions = done.body["positions"]
            done = desk.attach(check.id, body.card)
            done.body["positions"] = positions
        return done

    return once("checks", header.key, work)


@bp.post("/<check_id>/lines", summary="Something was ordered", responses={200: CheckDone})
def lines(header: KeyHeader, path: CheckPath, body: LinesIn) -> Response:
    ordered = [line.ordered() for line in body.lines]
    return _once("checks", header, lambda desk: desk.add(path.check_id, ordered, instead=body.instead))


@bp.post("/<check_id>/take-off", summary="A line was typed in error: take it off an open check", responses={200: CheckDone})
def take_off(header: KeyHeader, path: CheckPath, body: TakeOffIn) -> Response:
    return _once("checks", header, lambda desk: desk.take_off(path.check_id, body.position))


@bp.post("/<check_id>/attach", summary="Say whose check it is; after the payment it earns then", responses={200: CheckDone})
def attach(header: KeyHeader, path: CheckPath, body: AttachIn) -> Response:
    return _once("checks", header, lambda desk: desk.attach(path.check_id, body.card))


@bp.post("/<check_id>/detach", summary="It is not this guest's check", responses={200: CheckDone})
def detach(header: KeyHeader, path: CheckPath) -> Response:
    return _once("checks", header, lambda desk: desk.detach(path.check_id))


@bp.post("/<check_id>/bill", summary="The bill was printed", responses={200: CheckDone})
def bill(header: KeyHeader, path: CheckPath) -> Response:
    return _once("checks", header, lambda desk: desk.bill(path.check_id))


@bp.post("/<check_id>/close", summary="The check was paid: its guest earns", responses={200: CheckDone})
def close(header: KeyHeader, path: CheckPath, body: CloseIn) -> Response:
    return _once("checks", header, lambda desk: desk.close(path.check_id, Payment(**body.model_dump())))


@bp.post("/<check_id>/refund", summary="Money goes back: lines, an amount or all; points follow", responses={200: CheckDone})
def refund(header: KeyHeader, path: CheckPath, body: CheckRefundIn) -> Response:
    positions = body.lines or ()
    return _once("refund", header, lambda desk: desk.refund(path.check_id, positions=positions, amount=body.amount), body.reason)


@bp.post("/<check_id>/void", summary="The check never was; a paid one is refunded whole", responses={200: CheckDone})
def void(header: KeyHeader, path: CheckPath, body: VoidIn) -> Response:
    return _once("refund", header, lambda desk: desk.void(path.check_id), body.reason)


def _once(deed: str, header: KeyHeader, work: Any, reason: str = "") -> Response:
    return once(deed, header.key, lambda session, program: work(Desk.of(session, program, g.actor, header.key, reason)))


def facts(session: Session, seen: Seen) -> dict[str, Any]:
    """The members of `CheckOut`."""
    check = seen.check
    guest = GuestOfCheck(card_id=check.card_id, name=short_name(seen.guest or "")) if check.card_id else None
    plain = check.model_dump(include={"id", "state", "venue_id", "place", "amount", "opened_at", "first_line_at", "billed_at", "closed_at"})
    waiter = checks.name_of(session, check.program_id, check.waiter)
    return {**plain, "waiter": waiter, "guest": guest, "ask_for_card": seen.ask_for_card}


def short_name(name: str) -> str:
    """``Ana K.``: enough to tell two guests apart, on a screen that everybody can see."""
    first, *rest = name.split() or [""]
    return f"{first} {rest[-1][0]}." if rest else first


def join_url(session: Session, check: Check) -> str:
    channel = programs.first_channel(session, check.program_id)
    if channel is None or not check.join_code:
        return ""
    return f"{config.current().base_url}/j/{channel.code}?check={check.join_code}"
