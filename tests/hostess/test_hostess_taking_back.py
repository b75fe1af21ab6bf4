"""A wrong tap is taken back, as long as that is no lie."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from tests.cast import open_house
from tests.codes.phonebook import at_once
from walletpass import checks, database, events, hostess
from walletpass.database import now
from walletpass.errors import Conflict, NotFound, NotTakenBack
from walletpass.events import Kind
from walletpass.hostess import Arrival, Booking
from walletpass.hostess.moments import TAKES_BACK, VISIT

MINUTE = timedelta(minutes=1)
VERBS = (hostess.not_here, hostess.not_seated, hostess.not_gone)


@pytest.fixture
def clock():
    with time_machine.travel(now(), tick=False) as traveller:
        yield traveller


def told(door):
    with database.reading() as session:
        page = events.after(session, door.house.id, 0, 500, [kind for kind in Kind if kind.startswith("guest.")])
        return [(event.kind, event.data.get("booking")) for event in page.events]


def booking(door, name="B1"):
    with database.reading() as session:
        return session.get_one(Booking, (door.house.id, name))


def refused(door, verb, arrival, why, *args):
    with pytest.raises(NotTakenBack) as error:
        door.take_back(verb, arrival, *args)
    assert error.value.details == {"why": why}


def test_who_is_not_here_after_all_is_expected_again_and_may_come(door, clock):
    tapped = door.tap(door.book(name="Iryna", place="4"))
    clock.shift(MINUTE)
    for _ in range(2):
        door.take_back(hostess.not_here, tapped.arrival)
    board = door.board()
    assert ([one.booking.id for one in board.expected], board.door) == (["B1"], [])
    with database.reading() as session:
        assert session.exec(select(Arrival)).all() == []
    again = door.tap(booking(door))
    assert (again.new, again.arrival.place) == (True, "4")
    assert told(door) == [("guest.arrived", "B1"), ("guest.not_here", "B1"), ("guest.arrived", "B1")]


def test_a_booking_that_was_put_back_can_be_changed_and_cancelled(door):
    door.take_back(hostess.not_here, door.tap(door.book(name="Iryna")).arrival)
    with database.transaction() as session:
        assert hostess.cancel_booking(session, door.house.id, "B1").state == "cancelled"


def test_a_guest_whom_the_hostess_took_for_another_is_not_here_and_a_reader_sees_them_come_later(door, clock):
    arrival = door.arrive(via="hostess").arrival
    door.take_back(hostess.not_here, arrival)
    clock.shift(MINUTE)
    later = door.arrive(via="wifi")
    assert later.new
    assert later.arrival.id != arrival.id


@pytest.mark.parametrize("order", ["reader first", "hostess first"])
def test_what_a_reader_saw_is_not_taken_back(door, order):
    kept = door.book(phone="0151 23456789")
    if order == "reader first":
        arrival = door.arrive(via="nfc").arrival
        assert not door.tap(kept).new
    else:
        arrival = door.tap(kept).arrival
        door.arrive(via="nfc")
    refused(door, hostess.not_here, arrival, "seen")
    assert booking(door).arrival_id == arrival.id
    door.gone(arrival)


def test_two_hostesses_who_tap_the_same_do_not_stand_in_each_other_s_way(door):
    kept = door.book(name="Iryna")
    tapped = door.tap(kept).arrival
    del door.till
    assert not door.tap(kept).new
    door.take_back(hostess.not_here, tapped)
    assert booking(door).arrival_id == ""


def test_who_was_seated_too_soon_stands_at_the_door_as_before(door, clock):
    arrival = door.tap(door.book(name="Iryna", place="4")).arrival
    door.seat(arrival, "9", "Bruno")
    refused(door, hostess.not_here, arrival, "seated")
    assert booking(door).state == "seated"
    clock.shift(MINUTE)
    for _ in range(2):
        back = door.take_back(hostess.not_seated, arrival, " 9 ")
    assert (back.seated_at, back.place, back.waiter) == (None, "4", "")
    assert (booking(door).state, booking(door).arrival_id) == ("booked", arrival.id)
    assert [one.arrival.id for one in door.board().door] == [arrival.id]
    door.take_back(hostess.not_here, arrival)
    assert [kind for kind, _ in told(door)] == ["guest.arrived", "guest.seated", "guest.not_seated", "guest.not_here"]


def test_who_sits_at_another_table_by_now_stays_there(door):
    arrival = door.arrive().arrival
    door.seat(arrival, "9")
    door.seat(arrival, "12")
    refused(door, hostess.not_seated, arrival, "moved", "9")
    assert door.here().arrival.place == "12"


@pytest.mark.parametrize("whose", ["their own", "the table's"])
def test_who_has_paid_did_sit(door, clock, whose):
    arrival = door.arrive().arrival
    door.seat(arrival, "Bar 2")
    clock.shift(MINUTE)
    with database.transaction() as session:
        program = door.house.program
        if whose == "their own":
            checks.record(session, door.house.ana, "V1", 5_000, door.house.venue.id, now())
        else:
            session.add(
                checks.Check(
                    program_id=program.id, id="V1", venue_id=door.house.venue.id, place="BAR2", state="closed", amount=5_000,
                    opened_at=now(), closed_at=now(),
                )
            )  # fmt: skip
    refused(door, hostess.not_seated, arrival, "paid")


def test_the_check_of_those_who_sat_there_before_is_not_theirs(door, clock):
    opened = now()
    clock.shift(MINUTE)
    arrival = door.arrive().arrival
    door.seat(arrival, "9")
    clock.shift(MINUTE)
    with database.transaction() as session:
        before = {"program_id": door.house.id, "venue_id": door.house.venue.id, "place": "9", "state": "closed", "amount": 5_000}
        session.add(checks.Check(id="V1", opened_at=opened, closed_at=now(), **before))
        session.add(checks.Check(id="V2", opened_at=now(), closed_at=now(), card_id="another", **before))
    assert door.take_back(hostess.not_seated, arrival).seated_at is None


def test_who_has_not_gone_is_where_they_were(door, clock):
    arrival = door.arrive().arrival
    door.seat(arrival, "9", "Bruno")
    door.gone(arrival)
    clock.shift(MINUTE)
    refused(door, hostess.not_seated, arrival, "gone")
    for _ in range(2):
        door.take_back(hostess.not_gone, arrival)
    [one] = door.board().inside
    assert (one.arrival.id, one.arrival.place, one.arrival.waiter) == (arrival.id, "9", "Bruno")
    assert not door.arrive(via="nfc").new
    assert [kind for kind, _ in told(door)] == ["guest.arrived", "guest.seated", "guest.gone", "guest.not_gone"]


def test_who_has_come_again_meanwhile_did_go(door, clock):
    arrival = door.arrive().arrival
    door.gone(arrival)
    clock.shift(MINUTE)
    again = door.arrive().arrival
    refused(door, hostess.not_gone, arrival, "again")
    door.gone(again)
    refused(door, hostess.not_gone, arrival, "again")
    door.take_back(hostess.not_gone, again)


def test_a_visit_that_ended_by_itself_is_over(door, clock):
    arrival = door.arrive().arrival
    clock.shift(VISIT - MINUTE)
    door.gone(arrival)
    clock.shift(MINUTE)
    refused(door, hostess.not_gone, arrival, "late")


def test_a_quarter_of_an_hour_later_nothing_is_taken_back(door, clock):
    here = door.tap(door.book("B1", name="Iryna")).arrival
    sat, left = (door.tap(door.book(name, name="Iryna")).arrival for name in ("B2", "B3"))
    door.seat(sat)
    door.gone(left)
    clock.shift(TAKES_BACK)
    for verb, arrival in zip(VERBS, (here, sat, left), strict=True):
        refused(door, verb, arrival, "late")
    assert len(door.board().door) == len(door.board().inside) == 1


def test_an_arrival_of_another_restaurant_is_not_taken_back(door):
    sova = open_house("sova")
    arrival = door.arrive(via="hostess").arrival
    for verb in VERBS:
        for house, name in ((sova.id, arrival.id), (door.house.id, "0" * 26)):
            with database.transaction() as session, pytest.raises(NotFound):
                verb(session, house, name)


def test_fifty_hostesses_who_take_back_at_once_do_it_once(door):
    arrival = door.tap(door.book(name="Iryna")).arrival
    at_once(50, lambda number: door.take_back(hostess.not_here, arrival))
    assert [kind for kind, _ in told(door)] == ["guest.arrived", "guest.not_here"]


def test_of_a_reader_and_a_hostess_at_one_moment_neither_is_lost(door):
    for _ in range(8):
        arrival = door.arrive(via="hostess").arrival

        def either(number, arrival=arrival):
            try:
                return door.arrive(via="nfc") if number else door.take_back(hostess.not_here, arrival)
            except Conflict:
                return None

        at_once(2, either)
        assert len(door.board().door) == 1, "the reader saw them, before or after"
        door.gone(door.here().arrival)
