"""Points for something else than a check, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy.exc import IntegrityError

from tests.ledger.book import TILL, another_card, balance, done, earn, faults, refund, sweep, undo, use_rules
from walletpass import database, guests, ledger
from walletpass.errors import Conflict
from walletpass.ledger import Balance, birthday_year

MAY = datetime(2026, 5, 12, 12, tzinfo=UTC)


def born(house, month, day, *, known_since=datetime(2020, 1, 1, tzinfo=UTC)):
    with database.transaction() as session:
        ana = guests.get(session, house.id, house.ana.guest_id)
        ana.birth_month, ana.birth_day, ana.birthday_at = month, day, known_since
        session.add(ana)


def test_a_welcome_is_said_once_for_a_number(house):
    assert done(house, ledger.bonus, house.ana, "welcome", "number", 100, TILL).delta == 100
    assert done(house, ledger.bonus, another_card(house), "welcome", "number", 100, TILL) is None
    assert balance(house) == Balance(points=100)


def test_of_many_welcomes_at_once_one_is_said(house):
    others = [house.ana, *(another_card(house, f"Guest {number}") for number in range(3))]

    def claim(card):
        try:
            return done(house, ledger.bonus, card, "welcome", "number", 100, TILL)
        except IntegrityError:
            return None

    with ThreadPoolExecutor(8) as many:
        given = [entry for entry in many.map(claim, others * 5) if entry]
    assert len(given) == 1
    assert faults(house) == []


@time_machine.travel(MAY, tick=False)
def test_a_birthday_is_kept_once_a_year_with_a_check_near_it(luna):
    use_rules(luna, birthday_points=500, birthday_window_days=7)
    born(luna, 5, 15)
    earn(luna, 1_000, "A1")
    earn(luna, 1_000, "A2")
    assert balance(luna).points == 500 + 200
    with time_machine.travel(MAY + timedelta(days=363), tick=False):
        earn(luna, 1_000, "A3")
        assert balance(luna).points == 1_000 + 300


@pytest.mark.parametrize(
    ("month", "day", "known_days", "at", "year"),
    [
        (5, 19, 30, MAY, 2026),
        (5, 20, 30, MAY, None),
        (5, 5, 30, MAY, 2026),
        (5, 12, 29, MAY, None),
        (1, 2, 99, datetime(2026, 12, 30, 12, tzinfo=UTC), 2027),
        (12, 30, 99, datetime(2027, 1, 3, 12, tzinfo=UTC), 2026),
        (2, 29, 99, datetime(2026, 2, 28, 12, tzinfo=UTC), 2026),
        (2, 29, 99, datetime(2028, 2, 29, 12, tzinfo=UTC), 2028),
        (0, 0, 99, MAY, None),
    ],
)
def test_a_birthday_is_near_or_not(luna, month, day, known_days, at, year):
    use_rules(luna, birthday_window_days=7)
    born(luna, month, day, known_since=at - timedelta(days=known_days))
    with database.reading() as session:
        program = luna.program
        assert birthday_year(program, guests.get(session, luna.id, luna.ana.guest_id), at) == year


@time_machine.travel(MAY, tick=False)
def test_the_birthday_goes_with_its_check_and_may_come_again(house):
    use_rules(house, birthday_points=500)
    born(house, 5, 12)
    earned = earn(house, 1_000, "A1")
    refund(house, 400)
    assert balance(house).points == 560
    undo(house, earned)
    assert balance(house) == Balance()
    earn(house, 1_000, "A1")
    assert balance(house).points == 600
    assert faults(house) == []


def referred(house, **rules):
    use_rules(house, referral_points=300, referral_friend_points=100, referral_minimum=1_000, referral_wait_days=14, **rules)
    return another_card(house, referred_by=house.ana.id)


def test_a_friend_is_thanked_for_after_their_first_paid_check(house):
    with time_machine.travel(MAY, tick=False) as clock:
        friend = referred(house)
        earn(house, 2_000, "F1", card=friend)
        earn(house, 2_000, "F2", card=friend)
        assert (balance(house), balance(house, friend)) == (Balance(pending=300), Balance(points=400, pending=100))
        clock.shift(timedelta(days=14))
        sweep(house)
        assert (balance(house), balance(house, friend)) == (Balance(points=300), Balance(points=500))
        assert faults(house) == []


@time_machine.travel(MAY, tick=False)
@pytest.mark.parametrize("left", [0, 900])
def test_a_refund_within_the_window_takes_the_thanks_back(house, left):
    friend = referred(house)
    earn(house, 2_000, "F1", card=friend)
    refund(house, 2_000 - left, "F1")
    assert (balance(house), balance(house, friend)) == (Balance(), Balance(points=left // 10))
    assert faults(house) == []


@time_machine.travel(MAY, tick=False)
def test_a_small_check_and_a_guest_who_came_before_bring_no_thanks(luna):
    friend = referred(luna)
    earn(luna, 999, "F1", card=friend)
    earn(luna, 5_000, "F2", card=friend)
    assert balance(luna) == Balance()


@time_machine.travel(MAY, tick=False)
def test_too_many_friends_in_a_week_wait_for_a_manager(luna):
    referred(luna, referral_review_above=2)
    for number in range(3):
        earn(luna, 2_000, f"F{number}", card=another_card(luna, f"Friend {number}", referred_by=luna.ana.id))
    with database.reading() as session:
        [(bonus, lot)] = ledger.to_review(session, luna.id)
    assert (lot.amount, bonus.check_id) == (300, "F2")
    with database.reading() as session:
        entry = ledger.entry(session, luna.id, f"{bonus.card_id}-{bonus.seq}")
    done(luna, ledger.decide_thanks, entry, True, TILL)
    assert balance(luna) == Balance(points=300, pending=600)
    with pytest.raises(Conflict):
        done(luna, ledger.decide_thanks, entry, False, TILL)


@time_machine.travel(MAY, tick=False)
def test_refused_thanks_never_come(luna):
    referred(luna, referral_review_above=0)
    earn(luna, 2_000, "F1", card=another_card(luna, "Friend", referred_by=luna.ana.id))
    with database.reading() as session:
        [(bonus, _lot)] = ledger.to_review(session, luna.id)
        entry = ledger.entry(session, luna.id, f"{bonus.card_id}-{bonus.seq}")
    done(luna, ledger.decide_thanks, entry, False, TILL)
    with database.reading() as session:
        assert not ledger.to_review(session, luna.id)
    assert balance(luna) == Balance()
    assert faults(luna) == []
