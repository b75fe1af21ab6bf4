"""A guest is here: once for a visit, whatever saw them come."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import col, select

from tests.cast import issue_card, open_house
from walletpass import cards, database, events, hostess, ledger
from walletpass.database import now
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.events import Kind
from walletpass.hostess import Arrival, Booking, Sender
from walletpass.hostess.moments import VISIT
from walletpass.ledger import Origin

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def arrivals(door):
    with database.reading() as session:
        return session.exec(select(Arrival).where(col(Arrival.program_id) == door.house.id).order_by(col(Arrival.at))).all()


def told(door):
    with database.reading() as session:
        page = events.after(session, door.house.id, 0, 500, [kind for kind in Kind if kind.startswith(("guest.", "booking."))])
        return [event.kind for event in page.events]


@pytest.fixture
def clock():
    with time_machine.travel(now(), tick=False) as traveller:
        yield traveller


def test_all_signals_of_a_visit_are_one_arrival(door, clock):
    first = door.arrive(via="wifi")
    assert first.new
    for via in ("beacon", "door", "nfc", "hostess", "wifi"):
        clock.shift(20 * MINUTE)
        again = door.arrive(via=via)
        assert (again.new, again.arrival.id, again.arrival.via) == (False, first.arrival.id, "wifi")
    assert len(arrivals(door)) == 1
    assert told(door) == ["guest.arrived"], "and it is told once"


def test_a_visit_that_nobody_ended_ends_by_itself(door, clock):
    first = door.arrive().arrival
    clock.shift(VISIT - MINUTE)
    assert not door.arrive().new
    clock.shift(MINUTE)
    assert [*door.board().door, *door.board().inside] == []
    second = door.arrive()
    assert second.new
    assert [one.gone_at for one in arrivals(door)] == [first.at + VISIT, None]


def test_who_has_gone_and_comes_back_has_come_again(door, clock):
    door.gone(door.arrive().arrival)
    clock.shift(MINUTE)
    assert door.arrive(via="door").new
    assert len(arrivals(door)) == 2


@pytest.mark.parametrize("via", ["wifi", "beacon"])
def test_a_phone_that_passes_the_door_on_its_way_out_has_not_come_again(door, clock, via):
    door.gone(door.arrive().arrival)
    clock.shift(14 * MINUTE)
    assert not door.arrive(via=via).new
    clock.shift(MINUTE)
    assert door.arrive(via=via).new, "a quarter of an hour later it has"


def test_a_signal_that_was_long_on_its_way_belongs_to_the_visit_it_was_sent_in(door, clock):
    door.arrive()
    clock.shift(HOUR)
    door.gone(arrivals(door)[0])
    clock.shift(HOUR)
    late = door.arrive(at=now() - 90 * MINUTE)
    assert not late.new
    assert door.board().door == []


def test_the_same_signal_again_is_the_same_though_the_visit_is_over(door, clock):
    first = door.arrive(signal="s1").arrival
    door.gone(first)
    clock.shift(HOUR)
    assert door.arrive(signal="s1").arrival.id == first.id
    assert door.arrive(signal="s2").new
    other = door.do(hostess.arrived, door.house.venue.id, door.house.ana, "nfc", sender=Sender("another reader", "s1"))
    assert not other.new, "a name is the sender's own, and the visit is the guest's"


def test_two_venues_are_two_arrivals_and_two_guests_too(door):
    with database.transaction() as session:
        elsewhere = session.merge(door.house.venue).model_copy(update={"id": database.new_id(), "name": "Luna am See"})
        session.add(type(elsewhere)(**elsewhere.model_dump()))
        bea = issue_card(session, door.house.program, "Bea", "+49 151 77777777")
    door.arrive()
    assert door.do(hostess.arrived, elsewhere.id, door.house.ana, "door").new
    assert door.arrive(bea).new
    assert len(door.board().door) == 2


def test_a_card_that_went_up_in_another_is_the_same_guest(door):
    with database.transaction() as session:
        old = issue_card(session, door.house.program, "Ana again", "+49 151 23456789")
    first = door.arrive(old).arrival
    with database.transaction() as session:
        ledger.merge(session, door.house.program, cards.get(session, door.house.id, old.id), door.house.ana, Origin("system"))
    with database.reading() as session:
        ana = cards.get(session, door.house.id, door.house.ana.id)
    again = door.arrive(ana)
    assert (again.new, again.arrival.id) == (False, first.id)
    assert door.here().person.guest.name == "Ana"


@pytest.mark.parametrize("at", [timedelta(minutes=6), -VISIT - MINUTE], ids=["to come", "long ago"])
def test_what_has_not_happened_or_is_long_ago_is_no_arrival(door, clock, at):
    with pytest.raises(Malformed):
        door.arrive(at=now() + at)
    assert arrivals(door) == []


def test_a_clock_that_is_a_little_ahead_counts_as_now(door, clock):
    assert door.arrive(at=now() + 4 * MINUTE).arrival.at == now()


def test_a_way_that_is_none_is_refused(door):
    with pytest.raises(Malformed, match="beacon"):
        door.arrive(via="telepathy")


def test_they_are_seated_moved_and_leave(door, clock):
    arrival = door.arrive().arrival
    door.seat(arrival, " 7 ", "Bruno")
    sat_at = now()
    clock.shift(HOUR)
    moved = door.seat(arrival, "12")
    assert (moved.place, moved.waiter, moved.seated_at) == ("12", "Bruno", sat_at)
    assert [one.arrival.place for one in door.board().inside] == ["12"]
    left = door.gone(arrival)
    clock.shift(MINUTE)
    assert door.gone(arrival).gone_at == left.gone_at
    assert door.board().inside == []
    with pytest.raises(Conflict):
        door.seat(arrival, "1")
    assert told(door) == ["guest.arrived", "guest.seated", "guest.seated", "guest.gone"]


def test_a_table_has_a_name(door):
    arrival = door.arrive().arrival
    with pytest.raises(Malformed):
        door.seat(arrival, " \u200b ")


def test_an_arrival_of_another_restaurant_is_unknown(door):
    sova = open_house("sova")
    arrival = door.arrive().arrival
    for verb in (hostess.gone, hostess.get):
        with database.transaction() as session, pytest.raises(NotFound):
            verb(session, sova.id, arrival.id)
    with database.transaction() as session, pytest.raises(NotFound):
        hostess.seat(session, sova.program, arrival.id, "1")


@pytest.mark.parametrize("hours", [-2.9, 0.5, 2.9])
def test_the_guest_s_booking_of_the_hour_comes_along(door, hours):
    door.book(at=now() + hours * HOUR, phone="0151 23456789", place="9", party=4)
    arrival = door.arrive().arrival
    assert (arrival.booking_id, arrival.place) == ("B1", "9")
    assert door.board().expected == []
    assert door.here().booking.party == 4


def test_of_two_bookings_the_nearer_one_comes_along_and_the_other_waits(door):
    door.book("late", at=now() + 2 * HOUR, phone="0151 23456789")
    door.book("soon", at=now() + 10 * MINUTE, phone="0151 23456789")
    assert door.arrive().arrival.booking_id == "soon"
    assert [one.booking.id for one in door.board().expected] == ["late"]
    assert door.arrive(via="wifi").arrival.booking_id == "soon"


def test_a_booking_of_tomorrow_or_of_somebody_else_does_not(door):
    door.book("tomorrow", at=now() + 24 * HOUR, phone="0151 23456789")
    door.book("another", phone="0151 99999999")
    door.book("cancelled", phone="0151 23456789")
    with database.transaction() as session:
        hostess.cancel_booking(session, door.house.id, "cancelled")
    assert door.arrive().arrival.booking_id == ""


def test_a_booking_that_was_made_after_they_came_is_found_by_the_next_signal(door):
    door.arrive()
    door.book(phone="0151 23456789")
    assert door.arrive(via="wifi").arrival.booking_id == "B1"
    assert told(door) == ["guest.arrived", "booking.made", "booking.changed"], "so that every board is told"


def test_they_check_in_by_the_booking_with_a_card_or_without(door):
    known, stranger = door.book("known", phone="0151 23456789"), door.book("stranger", name="Iryna")
    first = door.check_in(known)
    assert (first.arrival.card_id, first.arrival.booking_id) == (door.house.ana.id, "known")
    assert not door.arrive().new, "the card is read a moment later"
    second = door.check_in(stranger)
    assert (second.new, second.arrival.card_id) == (True, "")
    assert not door.check_in(stranger).new
    assert [one.person is None for one in door.board().door] == [False, True]


def test_nobody_checks_in_by_a_booking_that_was_cancelled(door):
    booking = door.book()
    with database.transaction() as session:
        hostess.cancel_booking(session, door.house.id, booking.id)
    with pytest.raises(Conflict):
        door.check_in(booking)
    assert arrivals(door) == []


def test_a_booking_s_table_is_seated_whoever_comes(door):
    door.book(name="Iryna", place="4")
    seated = door.do(hostess.seat_booking, "B1", by=hostess.By(door.house.bruno.id))
    assert (seated.place, seated.via) == ("4", "hostess")
    with database.reading() as session:
        assert session.get_one(Booking, (door.house.id, "B1")).state == "seated"
    again = door.do(hostess.seat_booking, "B1", "5")
    assert (again.id, again.place) == (seated.id, "5")


def test_a_second_booking_of_a_guest_who_is_here_moves_nobody(door):
    for booking, place in (("B1", "4"), ("B2", "9")):
        door.book(booking, phone="0151 23456789", place=place)
    seated = door.do(hostess.seat_booking, "B1")
    with pytest.raises(Conflict, match="another booking"):
        door.do(hostess.seat_booking, "B2")
    with database.reading() as session:
        assert session.get_one(Booking, (door.house.id, "B2")).state == "booked"
        assert session.get_one(Arrival, (door.house.id, seated.id)).place == "4"
