"""The guest proves at the till that it is them: a code by SMS or on the card, a PIN, a tap on their own phone."""

from datetime import datetime
from typing import Annotated, Any, Literal

from flask import g
from flask_openapi import APIBlueprint, Tag
from pydantic import Field, StringConstraints

from walletpass import identification
from walletpass.api.auth import AT_TILL, SECURITY, authenticate
from walletpass.api.finding import doorman, find
from walletpass.api.schemas import FAULTS, CardRef, In, Out
from walletpass.database import reading, transaction
from walletpass.errors import NotAllowed
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_second_factor",
    __name__,
    url_prefix="/api/v1/second-factor",
    abp_tags=[Tag(name="Second factor")],
    abp_responses=FAULTS,
)
bp.before_request(authenticate)

# A code that comes to a phone again and again is a nuisance, whoever sends it.
STARTS_PER_MINUTE = 6
Kind = Literal["sms", "card_code", "pin", "passkey"]


class StartIn(In):
    card: CardRef
    kind: Kind


class StartedOut(Out):
    kind: Kind
    sent_to: str = Field(description="Where a code went, masked; empty where the guest has it already, or taps on their own phone.")
    expires_at: datetime | None = Field(description="Until when; null where nothing ends.")


class VerifyIn(In):
    card: CardRef
    kind: Kind
    code: Annotated[str, StringConstraints(strict=True, max_length=20)] = Field(
        "", description="What the guest typed or read out. Of a passkey nothing: the guest confirmed on their own phone."
    )


class ProofOut(Out):
    proof: str = Field(description="Send it along with redeem or hold. Good for this card and whoever asked, five minutes, once.")


class ClearIn(In):
    card: CardRef
    kind: Literal["pin", "passkey"]


class ClearedOut(Out):
    cleared: bool = Field(description="Whether there was one.")


@bp.post("/start", summary="Ask the guest for a proof", responses={200: StartedOut}, security=SECURITY)
def start(body: StartIn) -> dict[str, Any]:
    """A code that was started before is no good any more. Nothing is booked, so it takes no Idempotency-Key."""
    actor: Actor = g.actor
    actor.must("redeem")
    with transaction() as session:
        card = find(session, actor, body.card)
        doorman().admit("second factor", f"{card.program_id}:{card.id}", STARTS_PER_MINUTE)
        return StartedOut.model_validate(identification.start(session, card, actor.bearer, body.kind)).model_dump(mode="json")


@bp.post("/verify", summary="What the guest typed, read out or tapped: the proof for it", responses={200: ProofOut}, security=SECURITY)
def verify(body: VerifyIn) -> dict[str, Any]:
    """wrong_factor for a wrong code, factor_locked after five of them for half an hour. The same right code again gives the proof again."""
    actor: Actor = g.actor
    actor.must("redeem")
    with transaction() if identification.uses_up(body.card) else reading() as session:
        card = find(session, actor, body.card)
    return {"proof": identification.verify(card, actor.bearer, body.kind, body.code)}


@bp.post(
    "/clear", summary="A guest forgot the PIN or lost the phone; for managers at a till", responses={200: ClearedOut}, security=AT_TILL
)
def clear(body: ClearIn) -> dict[str, Any]:
    """Repeating it changes nothing, so it takes no Idempotency-Key. The guest sets a new one on the card's page."""
    actor: Actor = g.actor
    actor.must("manage")
    if not actor.staff_id:
        raise NotAllowed("A manager at a till has to do this.")
    with transaction() as session:
        card = find(session, actor, body.card)
        cleared = (
            identification.pins.clear_pin(session, card) if body.kind == "pin" else identification.passkeys.take_off(session, card) > 0
        )
    return {"cleared": cleared}
