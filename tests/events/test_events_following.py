"""Whoever waits for the next event is woken: at once, or soon after another process wrote it."""

import threading
import time

from sqlalchemy import update

from tests.cast import open_house
from tests.plans import listening
from walletpass import database, events
from walletpass.events import EventCount, Following, Kind, following

LATEST = 2.0


def tell(house):
    with database.transaction() as session:
        events.happened(session, house.id, Kind.POINTS_ADJUSTED)


def newest(house):
    with database.reading() as session:
        return events.last(session, house.id)


def later(work, *args):
    timer = threading.Timer(0.05, work, args)
    timer.start()
    return timer


def test_a_commit_of_this_process_wakes_whoever_waits(house):
    known = newest(house)
    with following.listening(house.id):
        timer, began = later(tell, house), time.monotonic()
        assert following.wait(house.id, known, 10)
        assert time.monotonic() - began < LATEST
        timer.join()
        assert not following.wait(house.id, known + 1, 0)


def test_what_another_process_writes_is_seen_a_moment_later(house):
    known = newest(house)

    def elsewhere():
        """Nothing of this process hears of it."""
        with database.transaction() as session:
            session.execute(update(EventCount).values(value=known + 1))

    with following.listening(house.id):
        timer, began = later(elsewhere), time.monotonic()
        assert following.wait(house.id, known, 10)
        assert time.monotonic() - began < LATEST
        timer.join()


def test_the_events_of_another_restaurant_wake_nobody(house):
    sova, known = open_house("sova"), newest(house)
    with following.listening(house.id):
        timer = later(tell, sova)
        assert not following.wait(house.id, known, 0.5)
        timer.join()


def test_what_was_rolled_back_wakes_nobody(house):
    known = newest(house)
    with following.listening(house.id):
        try:
            with database.transaction() as session:
                events.happened(session, house.id, Kind.POINTS_ADJUSTED)
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        assert not following.wait(house.id, known, 0.4)


def test_one_thread_looks_for_all_and_none_when_nobody_listens(house):
    def threads():
        return [thread for thread in threading.enumerate() if thread.name == "events.following"]

    with following.listening(house.id), following.listening(house.id), following.listening("sova"):
        assert len(threads()) == 1
    assert threads() == []
    with listening() as said:
        assert not following.wait(house.id, 0, 0.4)
    assert said == []


def test_whoever_waits_is_let_go_when_the_process_stops(house):
    stops = threading.Event()
    ours = Following()
    ours.until(stops.is_set)
    with ours.listening(house.id):
        timer, began = later(stops.set), time.monotonic()
        assert not ours.wait(house.id, newest(house), 30)
        assert time.monotonic() - began < LATEST
        timer.join()
