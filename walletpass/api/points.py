"""Earning, paying with points, and taking either back. Every write carries an Idempotency-Key."""

from flask import Response, g
from flask_openapi import APIBlueprint, Tag
from sqlmodel import Session

from walletpass import checks, ledger
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.bills import bill_of
from walletpass.api.finding import find, identify
from walletpass.api.guests import in_time
from walletpass.api.late import event_time, list_late
from walletpass.api.once import once, origin, wrote
from walletpass.api.proving import unproved
from walletpass.api.schemas import FAULTS, AdjustIn, EarnIn, KeyHeader, LateOut, RedeemIn, UndoIn, WriteOut
from walletpass.checks import Ordered
from walletpass.database import now
from walletpass.errors import Conflict, NotAllowed
from walletpass.ledger import Answer, Entry
from walletpass.programs import Program
from walletpass.staff import Actor

bp = APIBlueprint("api_points", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="Points")], abp_responses=FAULTS, abp_security=SECURITY)
bp.before_request(authenticate)


@bp.post("/earn", summary="A check was paid: credit its points", responses={200: WriteOut, 202: LateOut})
def earn(header: KeyHeader, body: EarnIn) -> Response:
    bill = bill_of(body, header.key)

    def deed(session: Session, program: Program) -> Answer:
        card = find(session, g.actor, body.card, late=body.at is not None)
        at = event_time(program, body.at)
        if at is None:
            return list_late(session, program, "earn", card, bill, header.key, body.at or now())
        entry = ledger.earn(session, program, card, bill, origin(header.key, event_at=at))
        checks.record(
            session, card, bill.check_id, bill.amount, g.actor.venue_id, entry.event_at,
            bill=bill if body.lines else None, ordered=[Ordered(**line.model_dump()) for line in body.lines or ()], waiter=g.actor.staff_id,
        )  # fmt: skip
        return wrote(session, entry)

    return once("earn", header.key, deed)


@bp.post("/redeem", summary="Pay a part of an open check with points", responses={200: WriteOut})
def redeem(header: KeyHeader, body: RedeemIn) -> Response:
    bill = bill_of(body, header.key)

    def deed(session: Session, program: Program) -> Answer:
        at = event_time(program, body.at)
        if at is None:
            raise Conflict("Points are not spent after the fact: the guest must be there. Let them pay the next check.")
        checks.may_be_paid(session, program.id, bill.check_id)
        identified = identify(session, g.actor, body.card)
        reason = unproved(session, program, identified, body, bill)
        return wrote(session, ledger.redeem(session, program, identified.card, bill, body.points, origin(header.key, reason, event_at=at)))

    return once("redeem", header.key, deed)


@bp.post("/undo", summary="Take back an earn or a redemption, whole, with a reason", responses={200: WriteOut})
def undo(header: KeyHeader, body: UndoIn) -> Response:
    def deed(session: Session, program: Program) -> Answer:
        entry = ledger.entry(session, program.id, body.entry)
        must_be_in_time(program, entry, "undo")
        reversal = ledger.undo(session, program, entry, origin(header.key, body.reason))
        if reversal.type == ledger.EntryType.EARN_REVERSAL:
            checks.take_back(session, program.id, entry.check_id)
        return wrote(session, reversal)

    return once("undo", header.key, deed)


@bp.post(
    "/adjust", summary="Correct a balance by hand, with a reason: for managers, and keys with the scope adjust", responses={200: WriteOut}
)
def adjust(header: KeyHeader, body: AdjustIn) -> Response:
    def deed(session: Session, program: Program) -> Answer:
        card = find(session, g.actor, body.card)
        return wrote(session, ledger.adjust(session, program, card, body.points, origin(header.key, body.reason)))

    return once("adjust", header.key, deed)


def must_be_in_time(program: Program, entry: Entry, verb: str) -> None:
    """Raises NotAllowed for a cashier who comes too late."""
    actor: Actor = g.actor
    if not in_time(program, actor, entry):
        raise NotAllowed(f"This is more than {program.undo_minutes} minutes ago. A manager can {verb} it.")
