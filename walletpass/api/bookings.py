"""Tables that guests ask for, as a booking system or a person writes them down."""

from typing import Any

from flask import Response, g
from flask_openapi import APIBlueprint, Tag
from sqlmodel import Session

from walletpass import hostess, programs
from walletpass.api import board_view
from walletpass.api.auth import AT_TILL, SECURITY, authenticate
from walletpass.api.booking_shapes import BookingDone, BookingIn, BookingOut, BookingPath, DayOut, DayQuery, SeatBookingIn, WishIn
from walletpass.api.check_writes import once
from walletpass.api.hostess_desk import asked, booked, by, own, wish
from walletpass.api.once import answer
from walletpass.api.schemas import FAULTS, KeyHeader
from walletpass.database import new_id, reading
from walletpass.ledger import Answer
from walletpass.programs import Program
from walletpass.staff import Actor

bp = APIBlueprint("api_bookings", __name__, url_prefix="/api/v1/bookings", abp_tags=[Tag(name="Board")], abp_responses=FAULTS)
bp.before_request(authenticate)


@bp.post("", summary="Keep a booking; its guest is found by number or address", responses={200: BookingDone}, security=SECURITY)
def make(header: KeyHeader, body: BookingIn) -> Response:
    def work(session: Session, program: Program) -> Answer:
        actor: Actor = g.actor
        venue_id = hostess.venue_of(session, program.id, body.venue, actor.venue_id)
        said = asked(session, actor, body)
        return answer(booked(hostess.book(session, program, venue_id, body.id or new_id(), said, by(actor))))

    return once("signal", header.key, work)


@bp.get("", summary="The bookings of a day, whatever became of them; for people at a till", responses={200: DayOut}, security=AT_TILL)
def of_a_day(query: DayQuery) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("board")
    with reading() as session:
        program = programs.get(session, actor.program_id)
        venue_id = hostess.venue_of(session, program.id, query.venue, actor.venue_id)
        return board_view.day(session, program, venue_id, query.day or programs.day_of(program)).model_dump(mode="json")


@bp.get("/<booking_id>", summary="One booking with all that it says; for people at a till", responses={200: BookingOut}, security=AT_TILL)
def one(path: BookingPath) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("board")
    with reading() as session:
        found = own(session, actor, path.booking_id)
        told = {"name": found.name, "phone": found.phone, "email": found.email, "notes": found.notes, "card": found.card_id}
        return BookingOut.model_validate({**booked(found).model_dump(), **told}).model_dump(mode="json")


@bp.post("/<booking_id>/change", summary="They come at another hour, or more of them", responses={200: BookingDone}, security=SECURITY)
def change(header: KeyHeader, path: BookingPath, body: WishIn) -> Response:
    def work(session: Session, program: Program) -> Answer:
        own(session, g.actor, path.booking_id)
        return answer(booked(hostess.change_booking(session, program, path.booking_id, wish(body), by(g.actor))))

    return once("signal", header.key, work)


@bp.post("/<booking_id>/cancel", summary="They do not come", responses={200: BookingDone}, security=SECURITY)
def cancel(header: KeyHeader, path: BookingPath) -> Response:
    def work(session: Session, program: Program) -> Answer:
        own(session, g.actor, path.booking_id)
        return answer(booked(hostess.cancel_booking(session, program.id, path.booking_id, by(g.actor))))

    return once("signal", header.key, work)


@bp.post("/<booking_id>/seat", summary="They are here, and sit at their table", responses={200: BookingDone}, security=SECURITY)
def seat(header: KeyHeader, path: BookingPath, body: SeatBookingIn) -> Response:
    def work(session: Session, program: Program) -> Answer:
        own(session, g.actor, path.booking_id)
        arrival = hostess.seat_booking(session, program, path.booking_id, body.place, body.waiter, by(g.actor))
        seated = booked(hostess.get_booking(session, program.id, path.booking_id))
        return answer(seated.model_copy(update={"place": arrival.place}))

    return once("signal", header.key, work)
