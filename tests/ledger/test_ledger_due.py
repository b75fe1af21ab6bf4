"""What time does alone: points ripen and end, once each, whoever looks first."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import col, select

from tests.cast import open_house
from tests.ledger.book import adjust, balance, earn, expire_at, faults, lots, redeem, sweep, undo, wait_until
from walletpass import database
from walletpass.database import now
from walletpass.errors import InsufficientBalance
from walletpass.ledger import Balance, Entry


@pytest.fixture
def house(db):
    return open_house("luna")


def history(house):
    with database.reading() as session:
        return [(entry.type, entry.delta) for entry in session.exec(select(Entry).order_by(col(Entry.seq)))]


def test_points_that_have_ended_are_not_shown_even_before_anybody_wrote_it_down(house):
    expire_at(house, earn(house), now())
    assert balance(house) == Balance()
    assert history(house) == [("earn", 1_000)]


def test_points_end_once(house):
    expire_at(house, earn(house), now())
    earn(house, 500, "A2")
    assert [sweep(house), sweep(house)] == [[], []]
    assert history(house) == [("earn", 1_000), ("expire", -1_000), ("earn", 50)]
    assert balance(house) == Balance(points=50)
    assert faults(house) == []


def test_the_sweep_finds_what_nobody_touches(house):
    expire_at(house, earn(house), now())
    assert sweep(house) == [house.ana.id]
    assert lots(house) == {1: 0}
    assert faults(house) == []


def test_sweeps_beside_each_other_end_a_lot_once(house):
    expire_at(house, earn(house), now())
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: sweep(house), range(6)))
    assert history(house) == [("earn", 1_000), ("expire", -1_000)]


def test_only_what_is_left_ends(house):
    earned = earn(house)
    redeem(house, 600)
    expire_at(house, earned, now())
    sweep(house)
    assert history(house)[-1] == ("expire", -400)
    assert faults(house) == []


def test_points_that_wait_are_seen_and_not_spent(house):
    wait_until(house, earn(house), now() + timedelta(days=1))
    assert balance(house) == Balance(pending=1_000)
    with pytest.raises(InsufficientBalance):
        redeem(house, 1)
    assert faults(house) == []


def test_points_ripen_by_themselves(house):
    wait_until(house, earn(house), now())
    sweep(house)
    assert history(house) == [("earn", 1_000), ("activate", 0)]
    assert balance(house) == Balance(points=1_000)
    redeem(house, 1_000)
    assert faults(house) == []


def test_an_undone_earn_takes_its_own_waiting_points_first(house):
    adjust(house, 300)
    earned = earn(house)
    wait_until(house, earned, now() + timedelta(days=1))
    undo(house, earned)
    assert balance(house) == Balance(points=300)
    assert faults(house) == []


def test_ripening_pays_the_debt_first(house):
    spent, waiting = earn(house, 4_000, "A0"), earn(house, 10_000, "A1")
    wait_until(house, waiting, now() + timedelta(days=1))
    redeem(house, 400)
    undo(house, spent)
    assert balance(house) == Balance(pending=1_000, debt=400)
    with time_machine.travel(now() + timedelta(days=1), tick=True):
        sweep(house)
        assert balance(house) == Balance(points=600)
    assert faults(house) == []
