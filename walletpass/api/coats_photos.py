"""Photos of what hangs, while it hangs."""

import hashlib

from flask import Response, g, request
from flask_openapi import APIBlueprint, FileStorage, Tag
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from walletpass import coatcheck
from walletpass.api import coats_facts as facts
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.check_writes import respond
from walletpass.api.coats_finding import ticket_of
from walletpass.api.coats_shapes import CoatsDone, PhotoPath, TicketRef
from walletpass.api.schemas import FAULTS, KeyHeader
from walletpass.coatcheck import photos
from walletpass.database import reading
from walletpass.ledger import Answer
from walletpass.programs import Program

bp = APIBlueprint(
    "api_coats_photos", __name__, url_prefix="/api/v1/coats/photo", abp_tags=[Tag(name="Coats")], abp_responses=FAULTS, abp_security=SECURITY
)  # fmt: skip
bp.before_request(authenticate)
# What a form needs around a picture.
AROUND = 8 * 1024
PICTURE = {"description": "The photo.", "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}


@bp.before_request
def _allow() -> None:
    """Before the form is read, which is larger than other requests may be."""
    g.actor.must("coats")
    request.max_content_length = photos.LARGEST + AROUND


@bp.teardown_request
def _close(_: BaseException | None) -> None:
    """A large picture came in a temporary file."""
    request.close()


class PhotoIn(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    ticket: TicketRef
    number: int = Field(ge=1, le=1_000_000, description="Of the thing.")
    photo: FileStorage = Field(
        description="A JPEG, PNG or WebP of at most 2 MB; kept as a small JPEG with no metadata, until the thing goes."
    )


@bp.post("", summary="Keep a photo of a thing, in place of one before", responses={200: CoatsDone})
def keep(header: KeyHeader, form: PhotoIn) -> Response:
    raw = form.photo.read()

    def work(session: Session, program: Program) -> Answer:
        ticket = ticket_of(session, g.actor, form.ticket)
        photos.keep_photo(session, ticket, form.number, small)
        return facts.done(session, ticket, [item for item in coatcheck.tickets.items(session, ticket) if item.number == form.number])

    # Before the transaction: drawing takes a while, and no till waits for it.
    small = photos.small(raw)
    return respond(g.actor.program_id, header.key, [request.path, form.ticket, form.number, hashlib.sha256(raw).hexdigest()], work)


@bp.get("/<ticket>/<int:number>", summary="The photo of a thing", responses={200: PICTURE})
def show(path: PhotoPath) -> Response:
    with reading() as session:
        ticket_of(session, g.actor, path.ticket)
        jpeg = photos.photo(session, g.actor.program_id, path.ticket, path.number)
    response = Response(jpeg, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "no-store"
    return response
