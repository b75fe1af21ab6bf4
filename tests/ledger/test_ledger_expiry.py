"""When points can be spent, and when they end."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.book import TILL, adjust, balance, done, earn, faults, redeem, refund, seen, sweep, undo, use_rules
from walletpass import database, ledger
from walletpass.errors import Conflict
from walletpass.ledger import Balance, ends
from walletpass.programs import Program

MARCH = datetime(2026, 3, 20, 12, tzinfo=UTC)
KYIV = ZoneInfo("Europe/Kyiv")


def program(**rules):
    return Program(id="luna", timezone="Europe/Kyiv", **rules)


@pytest.mark.parametrize(
    ("rules", "at", "end"),
    [
        ({"expiry": "never"}, MARCH, None),
        # Ten days are ten times 24 hours, also when the clocks change on the 29th.
        ({"expiry": "earned", "expiry_days": 10}, MARCH, datetime(2026, 3, 30, 12, tzinfo=UTC)),
        ({"expiry": "activity", "expiry_days": 10}, MARCH, datetime(2026, 3, 30, 12, tzinfo=UTC)),
        ({"expiry": "earned", "expiry_days": 10, "expiry_month_end": True}, MARCH, datetime(2026, 4, 1, tzinfo=KYIV)),
        ({"expiry": "date"}, MARCH, datetime(2027, 1, 1, tzinfo=KYIV)),
        ({"expiry": "date"}, datetime(2026, 12, 31, 21, 30, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=KYIV)),
        ({"expiry": "date"}, datetime(2026, 12, 31, 22, 30, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=KYIV)),
        ({"expiry": "date", "expiry_month": 2, "expiry_day": 29}, MARCH, datetime(2027, 3, 1, tzinfo=KYIV)),
        ({"expiry": "anniversary"}, MARCH, datetime(2026, 5, 12, tzinfo=KYIV)),
        ({"expiry": "anniversary"}, datetime(2026, 5, 12, 12, tzinfo=UTC), datetime(2027, 5, 12, tzinfo=KYIV)),
    ],
)
def test_each_rule_says_when_points_end(rules, at, end):
    assert ends(program(**rules), datetime(2024, 5, 12, 9, tzinfo=UTC), at) == end


@given(
    st.integers(0, 20 * 365 * 24).map(lambda hours: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    st.sampled_from(["date", "anniversary"]),
    st.integers(1, 12),
    st.integers(1, 28),
)
def test_a_day_of_the_calendar_ends_at_the_restaurant_s_midnight_within_a_year(at, kind, month, day):
    end = ends(program(expiry=kind, expiry_month=month, expiry_day=day), MARCH, at)
    local = end.astimezone(KYIV)
    assert (local.hour, local.minute) == (0, 0)
    assert at < end <= at + timedelta(days=367)
    assert local.date() - timedelta(days=1) == date(local.year, month, day) or kind == "anniversary" or (month, day) == (12, 31)


def test_points_end_once_and_the_sweep_may_come_twice(house):
    with time_machine.travel(MARCH, tick=False) as clock:
        use_rules(house, expiry="earned", expiry_days=10)
        earn(house)
        clock.shift(timedelta(days=10))
        assert balance(house) == Balance()
        assert sweep(house) == [house.ana.id]
        assert sweep(house) == []
        assert faults(house) == []


def test_a_guest_who_comes_again_keeps_them(luna):
    with time_machine.travel(MARCH, tick=False) as clock:
        use_rules(luna, expiry="activity", expiry_days=10)
        earn(luna, 1_000, "A1")
        adjust(luna, 50)
        clock.shift(timedelta(days=9))
        redeem(luna, 10, "A2")
        clock.shift(timedelta(days=9))
        assert balance(luna).points == 140
        clock.shift(timedelta(days=2))
        # A correction by hand has no end.
        assert balance(luna).points == 50 - 0
        assert faults(luna) == []


def test_what_ends_when_adds_up_to_what_can_be_spent(luna):
    with time_machine.travel(MARCH, tick=False) as clock:
        use_rules(luna, expiry="earned", expiry_days=10)
        earn(luna, 1_000, "A1")
        clock.shift(timedelta(days=2))
        earn(luna, 2_000, "A2")
        adjust(luna, 7)
        with database.reading() as session:
            plan = ledger.schedule(session, luna.id, luna.ana.id)
        assert plan == [(MARCH + timedelta(days=10), 100), (MARCH + timedelta(days=12), 200), (None, 7)]


def test_the_card_says_what_ends_soon(luna):
    with time_machine.travel(MARCH, tick=False) as clock:
        use_rules(luna, expiry="earned", expiry_days=30, expiry_warning_days=14)
        earn(luna, 1_000, "A1")
        assert "expiring" not in seen(luna)
        clock.shift(timedelta(days=17))
        assert seen(luna)["expiring"] == 100
        assert seen(luna)["expiring_on"] == "19.04.2026"


def test_points_that_wait_are_seen_and_not_spent_and_go_first(house):
    with time_machine.travel(MARCH, tick=False) as clock:
        use_rules(house, pending="days", pending_days=3)
        earn(house, 1_000, "A1")
        assert balance(house) == Balance(pending=100)
        clock.shift(timedelta(days=2, hours=23))
        adjust(house, 40)
        assert refund(house, 500).points_taken == 50
        assert balance(house) == Balance(points=40, pending=50)
        clock.shift(timedelta(hours=1))
        assert sweep(house) == [house.ana.id]
        assert balance(house) == Balance(points=90)
        assert faults(house) == []


def test_points_that_wait_for_a_deed_wait_for_ever(luna):
    with time_machine.travel(MARCH, tick=False) as clock:
        use_rules(luna, pending="action")
        earned = earn(luna, 1_000, "A1")
        clock.shift(timedelta(days=4_000))
        assert sweep(luna) == []
        done(luna, ledger.activate, earned, TILL)
        assert balance(luna) == Balance(points=100)
        with pytest.raises(Conflict, match="do not wait"):
            done(luna, ledger.activate, earned, TILL)


def test_a_held_lot_does_not_end_and_a_grace_of_nothing_is_nothing(luna):
    with time_machine.travel(MARCH, tick=False) as clock:
        use_rules(luna, expiry="earned", expiry_days=10, grace_days=0)
        earn(luna, 1_000, "A1")
        paid = redeem(luna, 60, "A2")
        clock.shift(timedelta(days=11))
        sweep(luna)
        undo(luna, paid)
        assert balance(luna) == Balance()
        assert faults(luna) == []
