"""Bookings, and the telephone: whose they are, and what comes on the board."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from tests.cast import issue_card, open_house
from tests.codes.phonebook import at_once
from walletpass import database, guests, hostess, programs
from walletpass.database import now
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.hostess import Booking, IncomingCall, Sender, Wish

HOUR = timedelta(hours=1)


def expected(door):
    return [(one.booking.id, one.person.guest.name if one.person else None) for one in door.board().expected]


def change(door, booking="B1", **said):
    return door.do(hostess.change_booking, booking, Wish(**said))


def cancel(door, booking="B1"):
    with database.transaction() as session:
        return hostess.cancel_booking(session, door.house.id, booking)


def ring(door, phone="0151 23456789", signal="", **options):
    return door.do(hostess.call, door.house.venue.id, phone, sender=Sender("pbx", signal), **options)


def calls(door):
    return [(one.call.phone, one.person.guest.name if one.person else None) for one in door.board().calls]


@pytest.mark.parametrize("phone", ["+49 151 23456789", "0151/23456789", "0049151 23456789"])
def test_a_booking_is_its_guest_s_however_the_number_was_typed(door, phone):
    assert door.book(phone=phone).card_id == door.house.ana.id
    assert expected(door) == [("B1", "Ana")]


def test_without_a_number_the_address_says_whose_it_is(door):
    with database.transaction() as session:
        guest = guests.get(session, door.house.id, door.house.ana.guest_id)
        guests.profile(session, door.house.program, guest, email="ana@example.com")
    door.book("B1", email="ANA@example.com", phone="0151 00000000")
    door.book("B2", email="nobody@example.com")
    assert expected(door) == [("B1", "Ana"), ("B2", None)]


def test_of_several_on_one_number_it_is_the_one_who_proved_it(door):
    with database.transaction() as session:
        bea = issue_card(session, door.house.program, "Bea")
        guests.verify(session, guests.get(session, door.house.id, bea.guest_id))
    assert door.book(phone="0151 23456789").card_id == bea.id


@pytest.mark.parametrize("said", [{"phone": "110"}, {"phone": "anonymous"}, {"email": "not an address"}])
def test_what_cannot_be_read_is_left_out_and_the_table_is_booked(door, said):
    booking = door.book(name="Iryna", **said)
    assert (booking.name, booking.phone, booking.email) == ("Iryna", "", "")


@pytest.mark.parametrize(("party", "days"), [(0, 0), (501, 0), (2, -2), (2, 800)])
def test_a_booking_that_cannot_be_is_refused(door, party, days):
    with pytest.raises(Malformed):
        door.book(party=party, at=now() + timedelta(days=days))
    assert expected(door) == []


def test_the_same_booking_again_is_the_same_and_another_under_its_name_is_none(door):
    at = now() + HOUR
    first = door.book(at=at, party=3, phone="0151 23456789")
    assert door.book(at=at, party=3, phone="+49 151 23456789").made_at == first.made_at
    with pytest.raises(Conflict):
        door.book(at=at, party=4, phone="0151 23456789")
    with database.reading() as session:
        assert session.get_one(Booking, (door.house.id, "B1")).party == 3


@pytest.mark.parametrize("how", ["cancelled", "missed", "arrived", "seated"])
def test_a_booking_that_is_over_is_not_made_anew_under_its_old_name(door, how):
    at = now() + HOUR
    said = {"at": at, "party": 3, "name": "Iryna", "notes": "A pram"}
    door.book(**said)
    if how == "cancelled":
        cancel(door)
    elif how == "missed":
        with time_machine.travel(at + 4 * HOUR), database.transaction() as session:
            hostess.age(session, door.house.id)
    else:
        arrival = door.tap(door.book(**said)).arrival
        if how == "seated":
            door.seat(arrival)
    assert door.book(**said).standing == how, "the same again is the same answer"
    for other in ({"party": 4}, {"at": at + HOUR}, {"notes": None}, {"name": None}):
        with pytest.raises(Conflict) as refused:
            door.book(**{**said, **other})
        assert (refused.value.details["state"], "id of its own" in str(refused.value)) == (how, True)


def test_the_same_booking_fifty_times_at_once_is_one(door):
    at = now() + HOUR
    at_once(50, lambda number: door.book(at=at))
    with database.reading() as session:
        assert len(session.exec(select(Booking)).all()) == 1


def test_a_booking_that_changes_hands_is_the_other_guest_s(door):
    door.book(phone="0151 99999999")
    assert change(door, phone="0151 23456789").card_id == door.house.ana.id
    assert (change(door, party=6).party, change(door, notes="a high chair").phone) == (6, "+4915123456789")
    with pytest.raises(NotFound):
        change(door, "B9", party=1)


def test_who_cancels_is_not_expected_and_cannot_change_it_back(door):
    door.book()
    first = cancel(door)
    assert cancel(door).changed_at == first.changed_at
    assert expected(door) == []
    with pytest.raises(Conflict):
        change(door, party=3)


def test_nothing_of_a_booking_changes_once_they_are_here(door):
    door.book(phone="0151 23456789")
    door.arrive()
    for deed in (cancel, lambda door: change(door, party=3)):
        with pytest.raises(Conflict):
            deed(door)


def test_the_board_holds_this_evening(door):
    for name, hours in (("past", -3.1), ("late", -2.9), ("soon", 1), ("tonight", 15), ("tomorrow", 17)):
        door.book(name, at=now() + hours * HOUR)
    assert [name for name, _ in expected(door)] == ["late", "soon", "tonight"]


def test_a_day_of_bookings_goes_from_morning_to_morning_whatever_became_of_them(door):
    program = door.house.program
    tomorrow = programs.day_of(program) + timedelta(days=1)
    begins = programs.day_begins(program, tomorrow)
    for name, hours in (("before", -0.1), ("late", 23.9), ("lunch", 8), ("off", 14), ("after", 24)):
        door.book(name, at=begins + hours * HOUR, name=name, phone="0151 23456789" if name == "lunch" else "")
    cancel(door, "off")
    with time_machine.travel(begins + 8 * HOUR):
        door.arrive()
        with database.reading() as session:
            found = hostess.bookings(session, program, door.house.venue.id, tomorrow)
            assert hostess.bookings(session, program, "elsewhere", tomorrow) == []
    assert [(one.booking.id, one.booking.standing, one.person.guest.name if one.person else None) for one in found] == [
        ("lunch", "arrived", "Ana"), ("off", "cancelled", None), ("late", "booked", None),
    ]  # fmt: skip


def test_nobody_came(door):
    door.book(at=now() - HOUR)
    with time_machine.travel(now() + 4 * HOUR), database.transaction() as session:
        assert hostess.age(session, door.house.id) == 1
        assert hostess.age(session, door.house.id) == 0
        assert session.get_one(Booking, (door.house.id, "B1")).state == "missed"


def test_a_booking_of_another_restaurant_is_unknown(door):
    door.book()
    sova = open_house("sova")
    for verb in (
        lambda session: hostess.change_booking(session, sova.program, "B1", Wish(party=1)),
        lambda session: hostess.cancel_booking(session, "sova", "B1"),
        lambda session: hostess.seat_booking(session, sova.program, "B1"),
        lambda session: hostess.get_booking(session, "sova", "B1"),
    ):
        with database.transaction() as session, pytest.raises(NotFound):
            verb(session)


def test_the_next_booking_need_not_be_typed_again(door):
    with database.reading() as session:
        fresh = hostess.usual(session, door.house.ana)
    assert (fresh.name, fresh.phone, fresh.party, fresh.notes) == ("Ana", "+4915123456789", 2, "")
    door.book("old", at=now() + HOUR, phone="0151 23456789", party=4, notes="by the window")
    door.book("off", at=now() + 2 * HOUR, phone="0151 23456789", party=9)
    cancel(door, "off")
    with database.reading() as session:
        usual = hostess.usual(session, door.house.ana)
    assert (usual.party, usual.notes) == (4, "by the window")


def test_a_ringing_phone_shows_whose_it_is_until_somebody_takes_it(door):
    ring(door)
    ring(door, "0151 99999999")
    assert calls(door) == [("+4915199999999", None), ("+4915123456789", "Ana")]
    for one in door.board().calls:
        with database.transaction() as session:
            first = hostess.answer_call(session, door.house.id, one.call.id, hostess.By(door.house.bruno.id))
            assert hostess.answer_call(session, door.house.id, one.call.id).answered_at == first.answered_at
    assert calls(door) == []


def booked_by(door):
    return {one.call.phone[-3:]: (one.expected.booking.id, one.expected.person is not None) for one in door.board().calls if one.expected}


def test_who_calls_and_has_booked_is_known_by_the_booking(door):
    with database.transaction() as session:
        guests.profile(session, door.house.program, guests.get(session, door.house.id, door.house.ana.guest_id), email="ana@example.com")
    ring(door)
    ring(door, "0151 99999999")
    assert booked_by(door) == {}
    door.book("later", at=now() + 50 * HOUR, phone="0151 99999999", name="Olha")
    door.book("next", at=now() + 26 * HOUR, phone="0151 99999999", name="Olha")
    door.book("other", at=now() + HOUR, phone="0151 88888888")
    door.book("mail", at=now() + 2 * HOUR, phone="0151 77777777", email="ana@example.com")
    assert booked_by(door) == {"999": ("next", False), "789": ("mail", True)}
    cancel(door, "next")
    door.arrive()
    assert booked_by(door) == {"999": ("later", False)}, "who is here has no booking left to change"
    with database.transaction() as session:
        elsewhere = programs.add_venue(session, programs.get(session, door.house.id), "Luna am See").id
        hostess.book(session, door.house.program, elsewhere, "see", Wish(at=now() + HOUR, party=2, phone="0151 99999999"))
    assert booked_by(door) == {"999": ("later", False)}, "and another house's is none of this one's"


def test_a_booking_that_nobody_came_to_is_not_said_of_a_caller(door):
    door.book("past", at=now() - 3.1 * HOUR, phone="0151 99999999")
    door.book("late", at=now() - 2.9 * HOUR, phone="0151 99999999")
    ring(door, "0151 99999999")
    assert booked_by(door) == {"999": ("late", False)}


def test_a_call_that_nobody_took_leaves_the_board_by_itself(door):
    ring(door)
    with time_machine.travel(now() + timedelta(minutes=5, seconds=1)):
        assert calls(door) == []
        ring(door)
        assert len(calls(door)) == 1, "and may come again"


def test_a_telephone_that_rings_fifty_times_at_once_is_one_call(door):
    found = at_once(50, lambda number: ring(door, signal="c1" if number % 2 else ""))
    assert len({call.id for call in found}) == 1
    assert len(calls(door)) == 1


def test_a_number_that_is_none_is_no_call(door):
    with pytest.raises(Malformed):
        ring(door, "anonymous")
    with database.reading() as session:
        assert session.exec(select(IncomingCall)).all() == []
