"""A PIN is four digits, so what guards it is the count of tries."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from argon2 import PasswordHasher
from sqlmodel import select

from tests.cast import PINS, make_app, make_till
from tests.tills import signed_in, till_browser
from walletpass import config, database, staff
from walletpass.api.auth import staff_cookie
from walletpass.database import now
from walletpass.errors import PinLocked, Refusal, WrongPin
from walletpass.staff import pins
from walletpass.staff.models import PinTries, StaffSession

RIGHT = PINS["Bruno"]


class CountingHasher:
    """Looks at PINs as the real one does, and remembers how often."""

    def __init__(self):
        self.looked = 0

    def verify(self, pin_hash, pin):
        self.looked += 1
        return PasswordHasher().verify(pin_hash, pin)


@pytest.fixture
def hasher(monkeypatch):
    made = CountingHasher()
    monkeypatch.setattr(pins, "hasher", made)
    return made


def at_once(count, work):
    """Run ``work(0)`` to ``work(count - 1)`` together, over a pool of connections that leaves the database some for others."""
    database.bind(config.current().database_url, pool_size=8)
    ready = Barrier(count)

    def one(number):
        ready.wait(30)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def try_pin(till, person, pin):
    """The name of what came of it."""
    try:
        staff.sign_in(till, person.id, pin)
    except Refusal as refusal:
        return type(refusal).__name__
    return "signed in"


def tries(house, till):
    with database.reading() as session:
        row = session.get(PinTries, ("luna", till.id, house.bruno.id))
        return row and row.count


def test_after_five_wrong_pins_the_right_one_is_refused_too(house, hasher):
    till, _ = make_till("luna")
    assert [try_pin(till, house.bruno, "0000") for _ in range(5)] == ["WrongPin"] * 5
    assert [try_pin(till, house.bruno, RIGHT) for _ in range(3)] == ["PinLocked"] * 3
    assert hasher.looked == 5


def test_four_wrong_pins_are_forgiven_by_the_right_one(house):
    till, _ = make_till("luna")
    for _ in range(3):
        assert [try_pin(till, house.bruno, "0000") for _ in range(4)] == ["WrongPin"] * 4
        assert try_pin(till, house.bruno, RIGHT) == "signed in"
        assert tries(house, till) is None


def test_a_hundred_tries_at_once_are_a_hundred(house, hasher):
    till, _ = make_till("luna")
    told = at_once(100, lambda number: try_pin(till, house.bruno, RIGHT if number == 99 else f"{number:04d}"))
    assert hasher.looked <= 5 + 5 * told.count("signed in")
    assert told.count("PinLocked") == 100 - hasher.looked
    if "signed in" not in told:
        assert tries(house, till) == 5
        assert try_pin(till, house.bruno, RIGHT) == "PinLocked"


def test_a_hundred_wrong_tries_at_once_are_looked_at_five_times(house, hasher):
    till, _ = make_till("luna")
    told = at_once(100, lambda number: try_pin(till, house.bruno, f"{number:04d}"))
    assert (told.count("WrongPin"), told.count("PinLocked")) == (5, 95)
    assert hasher.looked == 5


def test_tries_that_were_not_counted_first_would_all_be_looked_at(luna, hasher, monkeypatch):
    """The control: with the count switched off, the test above sees the difference."""
    till, _ = make_till("luna")
    monkeypatch.setattr(pins, "_count", lambda *_: None)
    told = at_once(20, lambda number: try_pin(till, luna.bruno, f"{number:04d}"))
    assert told == ["WrongPin"] * 20
    assert hasher.looked == 20


def test_the_lock_ends_after_half_an_hour(house):
    till, _ = make_till("luna")
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(5):
            try_pin(till, house.bruno, "0000")
        with pytest.raises(PinLocked) as refused:
            staff.sign_in(till, house.bruno.id, RIGHT)
        assert refused.value.details["until"] == (now() + timedelta(minutes=30)).isoformat()
        clock.shift(timedelta(minutes=29, seconds=59))
        assert try_pin(till, house.bruno, RIGHT) == "PinLocked"
        clock.shift(timedelta(seconds=1))
        # The count begins anew: one wrong try does not lock again.
        assert [try_pin(till, house.bruno, pin) for pin in ("0000", RIGHT)] == ["WrongPin", "signed in"]


def test_a_lock_is_not_made_longer_by_trying(house):
    till, _ = make_till("luna")
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(5):
            try_pin(till, house.bruno, "0000")
        for _ in range(3):
            clock.shift(timedelta(minutes=10))
            last = try_pin(till, house.bruno, RIGHT)
        assert last == "signed in"


def test_a_manager_unlocks(app, luna):
    till, _ = make_till("luna")
    for _ in range(5):
        try_pin(till, luna.bruno, "0000")
    manager = signed_in(app, luna, "Clara")
    assert "Unlock Bruno" in manager.get("/t/luna/manage").text
    answer = manager.post("/t/luna/manage", data={"action": "unlock", "staff_id": luna.bruno.id})
    assert "Bruno may try again." in answer.text
    assert "Unlock Bruno" not in answer.text
    assert try_pin(till, luna.bruno, RIGHT) == "signed in"


def test_a_lock_on_one_till_does_not_lock_another_till_or_person(house):
    (bar, _), (counter, _) = make_till("luna"), make_till("luna")
    for _ in range(6):
        try_pin(bar, house.bruno, "0000")
    assert try_pin(bar, house.clara, PINS["Clara"]) == "signed in"
    assert try_pin(counter, house.bruno, RIGHT) == "signed in"
    assert try_pin(bar, house.bruno, RIGHT) == "PinLocked"
    with database.reading() as session:
        assert staff.locked(session, "luna", bar.id) == {house.bruno.id}
        assert staff.locked(session, "luna", counter.id) == set()
        assert staff.locked(session, "luna") == {house.bruno.id}
        assert staff.locked(session, "sova") == set()


def test_a_browser_that_is_no_till_can_lock_nobody(app, luna):
    stranger = app.test_client()
    for _ in range(10):
        answer = stranger.post("/t/luna/sign-in", data={"staff_id": luna.bruno.id, "pin": "0000"})
        assert (answer.status_code, answer.location) == (303, "/t/luna")
    with database.reading() as session:
        assert session.exec(select(PinTries)).all() == []


def test_the_screen_says_what_is_wrong_and_then_that_it_is_locked(app, luna):
    browser, _ = till_browser(app)
    statuses = []
    for number in range(7):
        # A changing address of the client makes no difference: the count is the till's.
        answer = browser.post(
            "/t/luna/sign-in", data={"staff_id": luna.bruno.id, "pin": "0000"}, headers={"X-Forwarded-For": f"192.0.2.{number}"}
        )
        statuses.append(answer.status_code)
    assert statuses == [401] * 5 + [429] * 2
    assert "ask a manager to unlock you" in answer.text
    assert "Locked: ask a manager" in browser.get("/t/luna/sign-in").text
    assert browser.post("/t/luna/sign-in", data={"staff_id": luna.bruno.id, "pin": RIGHT}).status_code == 429


def test_a_person_who_is_none_gets_the_same_answer(house):
    browser, _ = till_browser(make_app())
    for staff_id in ("", "nobody", "\x00", "x" * 5000, "' OR 1=1 --"):
        for pin in (RIGHT, "", "\x00", "9" * 5000):
            answer = browser.post("/t/luna/sign-in", data={"staff_id": staff_id, "pin": pin})
            # PostgreSQL takes no zero byte.
            assert answer.status_code == 401 or (answer.status_code == 422 and staff_id == "\x00")
            assert browser.get_cookie(staff_cookie("luna")) is None


def test_a_wrong_pin_leaves_no_session(house):
    till, _ = make_till("luna")
    with pytest.raises(WrongPin):
        staff.sign_in(till, house.bruno.id, RIGHT + "0")
    with database.reading() as session:
        assert session.exec(select(StaffSession)).all() == []
