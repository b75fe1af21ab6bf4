"""Stamps, cashback, discounts, and what of a check counts: the same ledger carries them all."""

import pytest

from tests.ledger.book import TILL, add_tiers, adjust, balance, done, earn, faults, redeem, refund, seen, use_rules
from walletpass import ledger
from walletpass.errors import AboveCap, Malformed
from walletpass.ledger import Bill, Line


def coffees(check, count, price=350, **more):
    return Bill(check, (Line(price * count, category="coffee", quantity=count),), **more)


@pytest.fixture
def stamps(luna):
    use_rules(luna, kind="stamps", stamp_goal=5, stamp_categories=["coffee"])
    return luna


def test_twelve_stamps_on_a_card_of_five_are_two_rewards_and_two_stamps(stamps):
    earn(stamps, coffees("A1", 12))
    assert seen(stamps) | {"points": 12, "stamps": 2, "rewards": 2} == seen(stamps)


def test_only_what_is_stamped_gets_a_stamp_and_a_typed_amount_is_one(stamps):
    earn(stamps, Bill("A1", (Line(700, category="coffee", quantity=2), Line(900, category="cake"))))
    assert balance(stamps).points == 2
    earn(stamps, 1_250, "A2")
    assert balance(stamps).points == 3


def test_a_full_card_makes_the_cheapest_free_and_the_free_one_earns_no_stamp(stamps):
    earn(stamps, coffees("A1", 5))
    bill = Bill("A2", (Line(450, category="coffee"), Line(350, category="coffee"), Line(900, category="cake")))
    assert done(stamps, ledger.quote, stamps.ana, bill) == ledger.Quote(5, 5, 5, 350, 2, 0, "")
    redeem(stamps, 5, amount=bill)
    earn(stamps, bill)
    assert balance(stamps).points == 1
    assert faults(stamps) == []


def test_half_a_card_pays_nothing(stamps):
    earn(stamps, coffees("A1", 9))
    with pytest.raises(Malformed, match="A full card of 5 stamps pays one item"):
        redeem(stamps, 7, amount=coffees("A2", 2))
    with pytest.raises(AboveCap):
        redeem(stamps, 5, amount=Bill("A3", (Line(900, category="cake"),)))
    assert balance(stamps).points == 9


def test_a_refund_takes_stamps_in_proportion_and_gives_whole_rewards_back(stamps):
    earn(stamps, coffees("A1", 6))
    redeem(stamps, 5, amount=coffees("A2", 2))
    earn(stamps, coffees("A2", 2))
    assert balance(stamps).points == 2
    assert refund(stamps, 350, "A2").points_back == 0
    assert refund(stamps, 350, "A2").points_back == 5
    assert balance(stamps).points == 6
    assert faults(stamps) == []


def test_cashback_is_a_share_of_the_money(luna):
    use_rules(luna, kind="cashback", earn_bps=500)
    earn(luna, 8_450)
    assert balance(luna).points == 422


def test_a_program_of_discounts_gives_no_points_and_counts_visits(luna):
    use_rules(luna, kind="discount", tier_by="visits")
    add_tiers(luna, ("Silver", 1, 0, 5))
    earn(luna, 8_450)
    assert balance(luna).points == 0
    assert done(luna, ledger.quote, luna.ana, Bill.of("A2", 1_000)).discount == 50
    adjust(luna, 100)
    with pytest.raises(AboveCap):
        redeem(luna, 10, "A3")


def test_what_the_owner_leaves_out_neither_earns_nor_is_paid_with_points(luna):
    use_rules(luna, no_earn_categories=["tobacco"], no_redeem_categories=["wine"], cap_percent=100)
    adjust(luna, 1_000)
    bill = Bill("A1", (Line(1_000, category="tobacco"), Line(2_000, category="wine"), Line(500)))
    assert done(luna, ledger.quote, luna.ana, bill).most == 1_000
    earn(luna, bill)
    assert balance(luna).points == 1_000 + 250
    small = Bill("A2", (Line(2_000, category="wine"), Line(300)))
    assert done(luna, ledger.quote, luna.ana, small).most == 300


def test_taxes_earn_unless_the_owner_says_otherwise(luna):
    bill = Bill("A1", (Line(1_190, tax=190),))
    assert done(luna, ledger.quote, luna.ana, bill).earns == 119
    use_rules(luna, tax_earns=False)
    assert done(luna, ledger.quote, luna.ana, bill).earns == 100


@pytest.mark.parametrize(("tender_earns", "sold", "paid"), [(True, 0, 100), (False, 100, 0)])
def test_a_gift_card_earns_once(luna, tender_earns, sold, paid):
    use_rules(luna, gift_card_earns=tender_earns)
    assert done(luna, ledger.quote, luna.ana, Bill("A1", (Line(1_000, kind="gift_card"),))).earns == sold
    assert done(luna, ledger.quote, luna.ana, Bill("A2", (Line(1_000),), gift_card=1_000)).earns == paid


@pytest.mark.parametrize(
    "bill", [Bill("A1", (Line(100, quantity=0),)), Bill("A1", (Line(100, tax=101),)), Bill("A1", (Line(100),), gift_card=101)]
)
def test_a_bill_that_cannot_be_is_refused(luna, bill):
    with pytest.raises(Malformed):
        earn(luna, bill)
    assert balance(luna).points == 0


def test_points_are_worth_what_they_were_when_they_paid(luna):
    """The owner doubles a point's worth between the dinner and its refund."""
    adjust(luna, 500)
    redeem(luna, 300, "A1", amount=1_000)
    earn(luna, 1_000)
    use_rules(luna, point_value=2)
    given = refund(luna, 1_000)
    assert (given.points_back, given.money) == (300, 700)


def test_what_a_quote_says_is_what_is_booked(luna):
    adjust(luna, 500)
    bill = Bill("A1", (Line(3_000), Line(700, kind="tip")), discount=100)
    told = done(luna, ledger.quote, luna.ana, bill)
    redeem(luna, told.most, amount=bill)
    assert done(luna, ledger.quote, luna.ana, bill).earns == done(luna, ledger.earn, luna.ana, bill, TILL).delta
