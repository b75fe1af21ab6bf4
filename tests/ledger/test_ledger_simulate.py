"""What other rules would have cost: the same numbers, check by check, as the ledger books under those rules."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import issue_card, open_house
from tests.ledger.book import TILL
from walletpass import database, ledger, programs
from walletpass.ledger import Bill, Line, Past, Scheme
from walletpass.ledger.simulate import measure
from walletpass.ledger.worth import points_for, rate
from walletpass.programs import Program, Tier

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
numbers = itertools.count(1)

AMOUNTS = st.one_of(st.integers(1, 5_000), st.sampled_from([1, 9, 10, 99, 100, 12_345]))
LINES = st.builds(
    lambda amount, cut, kind, earns, redeemable, category, quantity, tax: Line(
        amount, amount * cut // 100, kind, earns, redeemable, category, quantity, amount * tax // 100
    ),
    AMOUNTS, st.sampled_from([0, 0, 0, 10, 100]), st.sampled_from(["item", "item", "item", "tip", "delivery", "gift_card"]), st.booleans(),
    st.booleans(), st.sampled_from(["", "wine", "coffee"]), st.integers(1, 4), st.sampled_from([0, 7, 19]),
)  # fmt: skip
BILLS = st.builds(
    lambda lines, cut: Bill("", tuple(lines), sum(line.net for line in lines if line.kind == "item") * cut // 100),
    st.lists(LINES, min_size=1, max_size=5),
    st.sampled_from([0, 0, 5, 33]),
).filter(lambda bill: bill.amount > 0)


def rules(**values):
    return Program(id="luna", name="Luna", pass_type_identifier="pass.x", team_identifier="T" * 10, **values)


def visit(amount, card="c1", days=0, paid=0, **line):
    return Past(card, NOON + timedelta(days=days), Bill(f"K{next(numbers)}", (Line(amount, **line),)), paid)


def one(program, *history, tiers=(), share=100, since=NOON):
    (outcome,) = ledger.simulate([Scheme(program, tuple(tiers), share)], history, since)
    return outcome


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(BILLS, st.integers(0, 300)), min_size=1, max_size=4),
    st.sampled_from([0, 1, 333, 1000, 2500]),
    st.sampled_from([1, 3]),
)
def test_each_check_earns_what_the_ledger_books_for_it_under_the_same_rules(luna, checks, bps, value):
    """The checks are paid as at a till, partly with points; then they are replayed."""
    house = open_house(f"house-{next(numbers)}", earn_bps=bps, point_value=value, cap_percent=100)
    booked, history = [], []
    with database.transaction() as session:
        card = issue_card(session, house.program, "Ana")
        ledger.adjust(session, house.program, card, 1_000, TILL)
        for number, (drawn, wished) in enumerate(checks):
            bill = Bill(f"A{number}", drawn.lines, drawn.discount)
            most = min(ledger.most_redeemable(session, house.program, bill), ledger.balance(session, house.id, card.id).points)
            points = min(wished, most)
            if points:
                ledger.redeem(session, house.program, card, bill, points, TILL)
            booked.append(ledger.earn(session, house.program, card, bill, TILL).delta)
            history.append(Past(card.id, NOON, bill, points * value))
    replayed = [one(house.program, past).issued for past in history]
    assert replayed == booked
    assert one(house.program, *history).issued == sum(booked)


@given(st.lists(BILLS, max_size=5), st.sampled_from(["wine", "coffee"]))
def test_a_category_that_never_earns_is_as_if_its_lines_did_not_earn(bills, category):
    for bill in bills:
        silent = tuple(
            Line(line.amount, line.discount, line.kind, line.earns and line.category != category, line.redeemable, line.category)
            for line in bill.lines
        )
        assert measure(rules(no_earn_categories=[category]), bill).base == Bill("", silent, bill.discount).earning_base


@given(BILLS)
def test_lines_summed_by_category_count_the_same(bill):
    """What the history reads from the database is summed there."""
    sums = {}
    for line in bill.lines:
        kind = (line.kind, line.earns, line.redeemable, line.category)
        amount, discount, quantity, tax = sums.get(kind, (0, 0, 0, 0))
        sums[kind] = (amount + line.amount, discount + line.discount, quantity + line.quantity, tax + line.tax)
    summed = Bill(
        "", tuple(Line(amount, discount, *kind, quantity, tax) for kind, (amount, discount, quantity, tax) in sums.items()), bill.discount
    )
    for program in (rules(), rules(no_earn_categories=["wine"], no_redeem_categories=["coffee"], stamp_categories=["coffee"])):
        assert measure(program, summed) == measure(program, bill)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 50_000)), max_size=12), st.integers(0, 100))
def test_what_is_spent_is_never_more_than_was_given_nor_than_the_checks_can_take(visits, share):
    program = rules(cap_percent=30, minimum_money=100)
    history = [visit(amount, card) for card, amount in sorted(visits)]
    outcome = one(program, *history, share=share)
    assert 0 <= outcome.spent <= outcome.worth * share // 100
    assert outcome.spent <= sum(amount * 30 // 100 for _card, amount in visits)
    assert outcome.revenue == sum(amount for _card, amount in visits)


def test_points_are_worth_what_a_point_pays_and_cashback_is_money():
    history = [visit(10_000)]
    points, cashback = ledger.simulate(
        [Scheme(rules(earn_bps=500, point_value=2)), Scheme(rules(kind="cashback", earn_bps=500, point_value=2))], history, NOON
    )
    assert (points.issued, points.worth, points.spent) == (500, 1_000, 1_000)
    assert (cashback.issued, cashback.worth, cashback.spent) == (500, 500, 500)


def test_stamps_of_a_guest_make_rewards_and_not_those_of_two():
    program = rules(kind="stamps", stamp_goal=5, stamp_categories=["coffee"])
    coffee = {"category": "coffee"}
    history = [visit(3_600, "a", quantity=12, **coffee), visit(900, "b", quantity=3, **coffee), visit(900, "c", quantity=3, **coffee)]
    outcome = one(program, *history)
    assert (outcome.issued, outcome.rewards, outcome.worth) == (18, 2, 600)
    assert one(program, visit(9_000, category="wine", quantity=9)).issued == 0


def test_a_tier_holds_from_the_next_check_on_and_by_its_own_counter():
    steps = [Tier(program_id="luna", position=1, name="Silver", threshold=10_000, earn_bps=2_000, discount_percent=10)]
    program = rules(tier_by="spend", earn_bps=1_000)
    assert one(program, visit(10_000), visit(1_000, days=1), tiers=steps).issued == 1_000 + 200
    assert one(program, visit(9_999), visit(1_000, days=1), tiers=steps).issued == 999 + 100
    assert one(program, visit(10_000), visit(1_000, "c2", days=1), tiers=steps).issued == 1_000 + 100
    discount = rules(kind="discount", tier_by="spend")
    assert one(discount, visit(10_000), visit(1_000, days=1), tiers=steps).discount == 100
    assert one(discount, visit(10_000), visit(1_000, days=1), tiers=steps).issued == 0


def test_visits_before_the_time_lift_and_count_for_nothing_else():
    steps = [Tier(program_id="luna", position=1, name="Regular", threshold=2, earn_bps=2_000)]
    program = rules(tier_by="visits", tier_days=100, earn_bps=1_000)
    outcome = one(program, visit(500, days=-20), visit(500, days=-10), visit(1_000, days=1), tiers=steps)
    assert (outcome.checks, outcome.revenue, outcome.issued) == (1, 1_000, 200)


def test_who_stays_away_goes_down_one_step_at_a_review():
    steps = [
        Tier(program_id="luna", position=1, name="Silver", threshold=1_000, earn_bps=2_000),
        Tier(program_id="luna", position=2, name="Gold", threshold=2_000, earn_bps=3_000),
    ]
    program = rules(tier_by="spend", tier_days=30, earn_bps=1_000)
    assert one(program, visit(2_000), visit(100, days=29), tiers=steps).issued == 200 + 30
    assert one(program, visit(2_000), visit(100, days=31), tiers=steps).issued == 200 + 20
    assert one(program, visit(2_000), visit(100, days=61), tiers=steps).issued == 200 + 10
    yearly = rules(tier_by="spend", tier_window="year", earn_bps=1_000)
    assert one(yearly, visit(2_000), visit(100, days=200), tiers=steps).issued == 200 + 30
    assert one(yearly, visit(2_000), visit(100, days=250), tiers=steps).issued == 200 + 20


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**6))
def test_more_money_never_earns_less_and_a_split_check_wins_no_point(first, second, bps):
    program = rules(earn_bps=bps)
    whole = points_for(first + second, rate(program, None))
    parts = points_for(first, rate(program, None)) + points_for(second, rate(program, None))
    assert whole - 1 <= parts <= whole
    assert whole >= max(points_for(first, rate(program, None)), points_for(second, rate(program, None)))


def test_the_books_say_what_really_happened(house):
    from tests.ledger.book import earn, redeem, undo

    earn(house, 10_000, "A1")
    undo(house, earn(house, 5_000, "A2"))
    redeem(house, 400, "B1")
    undo(house, redeem(house, 100, "B2"))
    with database.reading() as session:
        assert ledger.happened(session, "luna") == ledger.Happened(1_000, 400)
        assert ledger.happened(session, "luna", datetime.now(UTC) + timedelta(hours=1)) == ledger.Happened(0, 0)
        assert ledger.spent_share(session, "luna") == 40
        assert ledger.spent_share(session, "sova") is None


@pytest.mark.parametrize("kind", ["points", "cashback", "stamps", "discount"])
def test_nothing_paid_costs_nothing(kind):
    outcome = one(rules(kind=kind))
    assert (outcome.checks, outcome.cost, outcome.worth) == (0, 0, 0)
    assert programs.faults(rules(), {"cap_percent": 50}) == []
