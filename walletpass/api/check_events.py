"""Events of a point of sale, signed: one address that takes them all.

    POST /api/v1/webhooks/checks
    Walletpass-Source: <program>/<source id>
    Walletpass-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>", keyed with the source's secret>

An event is done once, by its ``id``: sent again, it gets the first answer again.
"""

from dataclasses import replace
from datetime import timedelta

from flask import Response, g, request
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session

from walletpass import checks, signatures, staff
from walletpass.api.check_deeds import Desk
from walletpass.api.check_writes import respond
from walletpass.api.checks_shapes import CheckDone
from walletpass.api.events_shapes import EventIn
from walletpass.api.schemas import FAULTS
from walletpass.checks import Payment
from walletpass.database import now, reading
from walletpass.errors import KeyReused, Malformed, NotFound
from walletpass.ledger import Answer
from walletpass.programs import Program
from walletpass.staff import Actor

SOURCE = "Walletpass-Source"
AHEAD = timedelta(minutes=5)

bp = APIBlueprint(
    "api_check_events", __name__, url_prefix="/api/v1/webhooks", abp_tags=[Tag(name="Checks")], abp_responses=FAULTS,
    abp_security=[{"signature": []}],
)  # fmt: skip


@bp.before_request
def authenticate() -> None:
    """Before anything of the body is looked at. Raises WrongSignature."""
    source, signature = request.headers.get(SOURCE, ""), request.headers.get(signatures.HEADER, "")
    with reading() as session:
        g.actor = staff.actor_by_signature(session, source, signature, request.get_data())


class SignedHeader(BaseModel):
    source: str = Field("", alias="Walletpass-Source", description="<program>/<source id>, as the operator was told with the secret.")
    signature: str = Field("", alias="Walletpass-Signature", description='t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">')


@bp.post("/checks", summary="Something happened to a check, says a point of sale", responses={200: CheckDone})
def event(header: SignedHeader, body: EventIn) -> Response:
    actor: Actor = g.actor
    key = f"webhook:{actor.key_hash}:{body.id}"

    def work(session: Session, program: Program) -> Answer:
        if body.at is not None:
            _must_be_lately(program, body)
        desk = Desk.of(session, program, actor, key, body.reason or actor.name)
        return _do(replace(desk, origin=replace(desk.origin, event_at=body.at), anytime=True), body)

    try:
        return respond(actor.program_id, key, [request.path, request.get_json()], work)
    except KeyReused:
        raise KeyReused("Another event came with this id before. Give every event an id of its own, and send it again unchanged.") from None


def _must_be_lately(program: Program, body: EventIn) -> None:
    """What is older is history: nobody is given points for it unseen."""
    age = now() - (body.at or now())
    if age > timedelta(hours=program.late_hours):
        raise Malformed(f"This happened more than {program.late_hours} hours ago. Import it from a file: walletpass checks import.")
    if age < -AHEAD:
        raise Malformed("This has not happened yet. Check the clock of the point of sale.")


def _do(desk: Desk, body: EventIn) -> Answer:
    name, check_id = body.type.removeprefix("check."), body.check_id
    if name == "opened":
        desk.open(check_id, venue_id=body.venue_id, place=body.place, waiter=body.waiter)
        return desk.told(check_id)
    if name == "refunded":
        return desk.refund(check_id, positions=body.positions or (), amount=body.amount)
    if name == "voided":
        return desk.void(check_id)
    _must_be_there(desk, body)
    if name == "billed":
        return desk.bill(check_id)
    done = desk.told(check_id)
    if body.lines:
        done = desk.add(check_id, [line.ordered() for line in body.lines], instead=body.instead)
    positions = done.body["positions"]
    if "card" in body.model_fields_set:
        done = desk.attach(check_id, body.card) if body.card else desk.detach(check_id)
    if name == "closed":
        done = desk.close(check_id, Payment(body.amount, body.discount, body.gift_card))
    return Answer(200, {**done.body, "positions": positions})


def _must_be_there(desk: Desk, body: EventIn) -> None:
    """Events overtake one another, and a small system sends the last one alone: whichever comes first opens the check."""
    try:
        checks.get(desk.session, desk.program.id, body.check_id)
    except NotFound:
        desk.open(body.check_id, venue_id=body.venue_id, place=body.place, waiter=body.waiter)
