"""Signals and bookings as signed events, of systems that send those: one address that takes them all.

    POST /api/v1/webhooks/signals

Signed as events of a point of sale are, see `check_events`. An event is done once, by its ``id``: sent again, it gets the first answer again.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from flask import Response, g, request
from flask_openapi import APIBlueprint, Tag
from pydantic import Field, ValidationError, model_validator
from sqlmodel import Session

from walletpass import hostess, surveys
from walletpass.api.booking_shapes import SeatBookingIn, WishIn
from walletpass.api.check_events import SignedHeader, authenticate
from walletpass.api.check_writes import respond
from walletpass.api.finding import find
from walletpass.api.hostess_desk import arrive, booked, ring, wish
from walletpass.api.hostess_shapes import ArrivalIn, Party, PhoneCallIn, VenueRef
from walletpass.api.reviews import ReviewIn
from walletpass.api.schemas import FAULTS, At, CheckId, In, Out
from walletpass.ledger import Answer, Origin
from walletpass.programs import Program
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_signal_events", __name__, url_prefix="/api/v1/webhooks", abp_tags=[Tag(name="Board")], abp_responses=FAULTS,
    abp_security=[{"signature": []}],
)  # fmt: skip
bp.before_request(authenticate)


class NamedBooking(In):
    id: CheckId


class ChangedBooking(WishIn, NamedBooking):
    pass


class SeatedBooking(SeatBookingIn, NamedBooking):
    pass


class MadeBooking(WishIn):
    id: CheckId
    at: At
    party: Party = 2
    venue: VenueRef = ""


SHAPES: Mapping[str, type[In]] = {
    "guest.arrived": ArrivalIn,
    "call.incoming": PhoneCallIn,
    "booking.made": MadeBooking,
    "booking.changed": ChangedBooking,
    "booking.cancelled": NamedBooking,
    "booking.seated": SeatedBooking,
    "review.written": ReviewIn,
}


class SignalEventIn(In):
    """``data`` is what the route of the same deed takes; a booking's id stands in it."""

    id: CheckId = Field(description="The event's own name. Sent again, it gets the first answer again.")
    type: Literal[
        "guest.arrived", "call.incoming", "booking.made", "booking.changed", "booking.cancelled", "booking.seated", "review.written"
    ]  # fmt: skip
    data: dict[str, Any]

    @model_validator(mode="after")
    def _data_fits_the_type(self) -> "SignalEventIn":
        try:
            SHAPES[self.type].model_validate(self.data)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise ValueError(f"{'.'.join(str(part) for part in first['loc']) or 'data'}: {first['msg']}") from None
        return self


class SignalDone(Out):
    done: str = Field(description="The id of the arrival, call, booking or review that it ended in.")


@bp.post("/signals", summary="Somebody came, called, booked or wrote a review, says another system", responses={200: SignalDone})
def event(header: SignedHeader, body: SignalEventIn) -> Response:
    actor: Actor = g.actor
    key = f"signal:{actor.key_hash}:{body.id}"

    def work(session: Session, program: Program) -> Answer:
        told = SHAPES[body.type].model_validate(body.data)
        return Answer(200, SignalDone(done=DEEDS[body.type](session, program, actor, told, body.id)).model_dump())

    return respond(actor.program_id, key, [request.path, request.get_json()], work)


def _arrived(session: Session, program: Program, actor: Actor, told: ArrivalIn, event_id: str) -> str:
    return arrive(session, program, actor, told.model_copy(update={"id": told.id or event_id})).arrival


def _rang(session: Session, program: Program, actor: Actor, told: PhoneCallIn, event_id: str) -> str:
    return ring(session, program, actor, told.model_copy(update={"id": told.id or event_id})).call


def _made(session: Session, program: Program, actor: Actor, told: MadeBooking, _: str) -> str:
    venue_id = hostess.venue_of(session, program.id, told.venue, actor.venue_id)
    return booked(hostess.book(session, program, venue_id, told.id, wish(told))).id


def _changed(session: Session, program: Program, actor: Actor, told: ChangedBooking, _: str) -> str:
    return hostess.change_booking(session, program, told.id, wish(told)).id


def _cancelled(session: Session, program: Program, actor: Actor, told: NamedBooking, _: str) -> str:
    return hostess.cancel_booking(session, program.id, told.id).id


def _seated(session: Session, program: Program, actor: Actor, told: SeatedBooking, _: str) -> str:
    return hostess.seat_booking(session, program, told.id, told.place, told.waiter).booking_id


def _written(session: Session, program: Program, actor: Actor, told: ReviewIn, event_id: str) -> str:
    card = find(session, actor, told.card) if told.card else None
    origin = Origin(actor.source, f"signal:{actor.key_hash}:{event_id}", actor.venue_id)
    return surveys.record_review(session, program, card, told.site, told.url, told.at, origin).id


DEEDS: Mapping[str, Callable[[Session, Program, Actor, Any, str], str]] = {
    "guest.arrived": _arrived,
    "call.incoming": _rang,
    "booking.made": _made,
    "booking.changed": _changed,
    "booking.cancelled": _cancelled,
    "booking.seated": _seated,
    "review.written": _written,
}
