"""What is old is forgotten by itself."""

from datetime import timedelta

import time_machine
from sqlmodel import select

from walletpass import database, hostess
from walletpass.database import now
from walletpass.hostess import Ageing, Booking, IncomingCall, Sender, Signal, forgetting

DAY = timedelta(days=1)


def rows(kind):
    with database.reading() as session:
        return session.exec(select(kind)).all()


def age(days):
    with time_machine.travel(now() + days * DAY, tick=False):
        Ageing().round()


def test_a_booking_loses_its_names_after_ninety_days_and_what_happened_stays(door):
    door.book(name="Iryna", phone="0151 23456789", email="iryna@example.com", notes="a pram", party=3)
    age(89)
    assert rows(Booking)[0].name == "Iryna"
    age(91)
    [booking] = rows(Booking)
    assert (booking.name, booking.phone, booking.email, booking.notes, booking.guest_id, booking.card_id) == ("",) * 6
    assert (booking.party, booking.state) == (3, "missed")
    assert booking.forgotten_at is not None


def test_the_number_of_somebody_we_do_not_know_is_gone_the_next_evening(door):
    for phone in ("0151 23456789", "0151 99999999"):
        door.do(hostess.call, door.house.venue.id, phone, sender=Sender("pbx"))
    age(1.1)
    assert [call.phone for call in rows(IncomingCall)] == ["+4915123456789"]
    age(91)
    assert rows(IncomingCall) == []


def test_the_names_that_senders_gave_their_signals_are_kept_for_a_month(door):
    door.arrive(signal="s1")
    age(29)
    assert len(rows(Signal)) == 1
    age(31)
    assert rows(Signal) == []


def test_the_rounds_do_it_all_in_pieces(door, monkeypatch):
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    for number in range(7):
        door.book(f"b{number}", name="Iryna")
    age(91)
    assert {(booking.name, booking.state) for booking in rows(Booking)} == {("", "missed")}
