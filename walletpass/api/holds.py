"""Points promised to a check while it is still open: held at the quote, captured at the payment, or let go."""

from datetime import datetime
from typing import Annotated

from flask import Response, g
from flask_openapi import APIBlueprint, Tag
from pydantic import Field, StrictInt
from sqlmodel import Session

from walletpass import checks, ledger
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.bills import bill, bill_of
from walletpass.api.finding import identify
from walletpass.api.once import answer, once, origin, tell, wrote
from walletpass.api.proving import unproved
from walletpass.api.schemas import FAULTS, MOST, BalanceOut, Id, In, KeyHeader, Out, PaidIn, ProblemOut, SpendIn, WriteOut
from walletpass.ledger import Answer
from walletpass.programs import Program

bp = APIBlueprint("api_holds", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="Points")], abp_responses=FAULTS, abp_security=SECURITY)
bp.before_request(authenticate)


class HoldIn(SpendIn):
    pass


class CaptureIn(PaidIn):
    hold: Id
    points: Annotated[StrictInt, Field(ge=1, le=MOST)] | None = Field(None, description="A part of the hold; all of it when left out.")


class ReleaseIn(In):
    hold: Id


class HoldOut(Out):
    id: str
    check_id: str
    points: int
    worth: int = Field(description="Minor units of the check that these points pay.")
    expires_at: datetime = Field(description="From then on the points are free again, and a capture is answered 410.")


class HeldOut(Out):
    hold: HoldOut
    balance: BalanceOut


@bp.post("/hold", summary="Promise points to an open check; they are spent by capture", responses={200: HeldOut})
def hold(header: KeyHeader, body: HoldIn) -> Response:
    bill = bill_of(body, header.key)

    def deed(session: Session, program: Program) -> Answer:
        checks.may_be_paid(session, program.id, bill.check_id)
        identified = identify(session, g.actor, body.card)
        reason = unproved(session, program, identified, body, bill)
        made = ledger.hold(session, program, identified.card, bill, body.points, origin(header.key, reason))
        return answer(HeldOut(hold=HoldOut.model_validate(made), balance=tell(session, program.id, identified.card.id)))

    return once("redeem", header.key, deed)


@bp.post("/capture", summary="The check is paid: spend what was held for it", responses={200: WriteOut, 410: ProblemOut})
def capture(header: KeyHeader, body: CaptureIn) -> Response:
    def deed(session: Session, program: Program) -> Answer:
        held = ledger.find_hold(session, program.id, body.hold)
        paid = bill(body, held.check_id)
        points = held.points if body.points is None else body.points
        return wrote(session, ledger.capture(session, program, held.id, paid, points, origin(header.key)))

    return once("redeem", header.key, deed)


@bp.post(
    "/release", summary="The check is not paid with points after all: let go of what was held", responses={200: WriteOut, 410: ProblemOut}
)
def release(header: KeyHeader, body: ReleaseIn) -> Response:
    def deed(session: Session, program: Program) -> Answer:
        return wrote(session, ledger.release(session, program, ledger.find_hold(session, program.id, body.hold).id, origin(header.key)))

    return once("redeem", header.key, deed)
