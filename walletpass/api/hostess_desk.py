"""Signals and bookings, whoever brings them: a key, a person at a till, a signed event."""

from dataclasses import replace

from sqlmodel import Session

from walletpass import guests, hostess, identification
from walletpass.api.booking_shapes import BookingDone, BookingIn, WishIn
from walletpass.api.finding import doorman, find
from walletpass.api.hostess_shapes import ArrivalDone, ArrivalIn, PhoneCallDone, PhoneCallIn
from walletpass.cards import Card, of_guest
from walletpass.database import now
from walletpass.errors import Malformed, NotOurCode
from walletpass.hostess import Booking, By, Sender, Wish
from walletpass.identification.way import NOT_OURS
from walletpass.programs import Program
from walletpass.staff import Actor

# Numbers that one sender may bring in a minute. A venue's Wi-Fi greets fewer guests; whoever stole a key wants to know who is one.
SIGNALS_PER_MINUTE = 120


def arrive(session: Session, program: Program, actor: Actor, body: ArrivalIn) -> ArrivalDone:
    """Raises NotOurCode for whoever is nobody's here, and what `hostess.arrived` raises."""
    booking = own(session, actor, body.booking) if body.booking is not None else None
    venue_id = hostess.venue_of(session, program.id, booking.venue_id if booking is not None else body.venue, actor.venue_id)
    if sum(one is not None for one in (body.card, body.phone, body.token, body.booking)) != 1:
        raise Malformed("Say who: one of card, phone, token and booking.", field="card")
    card = _card(session, program, actor, body) if booking is None else None
    done = hostess.arrived(
        session, program, venue_id, card, body.via, booking=booking, at=body.at, sender=sender(actor, body.id), by=by(actor)
    )
    return ArrivalDone(arrival=done.arrival.id, new=done.new, at=done.arrival.at, venue=done.arrival.venue_id)


def ring(session: Session, program: Program, actor: Actor, body: PhoneCallIn) -> PhoneCallDone:
    venue_id = hostess.venue_of(session, program.id, body.venue, actor.venue_id)
    made = hostess.call(session, program, venue_id, body.phone, at=body.at, sender=sender(actor, body.id))
    return PhoneCallDone(call=made.id, at=made.at, venue=made.venue_id)


def wish(body: WishIn) -> Wish:
    return Wish(body.at, body.party, body.name, body.phone, body.email, body.place, body.notes)


def asked(session: Session, actor: Actor, body: BookingIn) -> Wish:
    """What a booking says, with what a person at a till may leave to us: that it is now, and the number that calls. Raises Malformed, NotFound."""
    if not actor.staff_id:
        if body.id is None:
            raise Malformed("id: give the booking a name of your own, so that it can be changed and cancelled.", field="id")
        if body.call is not None:
            raise Malformed("call: only people at a till take calls. Say the number.", field="call")
        return wish(body)
    said = wish(body) if body.at is not None else replace(wish(body), at=now())
    if body.call is None:
        return said
    if body.phone is not None:
        raise Malformed("Say the number, or the call.", field="call")
    taken = hostess.answer_call(session, actor.program_id, body.call, by(actor))
    if actor.venue_id and taken.venue_id:
        hostess.venue_of(session, actor.program_id, taken.venue_id, actor.venue_id)
    return replace(said, phone=taken.phone)


def booked(booking: Booking) -> BookingDone:
    return BookingDone(
        id=booking.id, state=booking.standing, at=booking.at, party=booking.party, place=booking.place, venue=booking.venue_id
    )  # fmt: skip


def own(session: Session, actor: Actor, booking_id: str) -> Booking:
    """A booking of the venue that a key is for. Raises NotFound."""
    booking = hostess.get_booking(session, actor.program_id, booking_id)
    if actor.venue_id and booking.venue_id:
        hostess.venue_of(session, actor.program_id, booking.venue_id, actor.venue_id)
    return booking


def sender(actor: Actor, name: str | None) -> Sender:
    return Sender(actor.key_hash or actor.till_id, name or "")


def by(actor: Actor) -> By:
    return By(actor.staff_id, actor.till_id)


def _card(session: Session, program: Program, actor: Actor, body: ArrivalIn) -> Card:
    if body.phone is not None:
        doorman().admit("signal by phone", f"{actor.program_id}:{actor.bearer}", SIGNALS_PER_MINUTE)
        return _of_phone(session, program, body.phone)
    if body.token is not None:
        return identification.identify(session, program, body.token, kind="token").card
    # Being here spends nothing: a code that changes is good whenever it was shown, and stays good for the till.
    return find(session, actor, body.card or "", late=True)


def _of_phone(session: Session, program: Program, text: str) -> Card:
    """No person is asked which of several it is. Raises NotOurCode."""
    try:
        guest = guests.known(session, program.id, guests.clean_phone(text, program.country))
    except Malformed:
        raise NotOurCode(NOT_OURS) from None
    card = of_guest(session, program.id, guest.id) if guest is not None else None
    if card is None:
        raise NotOurCode(NOT_OURS)
    return card
