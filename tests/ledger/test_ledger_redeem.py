"""Paying with points."""

from datetime import timedelta

import pytest

from tests.cast import issue_card, open_house
from tests.ledger.book import balance, earn, expire_at, faults, lots, paid_by, redeem, undo
from walletpass import database, ledger, programs
from walletpass.database import now
from walletpass.errors import AboveCap, AlreadyEarned, InsufficientBalance, Malformed
from walletpass.ledger import Bill, EntryType, Line


def most(house, bill):
    with database.reading() as session:
        return ledger.most_redeemable(session, programs.get(session, house.id), bill)


def test_points_pay_a_part_of_a_check(house):
    earn(house, 10_000)
    entry = redeem(house, 300, amount=2_000)
    assert (entry.type, entry.delta, entry.base, entry.contra) == (EntryType.REDEEM, -300, 2_000, "redeemed")
    assert balance(house).points == 700
    assert faults(house) == []


def test_half_of_a_check_is_the_most(house):
    earn(house, 100_000)
    with pytest.raises(AboveCap) as refused:
        redeem(house, 1_001, amount=2_001)
    assert refused.value.details == {"maximum": 1_000}
    redeem(house, 1_000, amount=2_001)
    assert balance(house).points == 9_000


def test_a_second_redemption_takes_only_what_the_cap_has_left(house):
    earn(house, 100_000)
    redeem(house, 600, amount=2_000)
    with pytest.raises(AboveCap) as refused:
        redeem(house, 401, amount=2_000)
    assert refused.value.details == {"maximum": 400}
    redeem(house, 400, amount=2_000)
    assert most(house, Bill.of("B1", 2_000)) == 0


def test_the_cap_is_the_check_s_not_the_card_s(house):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend")
    earn(house, 100_000)
    earn(house, 100_000, "A2", card=friend)
    redeem(house, 1_000, amount=2_000, card=friend)
    with pytest.raises(AboveCap) as refused:
        redeem(house, 1, amount=2_000)
    assert refused.value.details == {"maximum": 0}


def test_an_undone_redemption_gives_the_cap_free(house):
    earn(house, 100_000)
    undo(house, redeem(house, 1_000, amount=2_000))
    redeem(house, 1_000, amount=2_000)
    assert balance(house).points == 9_000


def test_points_pay_nothing_of_what_is_not_redeemable(house):
    earn(house, 100_000)
    bill = Bill("B1", (Line(1_000), Line(1_000, redeemable=False), Line(500, kind="tip")))
    assert most(house, bill) == 500


@pytest.mark.parametrize(
    ("rules", "amount", "expected"),
    [
        ({}, 2_000, 1_000),
        ({"cap_percent": 0}, 2_000, 0),
        ({"cap_percent": 100}, 2_000, 2_000),
        ({"cap_percent": 33}, 999, 329),
        ({"cap_percent": 100, "minimum_money": 500}, 2_000, 1_500),
        ({"cap_percent": 50, "minimum_money": 1_500}, 2_000, 500),
        ({"minimum_money": 5_000}, 2_000, 0),
        ({"point_value": 3}, 2_000, 333),
        ({"point_value": 3, "cap_percent": 100}, 2, 0),
    ],
)
def test_the_most_a_check_takes(sqlite, rules, amount, expected):
    assert most(open_house("luna", **rules), Bill.of("B1", amount)) == expected


def test_fewer_points_than_the_least_are_refused(sqlite):
    house = open_house("luna", minimum_points=50)
    earn(house)
    with pytest.raises(Malformed, match="At least 50"):
        redeem(house, 49)
    redeem(house, 50)
    assert balance(house).points == 950


def test_more_than_there_is_is_refused_with_what_there_is(house):
    earn(house)
    with pytest.raises(InsufficientBalance) as refused:
        redeem(house, 1_001)
    assert refused.value.details == {"available": 1_000}
    assert lots(house) == {1: 1_000}


def test_a_new_card_has_nothing_to_spend(house):
    with pytest.raises(InsufficientBalance):
        redeem(house, 1)
    assert faults(house) == []


@pytest.mark.parametrize("points", [0, -1])
def test_points_are_above_zero(luna, points):
    with pytest.raises(Malformed):
        redeem(luna, points)


def test_a_check_that_has_earned_takes_no_points(house):
    earn(house)
    with pytest.raises(AlreadyEarned):
        redeem(house, 10, "A1", amount=10_000)


def test_the_soonest_expiry_pays_first_then_the_oldest(house):
    forever, late, soon, also_forever = (earn(house, 1_000, f"A{number}") for number in range(4))
    expire_at(house, late, now() + timedelta(days=60))
    expire_at(house, soon, now() + timedelta(days=30))
    entry = redeem(house, 350)
    assert paid_by(house, entry) == {soon.seq: 100, late.seq: 100, forever.seq: 100, also_forever.seq: 50}
    assert lots(house) == {1: 0, 2: 0, 3: 0, 4: 50}


def test_two_lots_with_one_expiry_pay_in_their_order(house):
    moment = now() + timedelta(days=30)
    entries = [earn(house, 1_000, f"A{number}") for number in range(3)]
    for entry in reversed(entries):
        expire_at(house, entry, moment)
    assert paid_by(house, redeem(house, 150)) == {1: 100, 2: 50}


def test_an_expired_lot_pays_nothing(house):
    old, _new = earn(house, 1_000, "A1"), earn(house, 1_000, "A2")
    expire_at(house, old, now())
    with pytest.raises(InsufficientBalance):
        redeem(house, 101)
    assert paid_by(house, redeem(house, 100)) == {2: 100}
