"""Two attendants at one moment: one wins, the other is told, and no coat is lost; and with the locks off the race is seen."""

import threading
from collections import Counter as Count
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select
from structlog.testing import capture_logs

from tests.api.racing import NoLock
from tests.coatcheck.counter import NADIA, Counter
from walletpass import coatcheck, database
from walletpass.coatcheck import CoatItem, Hand, Hook, hooks, shifts, steps
from walletpass.errors import WalletpassError

CODES = ("4821", "5827", "6194", "7316", "8253", "9164", "3718", "4159")


@pytest.fixture
def counter(house):
    return Counter(house, hooks=1)


def at_once(*deeds):
    """Each in a thread, let go at one moment: what came of it, or the error."""
    start = threading.Barrier(len(deeds))

    def run(deed):
        start.wait(30)
        try:
            return database.retrying(deed)
        except (WalletpassError, SQLAlchemyError) as error:
            return error

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def kinds(answers):
    return Count(type(answer).__name__ for answer in answers if isinstance(answer, Exception))


@contextmanager
def unlocked(monkeypatch, module, name):
    """No transaction on SQLite and no row locks on PostgreSQL; two rivals who have just looked go on together."""
    meeting, look = threading.Barrier(2), getattr(module, name)

    def together(*args, **options):
        found = look(*args, **options)
        meeting.wait(30)
        return found

    def refresh(session, row, *args, **options):
        return plain(session, row, *args, **{key: value for key, value in options.items() if key != "with_for_update"})

    plain = Session.refresh
    with monkeypatch.context() as patch, capture_logs():
        patch.setattr(Session, "refresh", refresh)
        patch.setattr(database, "BEGIN", "SELECT 'no transaction'")
        patch.setattr(database, "_write_lock", NoLock())
        patch.setattr(module, name, together)
        yield


def test_of_many_attendants_on_the_last_hook_one_hangs_a_coat(counter):
    answers = at_once(*(lambda code=code: counter.check_in("A1", code=code) for code in CODES))
    assert (kinds(answers), counter.taken()) == ({"HookTaken": len(CODES) - 1}, {"A1": 1})


def test_attendants_who_name_no_hook_never_get_the_same(house):
    counter = Counter(house, hooks=6)
    answers = at_once(*(lambda code=code: counter.check_in(code=code) for code in CODES))
    assert (kinds(answers), counter.taken()) == ({"NoHookFree": 2}, {f"A{number}": 1 for number in range(1, 7)})


def test_two_who_scan_one_guest_hang_two_coats_on_one_ticket(house):
    counter = Counter(house)
    answers = at_once(counter.check_in, counter.check_in, counter.check_in)
    assert (len(set(answers)), len(counter.items(answers[0])), counter.shown()) == (1, 3, "A1, A2, A3")


def test_of_many_who_give_one_coat_back_one_does(counter):
    ticket = counter.check_in()
    answers = at_once(*(lambda till=till: counter.hand_back(ticket, hand=Hand("nadia", till, "till")) for till in "abcdefgh"))
    assert kinds(answers) == {"AlreadyReturned": 7}
    assert ([step.became for step in counter.steps(ticket)], counter.taken()) == (["hung", "returned"], {})


def test_a_coat_that_is_kept_and_returned_at_once_has_one_history(counter):
    ticket = counter.check_in()
    answers = at_once(lambda: counter.hand_back(ticket), lambda: counter.keep(ticket))
    assert kinds(answers) in ({"AlreadyReturned": 1}, {})
    assert [step.became for step in counter.steps(ticket)] in (["hung", "returned"], ["hung", "kept", "returned"])
    assert counter.taken() == {}


def test_a_shift_that_two_close_is_closed_once(counter):
    counter.hand_back(counter.check_in())
    answers = at_once(*[lambda: counter.do(coatcheck.close_shift, counter.room, NADIA)] * 4)
    assert kinds(answers) == {"Conflict": 3}


