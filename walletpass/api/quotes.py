"""What a check would mean for a guest, before anything is booked."""

from dataclasses import replace
from typing import Any

from flask import g
from flask_openapi import APIBlueprint, Tag
from pydantic import Field
from sqlmodel import Session

from walletpass import ledger, programs
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.bills import bill
from walletpass.api.finding import find
from walletpass.api.schemas import FAULTS, BillIn, Out
from walletpass.cards import Card
from walletpass.database import reading
from walletpass.ledger import Bill, EarnedCheck, Quote
from walletpass.programs import Program
from walletpass.staff import Actor

bp = APIBlueprint("api_quotes", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="Points")], abp_responses=FAULTS, abp_security=SECURITY)
bp.before_request(authenticate)

# A check without a name has no history; the name is not one that a till can send.
NAMELESS = "quote"


class QuoteIn(BillIn):
    pass


class WhyNotOut(Out):
    code: str = Field(description="As the refusal of a redemption would say: already_earned, insufficient_balance, above_cap.")
    detail: str


class QuoteOut(Out):
    kind: str = Field(description="What the card counts: points, cashback or stamps; a card of kind discount counts nothing.")
    points: int = Field(description="What the guest can spend.")
    most: int = Field(description="How much of it this check takes.")
    step: int = Field(description="Points are paid in multiples of this; a full card of stamps at once.")
    worth: int = Field(description="Minor units that most pays.")
    earns: int = Field(description="What the check earns as it stands now, if nothing more is paid with points.")
    discount: int = Field(description="Minor units that the guest's tier takes off.")
    tier: str = Field(description="The guest's tier; empty where there is none.")
    why_not: WhyNotOut | None = Field(description="Why nothing can be paid with points; null where something can.")


@bp.post("/quote", summary="What can be paid with points, and what the check would earn; changes nothing", responses={200: QuoteOut})
def quote(body: QuoteIn) -> dict[str, Any]:
    """No Idempotency-Key is needed. A code that changes is not used up by it."""
    actor: Actor = g.actor
    actor.must("look_up")
    asked = bill(body, body.check_id or NAMELESS)
    with reading() as session:
        program = programs.get(session, actor.program_id)
        card = find(session, actor, body.card, late=True)
        told = quoted(session, program, card, asked)
        why = None if told.most else _why_not(session, program, card, asked, told)
    return QuoteOut(
        kind=program.kind, points=told.points, most=told.most, step=told.step, worth=told.worth, earns=told.earns,
        discount=told.discount, tier=told.tier_name, why_not=why,
    ).model_dump(mode="json")  # fmt: skip


def quoted(session: Session, program: Program, card: Card, asked: Bill) -> Quote:
    """As the ledger has it, and nothing can be paid on a check that is closed. Raises Malformed for a bill that cannot be."""
    told = ledger.quote(session, program, card, asked)
    closed = session.get(EarnedCheck, (program.id, asked.check_id)) is not None
    return replace(told, most=0, worth=0) if closed else told


def _why_not(session: Session, program: Program, card: Card, asked: Bill, told: Quote) -> WhyNotOut:
    if session.get(EarnedCheck, (program.id, asked.check_id)) is not None:
        return WhyNotOut(code="already_earned", detail="This check has earned its points already.")
    debt = ledger.balance(session, program.id, card.id).debt
    if debt:
        return WhyNotOut(code="insufficient_balance", detail=f"This card owes {debt} points. The next ones pay them.")
    if told.points < max(told.step, program.minimum_points):
        fewest = max(told.step, program.minimum_points)
        return WhyNotOut(
            code="insufficient_balance", detail=f"There are {told.points} points on this card; the fewest to pay with are {fewest}."
        )
    return WhyNotOut(code="above_cap", detail="Of this check no more can be paid with points.")
