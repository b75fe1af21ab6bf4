"""A hundred at once: guesses, right codes, and requests for codes."""

import threading
from types import SimpleNamespace

from sqlmodel import select

from tests.codes.phonebook import PHONE, another, at_once, check, newest_code, reachable, send, sent
from walletpass import database
from walletpass.codes import Code, CodesOfDay, checking, sending


def looked_at(monkeypatch):
    """The codes that were looked at."""
    seen = []
    monkeypatch.setattr(checking, "fits", lambda kept, *parts: seen.append(parts) or fits(kept, *parts))
    return seen


fits = checking.fits


def test_a_hundred_guesses_at_once_are_looked_at_three_times(house, monkeypatch):
    send(house.program)
    wrong = another(newest_code())
    seen = looked_at(monkeypatch)
    assert at_once(100, lambda number: check(house.program, wrong)) == [False] * 100
    assert len(seen) == 3
    assert not check(house.program, newest_code())


def test_the_right_code_a_hundred_times_at_once_opens_once(house):
    send(house.program)
    code = newest_code()
    assert at_once(100, lambda number: check(house.program, code)).count(True) == 1


class Unlocked:
    def acquire(self, timeout):
        return True

    def release(self):
        pass


def test_guesses_that_were_counted_later_would_all_be_looked_at(house, monkeypatch):
    """The control: with a count that is read first and written later, without a lock, the first test sees the difference."""
    send(house.program)
    wrong = another(newest_code())
    together = threading.Barrier(8, timeout=20)

    def read_first(session, *key):
        row = session.get(Code, key)
        if row.tries >= sending.TRIES:
            return None
        together.wait()
        return SimpleNamespace(digest=row.digest, recipient=row.recipient)

    monkeypatch.setattr(checking, "_count", read_first)
    monkeypatch.setattr(database, "_write_lock", Unlocked())
    monkeypatch.setattr(database, "BEGIN", "BEGIN")
    seen = looked_at(monkeypatch)
    assert at_once(8, lambda number: check(house.program, wrong)) == [False] * 8
    assert len(seen) == 8


def test_a_hundred_requests_at_once_for_one_number_send_three_codes(house):
    told = at_once(100, lambda number: sent(house.program, subject=f"card-{number}"))
    assert told.count("sent") == 3
    assert {int(after) for after in told if after != "sent"} <= set(range(590, 601))


def test_a_hundred_requests_at_once_for_one_card_send_one_code(house):
    told = at_once(100, lambda number: sent(house.program))
    assert told.count("sent") == 1


def test_a_hundred_numbers_at_once_send_what_the_day_allows(house):
    with reachable(codes_per_day=20):
        told = at_once(100, lambda number: sent(house.program, to=f"+49151000{number:05d}", subject=f"card-{number}"))
    assert told.count("sent") == 20
    with database.reading() as session:
        [day] = session.exec(select(CodesOfDay)).all()
    assert day.count == 20


def test_requests_that_were_not_counted_under_a_lock_would_send_too_many(house, monkeypatch):
    """The control: with the allowance switched off, a number gets as many codes as are asked for."""
    monkeypatch.setattr(sending, "_allow", lambda *_: None)
    told = at_once(20, lambda number: sent(house.program, subject=f"card-{number}", to=PHONE))
    assert told.count("sent") == 20