def test_no_coat_comes_into_a_shift_that_is_being_closed(house):
    counter = Counter(house, hooks=3)
    for code in CODES[:4]:
        counter.hand_back(counter.check_in(code=code))
        answers = at_once(
            lambda: counter.do(coatcheck.close_shift, counter.room, NADIA), lambda code=code: counter.check_in("A1", code=code)
        )
        assert set(kinds(answers)) <= {"Unaccounted"}
        with database.reading() as session:
            found = session.exec(select(coatcheck.Shift).where(col(coatcheck.Shift.program_id) == house.id)).all()
            reports = [coatcheck.report(session, shift) for shift in sorted(found, key=lambda shift: shift.opened_at)]
        assert all(told["here"] == 0 for told in reports[:-1])
        assert reports[-1]["here"] == 1
        counter.hand_back(counter.look(code=code).tickets[0].ticket.id)


def test_moves_across_each_other_lose_nothing(house):
    counter = Counter(house, hooks=4)
    counter.check_in("A1", code="4821")
    counter.check_in("A2", code="5827")
    answers = at_once(lambda: counter.move(("A1", "A3")), lambda: counter.move(("A2", "A4")), lambda: counter.move(("A1", "A4")))
    assert None in answers
    assert set(kinds(answers)) <= {"Conflict", "HookTaken"}
    assert sum(counter.taken().values()) == 2


def test_two_who_call_at_once_are_not_both_the_last(house):
    counter = Counter(house, hooks=4)
    counter.rule(coat_queue=1)
    called = [counter.check_in(code=code) for code in CODES[:3]]
    answers = at_once(*(lambda ticket=ticket: counter.call(ticket) for ticket in called))
    assert kinds(answers) == {"QueueFull": 2}


def test_without_the_condition_two_coats_are_on_the_last_hook(counter, monkeypatch):
    """The control: two who have seen a free hook both take it, and the books say that one coat hangs there."""
    counter.do(coatcheck.open_shift, counter.room, NADIA)

    def take(session, program_id, hook_ids):
        for hook_id in hook_ids:
            hook = session.get_one(Hook, (program_id, hook_id))
            hook.taken += 1
            session.add(hook)
        session.flush()

    with unlocked(monkeypatch, coatcheck.rooms, "hook"):
        monkeypatch.setattr(hooks, "take", take)
        answers = at_once(*(lambda code=code: counter.check_in("A1", code=code) for code in CODES[:2]))
    assert kinds(answers) == {}
    with database.reading() as session:
        hanging = session.exec(select(CoatItem).where(col(CoatItem.program_id) == counter.house.id)).all()
    assert (len(hanging), counter.taken()) == (2, {"A1": 1})


def test_without_locks_and_conditions_a_coat_goes_home_twice(counter, monkeypatch):
    """The control: two who have looked before either has written both give it away."""
    ticket = counter.check_in()

    def step(session, item, became, hand, shift, **values):
        item.state = became
        for name, value in values.items():
            setattr(item, name, value)
        session.add(item)
        session.flush()

    with unlocked(monkeypatch, coatcheck.tickets, "items"):
        monkeypatch.setattr(steps, "step", step)
        monkeypatch.setattr(hooks, "let_go", lambda *args: None)
        answers = at_once(lambda: len(counter.hand_back(ticket)), lambda: len(counter.hand_back(ticket)))
    assert answers == [1, 1]


def test_behind_the_locks_the_count_of_steps_refuses_the_second(counter, monkeypatch):
    """With the locks off the conditional update is left, and holds."""
    ticket = counter.check_in()
    with unlocked(monkeypatch, coatcheck.tickets, "items"):
        answers = at_once(lambda: len(counter.hand_back(ticket)), lambda: len(counter.hand_back(ticket)))
    assert sum(answer == 1 for answer in answers) == 1, answers
    assert [step.became for step in counter.steps(ticket)] == ["hung", "returned"]


def test_without_the_lock_a_shift_is_closed_twice(counter, monkeypatch):
    counter.hand_back(counter.check_in())
    plain = shifts._open

    def unheld(session, room, *, share=False):
        ours = col(coatcheck.Shift.program_id) == room.program_id, col(coatcheck.Shift.closed_at).is_(None)
        return session.exec(select(coatcheck.Shift).where(*ours)).first()

    monkeypatch.setattr(shifts, "_open", unheld)
    with unlocked(monkeypatch, shifts, "unaccounted"):
        answers = at_once(*[lambda: counter.do(coatcheck.close_shift, counter.room, NADIA) and "closed"] * 2)
    monkeypatch.setattr(shifts, "_open", plain)
    assert answers == ["closed", "closed"]
