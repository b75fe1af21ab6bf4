"""Earning, paying with points, and taking either back. Every write carries an Idempotency-Key."""

import hashlib
from collections.abc import Callable

from flask import Response, g, jsonify, request
from flask_openapi import APIBlueprint, Tag
from sqlmodel import Session

from walletpass import cards, checks, ledger, programs
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.finding import find
from walletpass.api.guests import in_time, shows_changing_code
from walletpass.api.schemas import FAULTS, AdjustIn, BalanceOut, BillIn, EarnIn, EntryOut, KeyHeader, RedeemIn, UndoIn, WriteOut
from walletpass.database import transaction
from walletpass.errors import ChangingCodeNeeded, Malformed, NotAllowed, ReasonNeeded
from walletpass.ledger import Answer, Bill, Entry, Origin
from walletpass.programs import Program
from walletpass.staff import Actor

bp = APIBlueprint("api_points", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="Points")], abp_responses=FAULTS, abp_security=SECURITY)
bp.before_request(authenticate)

Deed = Callable[[Session, Program], Entry]


@bp.post("/earn", summary="A check was paid: credit its points", responses={200: WriteOut})
def earn(header: KeyHeader, body: EarnIn) -> Response:
    bill = _bill(body, header.key)

    def deed(session: Session, program: Program) -> Entry:
        card = find(session, g.actor, body.card)
        entry = ledger.earn(session, program, card, bill, _origin(header.key))
        checks.record(session, card, bill.check_id, bill.amount, g.actor.venue_id, entry.event_at)
        return entry

    return _once("earn", header.key, deed)


@bp.post("/redeem", summary="Pay a part of an open check with points", responses={200: WriteOut})
def redeem(header: KeyHeader, body: RedeemIn) -> Response:
    bill = _bill(body, header.key)

    def deed(session: Session, program: Program) -> Entry:
        card = find(session, g.actor, body.card)
        reason = _unproved(session, program, card, body)
        return ledger.redeem(session, program, card, bill, body.points, _origin(header.key, reason))

    return _once("redeem", header.key, deed)


def _unproved(session: Session, program: Program, card: cards.Card, body: RedeemIn) -> str:
    """The reason why points may be spent without the code that changes; empty where it was shown or is not needed."""
    actor: Actor = g.actor
    if not shows_changing_code(session, program, card):
        return ""
    try:
        cards.rotation.must_be_proved(card, code=body.card, bearer=actor.bearer, proof=body.proof)
        if not cards.rotation.is_changing_code(body.card):
            _use_up(session, program.id, body.proof)
    except ChangingCodeNeeded:
        if not actor.may("redeem_unproved"):
            raise
        if not body.reason:
            raise ReasonNeeded("Say why points are spent without the code that changes; it is kept with your name.") from None
        return body.reason
    return ""


def _use_up(session: Session, program_id: str, proof: str) -> None:
    """A proof lets points be spent once. It is kept as a key is, so of two requests with one proof a single one goes through, and a
    refused one leaves it good. Raises ChangingCodeNeeded."""
    used = ledger.begin_once(session, program_id, f"proof:{proof}", ledger.fingerprint("proof", proof))
    if used is not None:
        raise ChangingCodeNeeded("Points were spent on this scan already. Scan the code that the phone shows now.")


@bp.post("/undo", summary="Take back an earn or a redemption, whole, with a reason", responses={200: WriteOut})
def undo(header: KeyHeader, body: UndoIn) -> Response:
    def deed(session: Session, program: Program) -> Entry:
        entry = ledger.entry(session, program.id, body.entry)
        if not in_time(program, g.actor, entry):
            raise NotAllowed(f"This is more than {program.undo_minutes} minutes ago. A manager can undo it.")
        reversal = ledger.undo(session, program, entry, _origin(header.key, body.reason))
        if reversal.type == ledger.EntryType.EARN_REVERSAL:
            checks.take_back(session, program.id, entry.check_id)
        return reversal

    return _once("undo", header.key, deed)


@bp.post("/adjust", summary="Correct a balance by hand, with a reason; for managers at a till, not for API keys", responses={200: WriteOut})
def adjust(header: KeyHeader, body: AdjustIn) -> Response:
    def deed(session: Session, program: Program) -> Entry:
        card = find(session, g.actor, body.card)
        return ledger.adjust(session, program, card, body.points, _origin(header.key, body.reason))

    return _once("adjust", header.key, deed)


def _once(route: str, key: str, deed: Deed) -> Response:
    """Key, entry, card and outbox row: one transaction."""
    actor: Actor = g.actor
    actor.must(route)
    with transaction() as session:
        answer = ledger.begin_once(session, actor.program_id, key, ledger.fingerprint(route, request.get_json()))
        again = answer is not None
        if answer is None:
            entry = deed(session, programs.get(session, actor.program_id))
            answer = ledger.finish_once(session, actor.program_id, key, _told(session, actor, entry))
    response = jsonify(answer.body)
    response.status_code = answer.status
    if again:
        response.headers["Idempotent-Replay"] = "true"
    return response


def _told(session: Session, actor: Actor, entry: Entry) -> Answer:
    """Tell the card, and then the till."""
    balance = ledger.balance(session, actor.program_id, entry.card_id)
    cards.show(session, cards.get(session, actor.program_id, entry.card_id), points=balance.points)
    out = WriteOut(entry=EntryOut.model_validate(entry), balance=BalanceOut.model_validate(balance))
    return Answer(200, out.model_dump(mode="json"))


def _origin(key: str, reason: str = "") -> Origin:
    actor: Actor = g.actor
    return Origin(actor.source, key, actor.venue_id, actor.staff_id, actor.till_id, reason)


def _bill(body: BillIn, key: str) -> Bill:
    made = f"key:{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:32]}"
    bill = body.bill(body.check_id or made)
    if bill is None:
        raise Malformed("Give either amount, or lines with an optional discount.")
    return bill
