"""The feed of what happened, page by page."""

from typing import Any

from flask import g
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field

from walletpass import events, webhooks
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.schemas import FAULTS, Out
from walletpass.database import reading
from walletpass.events import Kind
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_events", __name__, url_prefix="/api/v1/events", abp_tags=[Tag(name="Events")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)

MOST = 500


class FeedQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: str = Field("", max_length=120, description="The value of next from the page before; empty: from the oldest event that is kept.")
    limit: int = Field(100, ge=1, le=MOST)
    kind: list[Kind] = Field(default_factory=list, max_length=40, description="Only these kinds; may be given several times.")


class EventOut(BaseModel):
    """Ids and numbers only: what they belong to is asked for elsewhere, by who may know."""

    id: str = Field(description="Stays the same when the event is told again.")
    number: int = Field(description="Counts from 1, without a gap.")
    kind: str
    program: str
    at: str = Field(description="When it happened, ISO 8601 in UTC.")
    recorded_at: str
    card: str
    check: str
    venue: str
    staff: str
    till: str
    source: str
    data: dict[str, Any]


class FeedOut(Out):
    events: list[EventOut]
    next: str = Field(description="Where to read on. Keep it; it is also given when nothing is new.")
    more: bool = Field(description="Whether there is more to read at once, even where this page has no event of the wanted kinds.")


@bp.get("", summary="What happened, in order and without a gap", responses={200: FeedOut})
def feed(query: FeedQuery) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("integrate")
    with reading() as session:
        number = events.place(session, actor.program_id, query.after)
        page = events.after(session, actor.program_id, number, query.limit, query.kind)
        told = [EventOut.model_validate(webhooks.described(event)) for event in page.events]
        return FeedOut(events=told, next=events.cursor(session, actor.program_id, page.reached), more=page.more).model_dump()
