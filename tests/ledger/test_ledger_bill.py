"""What of a check counts: examples by hand, and what must hold for all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walletpass.errors import Malformed
from walletpass.ledger import Bill, Line
from walletpass.ledger.worth import points_for

# lines, discount on the check -> owed, may earn, may be paid with points
EXAMPLES = {
    "one dish": ([Line(1_250)], 0, (1_250, 1_250, 1_250)),
    "two dishes": ([Line(1_250), Line(890)], 0, (2_140, 2_140, 2_140)),
    "a line's own discount": ([Line(1_000, discount=250)], 0, (750, 750, 750)),
    "a dish given away": ([Line(1_000, discount=1_000), Line(500)], 0, (500, 500, 500)),
    "a discount on the check": ([Line(1_000), Line(500)], 150, (1_350, 1_350, 1_350)),
    "a tip earns nothing": ([Line(1_000), Line(200, kind="tip")], 0, (1_200, 1_000, 1_000)),
    "service earns nothing": ([Line(1_000), Line(100, kind="service")], 0, (1_100, 1_000, 1_000)),
    "delivery earns nothing": ([Line(1_000), Line(390, kind="delivery")], 0, (1_390, 1_000, 1_000)),
    "a gift card sold earns nothing": ([Line(1_000), Line(5_000, kind="gift_card")], 0, (6_000, 1_000, 1_000)),
    "nothing but a gift card": ([Line(5_000, kind="gift_card")], 0, (5_000, 0, 0)),
    "tobacco neither earns nor is paid": ([Line(1_000), Line(800, earns=False, redeemable=False)], 0, (1_800, 1_000, 1_000)),
    "lunch earns but is not paid": ([Line(900, redeemable=False), Line(100)], 0, (1_000, 1_000, 100)),
    "the discount falls on items by amount": ([Line(1_000), Line(1_000, earns=False)], 500, (1_500, 750, 1_500)),
    "the discount does not fall on the tip": ([Line(1_000), Line(1_000, kind="tip")], 500, (1_500, 500, 500)),
    "the share is rounded against the guest": ([Line(100), Line(200, earns=False)], 100, (200, 66, 200)),
    "all of it off but the tip": ([Line(1_000), Line(100, kind="tip")], 1_000, (100, 0, 0)),
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_counts_is_net(example):
    lines, discount, expected = EXAMPLES[example]
    bill = Bill("A1", tuple(lines), discount)
    bill.check(1_000_000)
    assert (bill.amount, bill.earning_base, bill.redeemable_base) == expected


@pytest.mark.parametrize(
    ("bps", "base", "points"),
    [(100, 99, 0), (100, 100, 1), (100, 199, 1), (1000, 9, 0), (1000, 19, 1), (333, 10_000, 333), (0, 10_000, 0), (10_000, 7, 7)],
)
def test_points_are_floored_once(bps, base, points):
    assert points_for(base, bps) == points


@pytest.mark.parametrize(
    ("lines", "discount", "sentence"),
    [
        ([], 0, "needs an amount"),
        ([Line(0)], 0, "more than zero"),
        ([Line(-5)], 0, "whole minor units"),
        ([Line(100, discount=101)], 0, "not above the amount"),
        ([Line(100, discount=-1)], 0, "whole minor units"),
        ([Line(100)], 101, "more than the items"),
        ([Line(100)], -1, "more than the items"),
        ([Line(100), Line(100, kind="tip")], 101, "more than the items"),
        ([Line(100)], 100, "more than zero"),
        ([Line(1_000_001)], 0, "limit of 1000000"),
    ],
)
def test_a_bill_that_cannot_be_is_refused(lines, discount, sentence):
    with pytest.raises(Malformed, match=sentence):
        Bill("A1", tuple(lines), discount).check(1_000_000)


def test_the_limit_itself_is_taken():
    Bill.of("A1", 1_000_000).check(1_000_000)


rates = st.integers(0, 50_000)
amounts = st.integers(0, 10**9)


@given(bps=rates, one=amounts, other=amounts)
def test_splitting_a_check_never_wins_a_point_and_loses_at_most_one(bps, one, other):
    whole, parts = points_for(one + other, bps), points_for(one, bps) + points_for(other, bps)
    assert parts <= whole <= parts + 1


@given(bps=rates, one=amounts, more=amounts)
def test_a_larger_check_never_earns_less(bps, one, more):
    assert points_for(one, bps) <= points_for(one + more, bps)


a_line = st.builds(
    lambda amount, part, kind, earns: Line(amount, amount * part // 100, kind, earns, earns),
    st.integers(0, 10**6),
    st.integers(0, 100),
    st.sampled_from(["item", "item", "tip", "gift_card"]),
    st.booleans(),
)


@given(lines=st.lists(a_line, min_size=1, max_size=6), percent=st.integers(0, 100))
def test_what_counts_is_never_more_than_what_is_owed_for_items(lines, percent):
    items = sum(line.net for line in lines if line.kind == "item")
    bill = Bill("A1", tuple(lines), items * percent // 100)
    assert 0 <= bill.earning_base <= items - bill.discount
    apart = Bill("A1", tuple(line for line in lines if line.earns or line.kind != "item"), 0)
    assert bill.earning_base <= apart.earning_base
