"""Six digits, five minutes, three tries, once."""

import json
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from tests.cast import open_house
from tests.codes.phonebook import PHONE, another, check, code_of, letters, newest_code, reachable, send, sent
from walletpass import codes, config, database
from walletpass.codes import Allowance, Code, CodesOfDay
from walletpass.database import now
from walletpass.errors import Malformed, TooMany, Unavailable
from walletpass.messages import Message


def rows(model):
    with database.reading() as session:
        return session.exec(select(model)).all()


def test_the_code_that_was_sent_opens_once(house):
    said = send(house.program)
    code = newest_code()
    assert len(code) == 6
    assert said.expires_at - said.sent_at == timedelta(minutes=5)
    assert check(house.program, code)
    assert not check(house.program, code)


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1} {2}", "{1}-{2}"])
def test_blanks_and_dashes_are_forgiven(luna, typed):
    send(luna.program)
    code = newest_code()
    assert check(luna.program, typed.format(code, code[:3], code[3:]))


@pytest.mark.parametrize("typed", ["", "abc", "1" * 5000, "\x00", "{0}7", "²²²²²²"])
def test_nonsense_is_a_wrong_code(house, typed):
    send(house.program)
    assert not check(house.program, typed.format(newest_code()))


def test_after_three_wrong_tries_the_right_code_is_refused(house):
    send(house.program)
    code = newest_code()
    assert [check(house.program, another(code)) for _ in range(3)] == [False] * 3
    assert not check(house.program, code)
    with database.reading() as session:
        assert codes.waiting(session, "luna", "join", "card").tries_left == 0


def test_two_wrong_tries_leave_one(house):
    send(house.program)
    code = newest_code()
    assert [check(house.program, typed) for typed in (another(code), another(code), code)] == [False, False, True]


def test_a_code_ends_after_five_minutes(house):
    with time_machine.travel(now(), tick=False) as clock:
        send(house.program)
        code = newest_code()
        clock.shift(timedelta(minutes=5))
        assert not check(house.program, code)
        clock.shift(timedelta(seconds=-1))
        assert check(house.program, code)


def test_a_new_code_replaces_the_old_and_withdraws_its_message(house):
    with time_machine.travel(now(), tick=False) as clock:
        send(house.program)
        old = newest_code()
        clock.shift(timedelta(seconds=30))
        send(house.program)
        new = newest_code()
        assert len(letters()) == 1
        assert not check(house.program, old) or old == new
        assert check(house.program, new)


def test_a_new_code_has_tries_of_its_own(house):
    with time_machine.travel(now(), tick=False) as clock:
        send(house.program)
        for _ in range(3):
            check(house.program, another(newest_code()))
        clock.shift(timedelta(seconds=30))
        send(house.program)
        assert check(house.program, newest_code())


def test_a_code_is_good_for_its_purpose_subject_asker_and_number_alone(house):
    send(house.program, asker="till-1")
    code = newest_code()
    assert not check(house.program, code, purpose="redeem", asker="till-1")
    assert not check(house.program, code, subject="another card", asker="till-1")
    assert not check(house.program, code)
    assert not check(house.program, code, asker="till-2")
    assert not check(house.program, code, asker="till-1", to="+4915100000000")
    assert check(house.program, code, asker="till-1", to=PHONE)


def test_a_code_of_another_restaurant_opens_nothing(house):
    sova = open_house("sova")
    send(sova.program)
    send(house.program)
    theirs, ours = code_of(sova.program), code_of(house.program)
    assert {letter.rpartition(" at ")[2].partition(".")[0] for letter in letters()} == {"Bistro Sova", "Trattoria Luna"}
    if theirs != ours:
        assert not check(house.program, theirs)
    assert check(sova.program, theirs)


def test_two_askers_do_not_take_each_other_s_code_away(house):
    send(house.program, asker="till-1")
    first = newest_code()
    send(house.program, asker="till-2")
    assert check(house.program, first, asker="till-1")
    assert check(house.program, code_of(house.program, asker="till-2"), asker="till-2")


def test_neither_code_nor_number_stands_in_the_rooms_tables(house):
    send(house.program)
    code = newest_code()
    kept = json.dumps([row.model_dump(mode="json") for model in (Code, Allowance, CodesOfDay) for row in rows(model)])
    assert code not in kept
    assert PHONE not in kept
    assert PHONE[1:] not in kept
    assert code not in rows(Message)[0].text


