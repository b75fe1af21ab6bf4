"""Public reviews, as a review service tells of them."""

from datetime import datetime
from typing import Annotated

from flask import Response, g
from flask_openapi import APIBlueprint, Tag
from pydantic import AwareDatetime, Field, StringConstraints
from sqlmodel import Session

from walletpass import surveys
from walletpass.api.auth import BY_KEY, authenticate
from walletpass.api.finding import find
from walletpass.api.once import answer, once, origin
from walletpass.api.schemas import FAULTS, CardRef, In, KeyHeader, Out
from walletpass.ledger import Answer
from walletpass.programs import Program

bp = APIBlueprint("api_reviews", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="Reviews")], abp_responses=FAULTS, abp_security=BY_KEY)
bp.before_request(authenticate)


class ReviewIn(In):
    card: CardRef | None = Field(None, description="The guest's card, where it is known whose review it is.")
    site: Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")] = Field(
        description="A short name: tripadvisor, google, or a host name."
    )
    url: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500)] = Field(
        description="Where it can be read; a review is known by its address."
    )
    at: AwareDatetime = Field(description="When it was written, with its time zone.")


class ReviewOut(Out):
    id: str
    site: str
    at: datetime
    points: int = Field(description="Given for it; 0 unless the owner rewards this site.")


@bp.post(
    "/reviews",
    summary="A guest wrote a public review: keep it, so that somebody says thank you; it may give points, so a key needs the scope earn",
    responses={200: ReviewOut},
)
def record(header: KeyHeader, body: ReviewIn) -> Response:
    def deed(session: Session, program: Program) -> Answer:
        card = find(session, g.actor, body.card) if body.card else None
        review = surveys.record_review(session, program, card, body.site, body.url, body.at, origin(header.key))
        return answer(ReviewOut.model_validate(review))

    return once("review", header.key, deed)
