"""What a till showed its waiter to say or do, and what was passed over."""

from flask import Response, g
from flask_openapi import APIBlueprint, Tag
from pydantic import Field, StrictInt

from walletpass import staff
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.schemas import FAULTS, In
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_prompts", __name__, url_prefix="/api/v1/prompts", abp_tags=[Tag(name="Staff")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)

MOST = 50


class PromptsIn(In):
    prompts: StrictInt = Field(0, ge=0, le=MOST, description="Prompts that came up since the last report of this till.")
    skipped: StrictInt = Field(0, ge=0, le=MOST, description="Prompts that were closed, or left, without doing what they say.")


@bp.post(
    "", summary="Count prompts shown and skipped for whoever is signed in; a statistic, without an Idempotency-Key", responses={204: None}
)
def count(body: PromptsIn) -> Response:
    actor: Actor = g.actor
    actor.must("look_up")
    for kind, times in ((staff.PROMPT, body.prompts), (staff.SKIP, body.skipped)):
        for _ in range(times):
            staff.noticed(actor, kind)
    return Response(status=204)
