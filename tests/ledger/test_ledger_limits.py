"""Limits of a guest's day, and cards that are seen too often."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.ledger.book import TILL, adjust, another_card, balance, done, earn, redeem, use_rules
from walletpass import database, ledger
from walletpass.errors import Malformed, TooOften

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)


def test_a_card_earns_no_more_often_a_day_than_the_owner_allows(luna):
    use_rules(luna, earns_per_day=2)
    with time_machine.travel(NOON, tick=False) as clock:
        earn(luna, 100, "A1")
        earn(luna, 100, "A2")
        with pytest.raises(TooOften):
            earn(luna, 100, "A3")
        earn(luna, 100, "A4", card=another_card(luna))
        # The restaurant's midnight, not ours: 22:00 in Greenwich is a new day in Berlin.
        clock.shift(timedelta(hours=10))
        earn(luna, 100, "A3")
    assert balance(luna).points == 30


@time_machine.travel(NOON, tick=False)
def test_a_day_has_so_many_points_and_so_many_payments(luna):
    use_rules(luna, points_per_day=150, redeems_per_day=1)
    earn(luna, 1_000, "A1")
    with pytest.raises(TooOften):
        earn(luna, 510, "A2")
    earn(luna, 500, "A3")
    redeem(luna, 10, "B1")
    with pytest.raises(TooOften):
        redeem(luna, 10, "B2")
    assert balance(luna).points == 140


@time_machine.travel(NOON, tick=False)
def test_a_card_on_many_checks_of_a_shift_is_named_with_who_booked_them(luna):
    use_rules(luna, many_checks=3)
    for number in range(4):
        earn(luna, 100, f"A{number}")
    for number in range(3):
        earn(luna, 100, f"B{number}", card=another_card(luna, f"Guest {number}"))
    with database.reading() as session:
        found = ledger.seen_often(session, luna.program, NOON - timedelta(hours=4), NOON + timedelta(hours=4))
    assert found == [ledger.BusyCard(luna.ana.id, NOON.date(), 4, 40, ("bruno",))]


def test_an_opening_balance_has_its_own_end_and_no_small_limit(luna):
    end = NOON + timedelta(days=100)
    with time_machine.travel(NOON, tick=False):
        done(luna, ledger.opening, luna.ana, 50_000, end, TILL)
        adjust(luna, 1)
        with database.reading() as session:
            assert ledger.schedule(session, luna.id, luna.ana.id) == [(end, 50_000), (None, 1)]
    for points in (0, -5, 10**9 + 1):
        with pytest.raises(Malformed):
            done(luna, ledger.opening, luna.ana, points, None, TILL)