def test_a_code_outlives_a_new_key_in_the_ring(house):
    send(house.program)
    code = newest_code()
    with reachable(secret_keys=f"2:{'ab' * 32},{config.current().secret_keys}"):
        assert check(house.program, code, to=PHONE)


def test_a_purpose_that_is_none_is_refused(house):
    with pytest.raises(Malformed, match="join, redeem, login"):
        send(house.program, purpose="fun")


@pytest.mark.parametrize(("to", "setting"), [(PHONE, "WALLETPASS_SMS_URL"), ("ana@example.com", "WALLETPASS_SMTP_URL")])
def test_where_nothing_can_be_sent_no_code_is_made(house, to, setting):
    with reachable(sms_url="", smtp_url=""), pytest.raises(Unavailable, match=setting):
        send(house.program, to=to)
    assert rows(Code) == []


def test_a_refused_try_counts_although_the_caller_raises(house):
    send(house.program)
    code = newest_code()
    for _ in range(3):
        assert not codes.check_at_once(house.program, "join", "card", another(code))
    assert not codes.check_at_once(house.program, "join", "card", code)


# ---- how often


def test_the_next_code_may_be_asked_for_after_half_a_minute(house):
    with time_machine.travel(now(), tick=False) as clock:
        again = send(house.program).again_at
        assert sent(house.program) == "30"
        clock.shift(timedelta(seconds=29))
        assert sent(house.program) == "1"
        clock.shift(timedelta(seconds=1))
        assert now() == again
        assert sent(house.program) == "sent"


def test_a_number_gets_three_codes_in_ten_minutes_for_each_purpose(house):
    with time_machine.travel(now(), tick=False) as clock:
        for subject in "abc":
            assert sent(house.program, subject=subject) == "sent"
            clock.shift(timedelta(seconds=60))
        assert sent(house.program, subject="d") == "420"
        assert sent(house.program, "redeem", subject="d") == "sent"
        assert sent(house.program, subject="d", to="+4915100000000") == "sent"
        clock.shift(timedelta(seconds=420))
        assert sent(house.program, subject="d") == "sent"


def test_a_number_gets_ten_codes_in_a_day(house):
    with time_machine.travel(now(), tick=False) as clock:
        for number in range(10):
            assert sent(house.program, subject=str(number)) == "sent"
            clock.shift(timedelta(minutes=5))
        assert int(sent(house.program, subject="more")) == 24 * 3600 - 50 * 60
        clock.shift(timedelta(days=1) - timedelta(minutes=50))
        assert sent(house.program, subject="more") == "sent"


def test_a_restaurant_sends_no_more_than_its_day_allows(house):
    sova = open_house("sova")
    with reachable(codes_per_day=5), time_machine.travel("2026-11-29T22:00:00Z", tick=False) as clock:
        told = [sent(house.program, to=f"+49151000000{number:02d}", subject=str(number)) for number in range(7)]
        assert told == ["sent"] * 5 + ["7200"] * 2
        assert sent(sova.program) == "sent"
        clock.shift(timedelta(hours=2))
        assert sent(house.program) == "sent"


def test_the_operator_hears_of_a_day_that_is_used_up(house):
    with reachable(codes_per_day=2), database.transaction() as session:
        for number in range(2):
            assert codes.warnings(session) == []
            codes.send(session, house.program, "join", f"+4915100000{number:03d}", str(number))
        (told,) = codes.warnings(session)
        assert told.startswith("luna has sent its 2 codes of today")
    with reachable(codes_per_day=0), database.reading() as session:
        assert codes.warnings(session) == []


def test_a_refused_code_is_not_counted_and_the_old_one_is_good_still(house):
    send(house.program)
    code = newest_code()
    for _ in range(5):
        with pytest.raises(TooMany):
            send(house.program)
    assert len(rows(Message)) == 1
    assert len(rows(Allowance)[0].sent) == 1
    assert check(house.program, code)


def test_what_counts_no_more_is_forgotten(house):
    with time_machine.travel(now(), tick=False) as clock:
        send(house.program)
        clock.shift(timedelta(hours=23))
        send(house.program, subject="other")
        clock.shift(timedelta(hours=2))
        with database.transaction() as session:
            codes.sweep(session)
        assert [row.subject for row in rows(Code)] == ["other"]
        assert len(rows(Allowance)) == 1
        clock.shift(timedelta(days=2))
        with database.transaction() as session:
            codes.sweep(session)
        assert [*rows(Code), *rows(Allowance), *rows(CodesOfDay)] == []
