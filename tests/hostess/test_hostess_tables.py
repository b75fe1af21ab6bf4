"""Tables kept for those who did not book, and what is known before a guest sits down."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.checks.room import BEER, FISH, SOUP, Room
from tests.codes.phonebook import at_once
from tests.hostess.test_hostess_once import NoLock
from walletpass import cards, checks, database, hostess, programs
from walletpass.database import now
from walletpass.errors import Conflict, Malformed, NoTableKept, NotFound
from walletpass.hostess import tables

FRIDAY_8_PM = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)  # 20:00 in Berlin
WEEKEND = (4, 5)


def keep(door, weekdays=WEEKEND, begins=19 * 60, ends=25 * 60, count=2):
    with database.transaction() as session:
        return hostess.keep_tables(
            session, door.house.id, door.house.venue.id, weekdays=weekdays, begins=begins, ends=ends, tables=count
        )  # fmt: skip


def give(door, reason="An old friend of the house", **options):
    return door.do(hostess.give_table, door.house.venue.id, reason=reason, **options)


def left(door):
    return [peak.left for peak in door.board().peaks]


@pytest.fixture
def friday():
    with time_machine.travel(FRIDAY_8_PM, tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize(
    ("moment", "kept"),
    [
        ("2026-11-27T17:59", False), ("2026-11-27T18:00", True), ("2026-11-27T23:59", True), ("2026-11-27T22:30", True),
        ("2026-11-28T00:00", False), ("2026-11-28T18:30", True), ("2026-11-29T18:30", False), ("2026-11-26T19:00", False),
        ("2026-11-28T23:30", True),
    ],
)  # fmt: skip
def test_tables_are_kept_on_these_evenings_until_one_in_the_morning(door, moment, kept):
    """In UTC; Berlin is an hour ahead. What is after midnight belongs to the evening before."""
    keep(door)
    with time_machine.travel(datetime.fromisoformat(f"{moment}:00+00:00"), tick=False):
        assert bool(left(door)) is kept


def test_each_table_is_given_once_with_a_reason(door, friday):
    keep(door)
    assert left(door) == [2]
    first = give(door, party=4, place="3", by=hostess.By(door.house.bruno.id))
    assert (first.number, first.reason, str(first.day)) == (1, "An old friend of the house", "2026-11-27")
    assert (give(door).number, left(door)) == (2, [0])
    with pytest.raises(NoTableKept):
        give(door)
    friday.shift(timedelta(days=1))
    assert left(door) == [2], "the next evening has its own"
    with database.reading() as session:
        told = hostess.given(session, door.house.id, first.day, first.day + timedelta(days=1))
        assert [(one.number, one.by) for one in told] == [(1, door.house.bruno.id), (2, "")]


def test_where_none_is_kept_none_is_given(door, friday):
    with pytest.raises(NoTableKept):
        give(door)
    kept = keep(door)
    with database.transaction() as session:
        hostess.release_tables(session, door.house.id, kept.id)
    with pytest.raises(NoTableKept):
        give(door)
    with database.transaction() as session, pytest.raises(NotFound):
        hostess.release_tables(session, "sova", kept.id)


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"reason": " x "}, {"party": 0}], ids=str)
def test_a_table_is_given_for_a_reason_and_for_somebody(door, friday, wrong):
    keep(door)
    with pytest.raises(Malformed):
        give(door, **wrong)
    assert left(door) == [2]


@pytest.mark.parametrize(
    "wrong", [{"weekdays": ()}, {"weekdays": (7,)}, {"begins": 1500, "ends": 1400}, {"ends": 1741}, {"count": 0}, {"count": 101}], ids=str
)
def test_what_cannot_be_kept_is_refused(door, wrong):
    with pytest.raises(Malformed):
        keep(door, **wrong)


def tried(door):
    try:
        return give(door).number
    except NoTableKept:
        return "none left"


def test_twenty_who_give_at_once_give_what_there_is(door):
    with time_machine.travel(FRIDAY_8_PM, tick=True):
        keep(door, weekdays=range(7), begins=0, ends=29 * 60, count=3)
        assert Counter(at_once(20, lambda number: tried(door))) == {1: 1, 2: 1, 3: 1, "none left": 17}


def test_givers_who_did_not_lock_would_give_one_table_twice(door, monkeypatch):
    """The control: two who counted before either wrote mean the same table; the key of the row is what sees it."""
    keep(door, weekdays=range(7), begins=0, ends=29 * 60)
    together, given = threading.Barrier(2, timeout=20), tables._given

    def count_together(*args):
        found = given(*args)
        together.wait()
        return found

    monkeypatch.setattr(tables, "_lock", lambda session, program_id, kept_id: session.get(hostess.KeptTable, (program_id, kept_id)))
    monkeypatch.setattr(tables, "_given", count_together)
    monkeypatch.setattr(database, "_write_lock", NoLock())
    monkeypatch.setattr(database, "BEGIN", "SELECT 'no transaction'")

    def seen(number):
        try:
            return give(door).number
        except Conflict:
            return "seen"

    assert Counter(at_once(2, seen)) == {1: 1, "seen": 1}


def test_what_a_guest_likes_hangs_on_the_booking_before_they_come(door):
    room = Room(door.house)
    room.dine("A1", SOUP, FISH, BEER, at=now() - timedelta(days=40))
    room.dine("A2", FISH, SOUP, at=now() - timedelta(days=9))
    room.refund("A2", 1)
    with database.transaction() as session:
        checks.set_available(session, door.house.id, "soup", False)
    booking = door.book(phone="0151 23456789")
    with database.reading() as session:
        program = programs.get(session, door.house.id)
        view = hostess.table_view(session, program, door.house.venue.id, cards.get(session, program.id, booking.card_id))
    assert view.person.guest.name == "Ana"
    assert (view.favourites.dishes, view.favourites.drinks) == (("Trout",), ("Beer",)), "what is sold out is not offered"
    assert [(dish.name, dish.available) for dish in view.last] == [("Trout", True), ("Borscht", False)]
    assert view.sent_back == ["Trout"]


def test_of_a_guest_who_was_never_here_nothing_is_known(door):
    with database.reading() as session:
        view = hostess.table_view(session, programs.get(session, door.house.id), door.house.venue.id, door.house.ana)
    assert (view.favourites.dishes, view.last, view.sent_back, view.average) == ((), [], [], None)
