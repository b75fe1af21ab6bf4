"""Visits, the average check, the last visit."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.cast import issue_card, open_house
from walletpass import checks, database
from walletpass.checks import Summary

MONDAY = datetime(2026, 3, 2, 20, 15, tzinfo=UTC)


def record(card, check_id, amount, at=MONDAY):
    with database.transaction() as session:
        checks.record(session, card, check_id, amount, "", at)


def take_back(card, check_id):
    with database.transaction() as session:
        checks.take_back(session, card.program_id, check_id)


def summary(card):
    with database.reading() as session:
        return checks.summary(session, card)


def test_before_the_first_visit_there_is_no_average(house):
    assert summary(house.ana) == Summary(0, None, None)
    assert summary(house.ana).days_since is None


@pytest.mark.parametrize(("amounts", "average"), [([1_000], 1_000), ([1, 2], 2), ([1, 1, 2], 1), ([1, 2, 2], 2), ([100, 101], 101)])
def test_the_average_is_rounded_half_up(luna, amounts, average):
    for number, amount in enumerate(amounts):
        record(luna.ana, f"A{number}", amount)
    assert (summary(luna.ana).visits, summary(luna.ana).average) == (len(amounts), average)


def test_the_last_visit_is_the_latest_in_time_not_the_last_written(house):
    record(house.ana, "A1", 1_000, MONDAY)
    record(house.ana, "A2", 3_000, MONDAY - timedelta(days=3))
    assert summary(house.ana) == Summary(2, 2_000, MONDAY)
    with time_machine.travel(MONDAY + timedelta(days=4, hours=23), tick=False):
        assert summary(house.ana).days_since == 4
    with time_machine.travel(MONDAY - timedelta(hours=1), tick=False):
        assert summary(house.ana).days_since == 0


def test_a_check_that_was_taken_back_is_no_visit(house):
    record(house.ana, "A1", 1_000)
    record(house.ana, "A2", 3_000)
    take_back(house.ana, "A2")
    assert summary(house.ana) == Summary(1, 1_000, MONDAY)


def test_recorded_again_after_it_was_taken_back_it_counts_with_its_new_values(house):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend")
    record(house.ana, "A1", 1_000)
    take_back(house.ana, "A1")
    record(friend, "A1", 2_000)
    assert summary(house.ana).visits == 0
    assert summary(friend) == Summary(1, 2_000, MONDAY)


def test_taking_back_what_was_never_recorded_is_no_fault(house):
    take_back(house.ana, "nothing")
    assert summary(house.ana).visits == 0


def test_the_same_check_number_in_two_restaurants_is_two_checks(house):
    sova = open_house("sova")
    record(house.ana, "A1", 1_000)
    record(sova.ana, "A1", 3_000)
    take_back(sova.ana, "A1")
    assert (summary(house.ana).visits, summary(sova.ana).visits) == (1, 0)
