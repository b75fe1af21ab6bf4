"""Money goes back for a check, and points follow: in parts or at once, it comes to the same."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import issue_card, open_house
from tests.ledger.book import adjust, balance, earn, expire_at, faults, lots, redeem, refund, sweep, undo
from walletpass import database, programs
from walletpass.database import now
from walletpass.errors import AlreadyReversed, Conflict, Malformed, NotFound, WalletpassError
from walletpass.ledger import Balance, Bill, Line

serial = itertools.count(1)


@pytest.fixture
def house(db):
    return open_house("luna")


def test_a_whole_refund_takes_all_that_was_earned(house):
    earn(house, 8_450)
    done = refund(house, 8_450)
    assert (done.points_taken, done.points_back, done.money) == (845, 0, 8_450)
    assert balance(house) == Balance()
    assert faults(house) == []


def test_a_part_leaves_what_the_rest_earns(house):
    earn(house, 8_455)
    done = refund(house, 3_000)
    assert done.points_taken == 845 - 545
    assert balance(house).points == 545
    assert faults(house) == []


def test_points_that_paid_come_back_in_their_proportion(house):
    adjust(house, 500)
    redeem(house, 300, "A1", amount=1_000)
    earn(house, 1_000)
    assert balance(house).points == 270
    done = refund(house, 500)
    assert (done.points_back, done.points_taken, done.money) == (150, 35, 350)
    assert lots(house) == {1: 350, 3: 35}
    done = refund(house, 500)
    assert (done.points_back, done.points_taken, done.money) == (150, 35, 350)
    assert balance(house) == Balance(points=500)
    assert lots(house) == {1: 500, 3: 0}
    assert faults(house) == []


def test_lines_that_stay_say_what_they_earn(house):
    """The wine is taken back; the gift card that was bought with it has earned nothing and still does not."""
    dinner, wine, gift = Line(4_000), Line(2_000), Line(5_000, kind="gift_card")
    earn(house, Bill("A1", (dinner, wine, gift)))
    assert balance(house).points == 600
    refund(house, 2_000, remaining=Bill("A1", (dinner, gift)))
    assert balance(house).points == 400
    refund(house, 5_000, remaining=Bill("A1", (dinner,)))
    assert balance(house).points == 400


@pytest.mark.parametrize("amount", [0, -1, 8_451])
def test_more_than_the_check_is_refused_and_nothing_moves(house, amount):
    earn(house, 8_450)
    with pytest.raises(Malformed) as refused:
        refund(house, amount)
    assert refused.value.details == {"maximum": 8_450}
    assert balance(house).points == 845


def test_what_was_refunded_is_not_refunded_again(house):
    earn(house, 8_450)
    refund(house, 8_000)
    with pytest.raises(Malformed) as refused:
        refund(house, 451)
    assert refused.value.details == {"maximum": 450}
    refund(house, 450)
    with pytest.raises(NotFound):
        refund(house, 1)
    with pytest.raises(NotFound):
        refund(house, 1, "another")


def test_lines_that_do_not_add_up_are_refused(house):
    earn(house, 1_000)
    with pytest.raises(Malformed, match="must add up to 600"):
        refund(house, 400, remaining=Bill.of("A1", 500))
    with pytest.raises(Malformed):
        refund(house, 400, remaining=Bill.of("B1", 600))


def test_the_rate_is_that_of_the_check(house):
    earn(house, 10_000)
    with database.transaction() as session:
        programs.get(session, house.id).earn_bps = 5_000
    refund(house, 5_000)
    assert balance(house).points == 500


def test_a_check_that_was_refunded_whole_may_earn_anew(house):
    earn(house, 1_000)
    refund(house, 1_000)
    earn(house, 1_000)
    assert balance(house).points == 100


def test_what_a_refund_has_left_can_be_undone_once(house):
    earned = earn(house, 1_000)
    refund(house, 400)
    assert undo(house, earned).delta == -60
    with pytest.raises(AlreadyReversed):
        undo(house, earned)
    assert balance(house) == Balance()
    assert faults(house) == []


def test_points_that_have_expired_are_not_taken_a_second_time(house):
    earned = earn(house, 10_000)
    redeem(house, 600)
    expire_at(house, earned, now())
    sweep(house)
    done = refund(house, 10_000)
    assert done.points_taken == 600
    assert balance(house) == Balance(debt=600)
    assert faults(house) == []


def test_points_that_were_spent_become_a_debt_up_to_the_limit(db):
    house = open_house("luna", debt_limit=400)
    earn(house, 10_000)
    redeem(house, 900)
    refund(house, 5_000)
    assert balance(house) == Balance(debt=400)
    with pytest.raises(Conflict, match="debt would be above"):
        refund(house, 1_000)
    assert balance(house) == Balance(debt=400)
    assert faults(house) == []


def test_points_of_two_guests_go_back_to_each(house):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend", "+49 151 11111111")
    adjust(house, 100)
    adjust(house, 100, card=friend)
    redeem(house, 100, "A1", amount=1_000)
    redeem(house, 100, "A1", amount=1_000, card=friend)
    earn(house, 1_000)
    done = refund(house, 750)
    assert (done.points_back, done.money) == (150, 600)
    assert balance(house, friend).points == 50
    refund(house, 250)
    assert (balance(house).points, balance(house, friend).points) == (100, 100)
    assert faults(house) == []


def test_of_refunds_at_once_no_more_goes_back_than_the_check_was(house):
    earn(house, 1_000)

    def try_it(_):
        try:
            return refund(house, 400).money
        except WalletpassError as error:
            return type(error)

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(try_it, range(6)), key=str) == [400, 400, *[Malformed] * 4]
    assert balance(house).points == 20
    assert faults(house) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), amount=st.integers(2, 9_999), bps=st.sampled_from([1, 333, 1_000, 9_999]), value=st.sampled_from([1, 3]))
def test_parts_add_up_to_the_whole_however_it_is_cut(sqlite, data, amount, bps, value):
    """No drift: after the last part the purse holds what it held before the check, and never less than the rest has earned."""
    name = f"r{next(serial):03}"
    house = open_house(name, earn_bps=bps, point_value=value, cap_percent=100)
    adjust(house, 1_000)
    points = data.draw(st.integers(0, min(1_000, amount // value)), label="points")
    if points:
        redeem(house, points, "A1", amount=amount)
    earned = earn(house, amount).delta
    left, back, taken, money = amount, 0, 0, 0
    while left:
        part = data.draw(st.integers(1, left), label="part")
        done = refund(house, part)
        left -= part
        back, taken, money = back + done.points_back, taken + done.points_taken, money + done.money
        assert done.money >= 0
        assert 0 <= amount - left - money - back * value < value
        stays = max(0, left - (points - back) * value) * bps // 10_000 if left else 0
        assert taken >= earned - stays
        assert faults(house) == []
    assert (back, taken) == (points, earned)
    assert balance(house) == Balance(points=1_000)
    assert money == amount - points * value
