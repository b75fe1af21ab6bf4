"""The board as its shapes have it."""

from datetime import date, timedelta

from sqlmodel import Session

from walletpass import hostess, programs
from walletpass.api.booking_shapes import DayBookingOut, DayOut
from walletpass.api.hostess_shapes import (
    BoardOut,
    CallOut,
    DishOut,
    ExpectedOut,
    GivenTableOut,
    HereOut,
    NoteOut,
    PeakOut,
    PersonOut,
    SentenceOut,
    TableOut,
)
from walletpass.cards import Card
from walletpass.coatcheck import STANDING
from walletpass.database import now
from walletpass.guests import masked
from walletpass.hostess import Board, Expected, Here, Peak, Person, Ringing
from walletpass.programs import Program

LATE = timedelta(minutes=15)


def shaped(program: Program, venue_id: str, board: Board) -> BoardOut:
    return BoardOut(
        venue=venue_id,
        day=programs.day_of(program),
        calls=[_call(one) for one in board.calls],
        expected=[_expected(one) for one in board.expected],
        door=[_here(one) for one in board.door],
        inside=[_here(one) for one in board.inside],
        tables=[_peak(one) for one in board.peaks],
    )


def day(session: Session, program: Program, venue_id: str, day: date) -> DayOut:
    found = hostess.bookings(session, program, venue_id, day)
    every = [DayBookingOut(**_expected(one).model_dump(), state=one.booking.standing) for one in found]
    return DayOut(venue=venue_id, day=day, bookings=every)


def table(session: Session, program: Program, venue_id: str, card: Card) -> TableOut:
    view = hostess.table_view(session, program, venue_id, card)
    return TableOut(
        guest=_person(view.person),
        dishes=list(view.favourites.dishes),
        drinks=list(view.favourites.drinks),
        last=[DishOut.model_validate(dish) for dish in view.last],
        sent_back=list(view.sent_back),
        average_check=view.average,
    )


def _person(person: Person | None) -> PersonOut | None:
    if person is None:
        return None
    return PersonOut(
        card=person.card_id, name=person.guest.name, say_name=person.say_name, language=person.guest.language, first_visit=person.first_visit,
        regular=person.regular, vip=person.vip, visits=person.visits, last_visit=person.last_visit, place=person.place,
        usual_waiter=person.usual_waiter, usual_waiter_here=person.usual_waiter_here,
        coats=[thing.hook_label for thing in person.coats if thing.state in STANDING],
        notes=[NoteOut.model_validate(note) for note in person.notes],
    )  # fmt: skip


def _call(one: Ringing) -> CallOut:
    phone = masked(one.call.phone) if one.person else one.call.phone
    booking = _expected(one.expected) if one.expected else None
    return CallOut(call=one.call.id, at=one.call.at, phone=phone, guest=_person(one.person), booking=booking)


def _expected(one: Expected) -> ExpectedOut:
    booking = one.booking
    return ExpectedOut(
        booking=booking.id, at=booking.at, party=booking.party, name=booking.name, masked_phone=masked(booking.phone), place=booking.place,
        notes=booking.notes, late=booking.at + LATE < now(), guest=_person(one.person),
    )  # fmt: skip


def _here(one: Here) -> HereOut:
    arrival, booking = one.arrival, one.booking
    return HereOut(
        arrival=arrival.id, at=arrival.at, via=arrival.via, place=arrival.place, waiter=arrival.waiter, seated_at=arrival.seated_at,
        paid=one.paid, booking=arrival.booking_id, party=booking.party if booking else None, name=booking.name if booking else "",
        notes=booking.notes if booking else "", guest=_person(one.person),
        sentence=SentenceOut.model_validate(one.sentence) if one.sentence else None,
    )  # fmt: skip


def _peak(peak: Peak) -> PeakOut:
    return PeakOut(
        kept=peak.kept.tables,
        left=peak.left,
        ends=f"{peak.kept.ends // 60:02d}:{peak.kept.ends % 60:02d}",
        given=[GivenTableOut.model_validate(one) for one in peak.given],
    )
