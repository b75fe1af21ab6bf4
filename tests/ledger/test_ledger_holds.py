"""Points that are promised to an open check: nobody else spends them, and they come back where the promise ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine

from tests.cast import issue_card, open_house
from tests.ledger.book import adjust, balance, capture, earn, expire_at, faults, hold, lots, paid_by, redeem, release, sweep, undo
from walletpass import database
from walletpass.database import now
from walletpass.errors import AboveCap, Conflict, Gone, InsufficientBalance, Malformed, NotFound
from walletpass.ledger import Balance


@pytest.fixture
def house(db):
    made = open_house("luna")
    earn(made, 10_000, "A1")
    return made


def later(**time):
    return time_machine.travel(now() + timedelta(**time), tick=True)


def test_what_is_held_is_neither_spent_nor_shown(house):
    hold(house, 400)
    assert balance(house) == Balance(points=600, held=400)
    with pytest.raises(InsufficientBalance):
        redeem(house, 601, "B2")
    redeem(house, 600, "B2")
    assert balance(house) == Balance(points=0, held=400)
    assert faults(house) == []


def test_a_capture_pays_out_of_the_lots_that_were_promised(house):
    soon = adjust(house, 300)
    expire_at(house, soon, now() + timedelta(days=1))
    held = hold(house, 400)
    adjust(house, 200)
    entry = capture(house, held)
    assert (entry.type, entry.delta, entry.check_id) == ("redeem", -400, "B1")
    assert paid_by(house, entry) == {soon.seq: 300, 1: 100}
    assert balance(house) == Balance(points=1_100)
    assert faults(house) == []


def test_a_part_may_be_captured_and_the_rest_is_free(house):
    held = hold(house, 400)
    entry = capture(house, held, 150)
    assert balance(house) == Balance(points=850)
    undo(house, entry)
    assert balance(house) == Balance(points=1_000)
    assert faults(house) == []


@pytest.mark.parametrize("points", [0, -1, 401])
def test_more_than_was_held_is_not_captured(house, points):
    held = hold(house, 400)
    with pytest.raises(Malformed, match="from 1 to 400"):
        capture(house, held, points)
    assert balance(house) == Balance(points=600, held=400)


def test_a_check_that_became_smaller_takes_less(house):
    held = hold(house, 400)
    with pytest.raises(AboveCap) as refused:
        capture(house, held, amount=600)
    assert refused.value.details == {"maximum": 300}
    capture(house, held, 300, amount=600)
    assert balance(house).points == 700


def test_two_holds_share_the_cap_of_their_check(house):
    hold(house, 300, amount=1_000)
    with pytest.raises(AboveCap) as refused:
        hold(house, 300, amount=1_000)
    assert refused.value.details == {"maximum": 200}
    with pytest.raises(AboveCap):
        redeem(house, 300, amount=1_000)


def test_a_release_gives_everything_back(house):
    held = hold(house, 400)
    assert release(house, held).delta == 0
    assert balance(house) == Balance(points=1_000)
    assert lots(house) == {1: 1_000}
    assert faults(house) == []


def test_a_hold_ends_once(house):
    spent, freed = hold(house, 100), hold(house, 100)
    capture(house, spent)
    release(house, freed)
    with pytest.raises(Conflict, match="paid already"):
        capture(house, spent)
    with pytest.raises(Conflict, match="paid already"):
        release(house, spent)
    with pytest.raises(Gone):
        capture(house, freed)
    with pytest.raises(NotFound):
        release(house, type(freed)(id="nothing", program_id="luna"))
    assert balance(house) == Balance(points=900)


def test_a_late_capture_is_refused_and_holds_nothing_again(house):
    held = hold(house, 400)
    with later(minutes=15, seconds=1):
        with pytest.raises(Gone, match="free again"):
            capture(house, held)
        assert sweep(house) == [house.ana.id]
        assert balance(house) == Balance(points=1_000)
        assert sweep(house) == []
    assert faults(house) == []


def test_a_lapsed_hold_makes_way_for_the_next_deed(house):
    hold(house, 1_000)
    with later(minutes=16):
        redeem(house, 1_000, "B2")
    assert balance(house) == Balance()
    assert faults(house) == []


def test_held_points_outlive_their_lot_until_they_are_paid(house):
    expire_at(house, earn(house, 1_000, "A2"), now() + timedelta(minutes=5))
    held = hold(house, 100)
    with later(minutes=10):
        assert sweep(house) == []
        capture(house, held)
    assert lots(house) == {1: 1_000, 2: 0}
    assert faults(house) == []


def test_released_points_of_a_lot_that_is_over_end_with_it(house):
    earned = earn(house, 1_000, "A2")
    expire_at(house, earned, now() + timedelta(minutes=5))
    held = hold(house, 60)
    with later(minutes=10):
        release(house, held)
        assert balance(house) == Balance(points=1_000)
        sweep(house)
        assert balance(house) == Balance(points=1_000)
    assert lots(house) == {1: 1_000, 2: 0}
    assert faults(house) == []


def test_what_comes_back_pays_the_debt_that_was_made_meanwhile(house):
    earned = earn(house, 5_000, "A2")
    held = hold(house, 400)
    redeem(house, 1_100, "B2")
    undo(house, earned)
    assert balance(house) == Balance(held=400, debt=500)
    release(house, held)
    assert balance(house) == Balance(debt=100)
    assert faults(house) == []


def test_a_check_does_not_close_over_an_open_hold(house):
    held = hold(house, 400, "C1")
    with pytest.raises(Conflict, match="still held"):
        earn(house, 10_000, "C1")
    capture(house, held)
    assert earn(house, 10_000, "C1").base == 9_600


def test_of_two_captures_at_once_one_pays(house):
    held = hold(house, 400)

    def try_it(_):
        try:
            return capture(house, held).delta
        except Conflict:
            return None

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(try_it, range(8)), key=str) == [-400, *[None] * 7]
    assert balance(house) == Balance(points=600)
    assert faults(house) == []


def test_a_hold_of_another_restaurant_is_not_known(house):
    sova = open_house("sova")
    held = hold(house, 100)
    with pytest.raises(NotFound):
        capture(sova, held)
    with database.transaction() as session:
        bela = issue_card(session, sova.program, "Bela", "+49 151 99999999")
    assert balance(sova, bela) == Balance()
