"""What staff do and nobody writes down is counted for them, without a till that waits; on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.exc import OperationalError

from walletpass import database, staff
from walletpass.database import now
from walletpass.errors import Conflict
from walletpass.staff import Actor, tally


@pytest.fixture(autouse=True)
def _nothing_noticed():
    tally._marks.clear()
    yield
    tally._marks.clear()


def bruno(house):
    return Actor(house.id, "till", "cashier", "Bruno", house.bruno.id, "counter")


def told(house, since=timedelta(hours=-1), until=timedelta(hours=1)):
    with database.reading() as session:
        return staff.tallied(session, house.id, now() + since, now() + until)


def test_what_was_noticed_is_written_down_once_and_added_up(house):
    for _ in range(3):
        staff.noticed(bruno(house), staff.SCAN)
    staff.noticed(bruno(house), staff.SKIP)
    assert told(house) == {}
    assert staff.write_down() == 2
    assert staff.write_down() == 0
    staff.noticed(bruno(house), staff.SCAN)
    staff.write_down()
    assert told(house) == {house.bruno.id: {"scan": 4, "skip": 1}}


def test_it_belongs_to_its_quarter_of_an_hour(house):
    with time_machine.travel(now() - timedelta(days=2)):
        staff.noticed(bruno(house), staff.SCAN)
    staff.noticed(bruno(house), staff.SCAN)
    staff.write_down()
    assert told(house)[house.bruno.id]["scan"] == 1
    assert told(house, since=timedelta(days=-3))[house.bruno.id]["scan"] == 2


def test_what_belongs_to_a_deed_stands_or_falls_with_it(house):
    with database.transaction() as session:
        staff.count(session, bruno(house), staff.ENROLLED, 2)
    with pytest.raises(Conflict):
        enrol_and_break_off(house)
    assert told(house) == {house.bruno.id: {"enrolled": 2}}


def enrol_and_break_off(house):
    with database.transaction() as session:
        staff.count(session, bruno(house), staff.ENROLLED)
        raise Conflict("Not any more.")


def test_what_cannot_be_written_now_is_written_later(house, monkeypatch):
    staff.noticed(bruno(house), staff.SCAN)
    with monkeypatch.context() as broken:
        broken.setattr(tally, "_add", no_database)
        with pytest.raises(OperationalError):
            staff.write_down()
    staff.noticed(bruno(house), staff.SCAN)
    staff.write_down()
    assert told(house) == {house.bruno.id: {"scan": 2}}


def no_database(*_):
    raise OperationalError("INSERT", {}, Exception("the server closed the connection"))


def test_many_tills_and_two_servers_lose_no_count(house):
    writing = threading.Event()

    def write():
        while not writing.is_set():
            staff.write_down()

    with ThreadPoolExecutor(10) as pool:
        writers = [pool.submit(write) for _ in range(2)]
        list(pool.map(lambda _: [staff.noticed(bruno(house), staff.SCAN) for _ in range(100)], range(8)))
        writing.set()
        for one in writers:
            one.result(30)
    staff.write_down()
    assert told(house) == {house.bruno.id: {"scan": 800}}


def test_a_bookkeeper_writes_at_its_end(house):
    books = staff.Bookkeeper()
    books.start()
    staff.noticed(bruno(house), staff.SCAN)
    books.stop()
    assert told(house) == {house.bruno.id: {"scan": 1}}
