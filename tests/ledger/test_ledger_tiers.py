"""Tiers: up with the check that reaches them, for the next one; down one step, when a window has ended."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import delete

from tests.ledger.book import add_tiers, another_card, balance, done, earn, refund, seen, use_rules
from walletpass import database, events, ledger
from walletpass.events import Kind
from walletpass.programs import Tier

JUNE = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def tiered(luna):
    use_rules(luna, tier_by="spend", tier_days=100)
    add_tiers(luna, ("Silver", 10_000, 2_000, 0), ("Gold", 30_000, 3_000, 10))
    return luna


def standing(house):
    step = done(house, ledger.tier, house.ana)
    return step.name if step else None


@time_machine.travel(JUNE, tick=False)
def test_the_check_that_reaches_a_step_has_the_old_rate_and_the_next_one_the_new(tiered):
    assert earn(tiered, 10_000, "A1").delta == 1_000
    assert standing(tiered) == "Silver"
    assert earn(tiered, 10_000, "A2").delta == 2_000
    assert seen(tiered)["tier"] == "Silver"


@time_machine.travel(JUNE, tick=False)
def test_one_large_check_may_rise_two_steps_and_just_too_little_rises_none(tiered):
    earn(tiered, 9_999, "A1")
    assert standing(tiered) is None
    earn(tiered, 30_000, "A2")
    assert standing(tiered) == "Gold"
    assert done(tiered, ledger.progress, tiered.ana) == (39_999, None)


def test_who_stays_away_falls_one_step_when_the_window_has_ended(tiered):
    with time_machine.travel(JUNE, tick=False) as clock:
        earn(tiered, 30_000, "A1")
        clock.shift(timedelta(days=99))
        assert standing(tiered) == "Gold"
        clock.shift(timedelta(days=1))
        # What was spent a hundred days ago is in the window that ends now.
        assert standing(tiered) == "Gold"
        clock.shift(timedelta(days=100))
        assert standing(tiered) == "Silver"
        clock.shift(timedelta(days=100))
        assert standing(tiered) is None


def test_whoever_follows_the_feed_learns_of_each_step_up_and_down(tiered):
    with time_machine.travel(JUNE, tick=False) as clock:
        earn(tiered, 9_999, "A1")
        earn(tiered, 30_000, "A2")
        clock.shift(timedelta(days=201))
        earn(tiered, 100, "A3")
    with database.reading() as session:
        told = events.after(session, tiered.id, 0, 100, [Kind.TIER_CHANGED]).events
    assert [(event.card_id, event.data) for event in told] == [
        (tiered.ana.id, {"position": 2, "before": 0}),
        (tiered.ana.id, {"position": 1, "before": 2}),
    ]


def test_a_year_of_the_calendar_ends_with_it(tiered):
    use_rules(tiered, tier_window="year")
    with time_machine.travel(JUNE, tick=False) as clock:
        earn(tiered, 10_000, "A1")
        clock.move_to(datetime(2027, 1, 1, 1, tzinfo=UTC))
        assert standing(tiered) == "Silver"
        clock.move_to(datetime(2028, 1, 1, 1, tzinfo=UTC))
        assert standing(tiered) is None


@time_machine.travel(JUNE, tick=False)
def test_what_is_refunded_counts_no_more_and_goes_at_the_rate_of_its_check(tiered):
    earn(tiered, 10_000, "A1")
    earn(tiered, 10_000, "A2")
    assert refund(tiered, 10_000, "A2").points_taken == 2_000
    assert refund(tiered, 10_000, "A1").points_taken == 1_000
    assert balance(tiered).points == 0
    assert done(tiered, ledger.progress, tiered.ana)[0] == 0


@time_machine.travel(JUNE, tick=False)
def test_points_that_pay_do_not_count_towards_a_step(tiered):
    earn(tiered, 9_000, "A1")
    done(tiered, ledger.redeem, tiered.ana, ledger.Bill.of("A2", 1_800), 900, ledger.Origin("till"))
    earn(tiered, 1_800, "A2")
    assert done(tiered, ledger.progress, tiered.ana)[0] == 9_900
    assert standing(tiered) is None


@time_machine.travel(JUNE, tick=False)
def test_visits_count_where_the_owner_wants_it_so(tiered):
    use_rules(tiered, tier_by="visits")
    add = another_card(tiered)
    for number in range(2):
        earn(tiered, 100, f"A{number}")
        earn(tiered, 100, f"B{number}", card=add)
    assert done(tiered, ledger.progress, tiered.ana)[0] == 2


def test_a_step_that_was_taken_away_holds_nobody(tiered):
    with time_machine.travel(JUNE, tick=False) as clock:
        earn(tiered, 30_000, "A1")
        with database.transaction() as session:
            session.execute(delete(Tier).where(Tier.position == 2))
        assert standing(tiered) is None
        clock.shift(timedelta(days=101))
        assert standing(tiered) == "Silver"
