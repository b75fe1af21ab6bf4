"""Every way to say who stands there: one request for all of them."""

from typing import Annotated, Any, Literal

from flask import g
from flask_openapi import APIBlueprint, Tag
from pydantic import Field, StringConstraints

from walletpass import identification
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.finding import identify
from walletpass.api.guest_shapes import GuestView
from walletpass.api.guests import view
from walletpass.api.schemas import FAULTS, In
from walletpass.database import reading, transaction
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_identify", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="Guests")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)


class IdentifyIn(In):
    text: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=4096)] = Field(
        description="What was scanned, swiped, typed, or given by an app: a card code, a card number, a card id, a phone number, the second "
        "track of a magnetic stripe, a bound token, a signed token of an app, match:<name> from a reader of faces or fingers."
    )
    kind: Literal["code", "changing_code", "number", "id", "phone", "stripe", "token", "app_token", "match"] | None = Field(
        None, description="Only this way, where the caller knows. Left out, the text says it."
    )


@bp.post("/identify", summary="The guest behind whatever was shown, swiped, typed or signed", responses={200: GuestView})
def identified(body: IdentifyIn) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("look_up")
    kind = body.kind or ""
    # Some texts are used up by being read; a look at the rest changes nothing, and waits for nobody.
    with transaction() if identification.uses_up(body.text, kind) else reading() as session:
        return view(session, actor, identify(session, actor, body.text, kind)).model_dump(mode="json")
