"""Taking back what was earned or paid."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from tests.cast import open_house
from tests.ledger.book import adjust, balance, earn, expire_at, faults, lots, paid_by, redeem, undo
from walletpass import database
from walletpass.database import now
from walletpass.errors import AlreadyReversed, Conflict, InsufficientBalance
from walletpass.ledger import EntryType, Lot


def test_an_undone_earn_takes_its_points_back(house):
    earned = earn(house)
    entry = undo(house, earned)
    assert (entry.type, entry.delta, entry.reverses, entry.check_id) == (EntryType.EARN_REVERSAL, -1_000, earned.seq, "A1")
    assert balance(house).points == 0
    assert lots(house) == {1: 0}
    assert faults(house) == []


def test_an_undone_earn_takes_its_own_lot_first(house):
    older, newer = earn(house, 1_000, "A1"), earn(house, 1_000, "A2")
    undo(house, newer)
    assert lots(house) == {older.seq: 100, newer.seq: 0}


def test_an_undone_earn_whose_points_are_spent_takes_others(house):
    older, newer = earn(house, 1_000, "A1"), earn(house, 1_000, "A2")
    redeem(house, 70)
    undo(house, older)
    assert lots(house) == {older.seq: 0, newer.seq: 30}
    assert balance(house).debt == 0


def test_an_undone_redemption_returns_to_the_lots_that_paid(house):
    earn(house, 1_000, "A1")
    earn(house, 1_000, "A2")
    redeemed = redeem(house, 150)
    entry = undo(house, redeemed)
    assert (entry.type, entry.delta, entry.reverses) == (EntryType.REDEEM_REVERSAL, 150, redeemed.seq)
    assert lots(house) == {1: 100, 2: 100}
    assert paid_by(house, entry) == {1: 100, 2: 50}
    assert faults(house) == []


def test_nothing_is_undone_twice(house):
    earned = earn(house)
    undo(house, earned)
    with pytest.raises(AlreadyReversed):
        undo(house, earned)
    assert balance(house).points == 0


def test_an_undo_is_not_undone_and_neither_is_a_correction(house):
    reversal = undo(house, earn(house))
    correction = adjust(house, 10)
    for entry in (reversal, correction):
        with pytest.raises(Conflict, match="Only points earned or paid"):
            undo(house, entry)


def test_an_undone_earn_of_spent_points_is_a_debt(house):
    earned = earn(house)
    redeem(house, 600)
    undo(house, earned)
    numbers = balance(house)
    assert (numbers.points, numbers.debt) == (0, 600)
    assert faults(house) == []


def test_debt_blocks_paying_with_points(house):
    earned = earn(house)
    redeem(house, 600)
    undo(house, earned)
    with pytest.raises(InsufficientBalance):
        redeem(house, 1, "B2")


def test_the_next_credits_pay_the_debt_first(house):
    earned = earn(house)
    redeem(house, 600)
    undo(house, earned)
    earn(house, 4_000, "A2")
    assert (balance(house).points, balance(house).debt) == (0, 200)
    adjust(house, 300)
    assert (balance(house).points, balance(house).debt) == (100, 0)
    assert faults(house) == []


def test_an_undone_redemption_pays_the_debt_first(house):
    earned = earn(house)
    redeemed = redeem(house, 600)
    undo(house, earned)
    undo(house, redeemed)
    assert (balance(house).points, balance(house).debt) == (0, 0)
    assert lots(house) == {1: 0}
    assert faults(house) == []


def test_an_undone_redemption_after_part_of_the_debt_was_paid(house):
    earned = earn(house)
    redeemed = redeem(house, 600)
    undo(house, earned)
    earn(house, 4_000, "A2")
    undo(house, redeemed)
    assert (balance(house).points, balance(house).debt) == (400, 0)
    assert lots(house) == {1: 400, 4: 0}
    assert faults(house) == []


def test_debt_above_the_limit_is_refused(db):
    house = open_house("luna", debt_limit=599)
    earned = earn(house)
    redeem(house, 600)
    with pytest.raises(Conflict, match="debt would be above"):
        undo(house, earned)
    assert (balance(house).points, balance(house).debt) == (400, 0)


def test_debt_up_to_the_limit_is_taken(db):
    house = open_house("luna", debt_limit=600)
    earned = earn(house)
    redeem(house, 600)
    undo(house, earned)
    assert balance(house).debt == 600


def test_what_comes_back_after_its_lot_expired_lives_for_a_grace(house):
    earned = earn(house)
    redeemed = redeem(house, 600)
    expire_at(house, earned, now() - timedelta(seconds=1))
    before = now()
    entry = undo(house, redeemed)
    with database.reading() as session:
        grace = session.exec(select(Lot).where(col(Lot.program_id) == house.id, col(Lot.seq) == entry.seq)).one()
    assert (grace.amount, grace.remaining, grace.from_lot, grace.source) == (600, 600, earned.seq, "redeem_reversal")
    assert timedelta(0) <= grace.expires_at - before - timedelta(days=14) < timedelta(minutes=1)
    assert balance(house).points == 600
    assert faults(house) == []


def test_a_redemption_from_a_living_and_an_expired_lot_comes_back_to_both_places(house):
    dying, living = earn(house, 1_000, "A1"), earn(house, 1_000, "A2")
    redeemed = redeem(house, 150)
    expire_at(house, dying, now())
    entry = undo(house, redeemed)
    assert lots(house) == {dying.seq: 0, living.seq: 100, entry.seq: 100}
    assert faults(house) == []


def test_an_undone_earn_whose_lot_has_expired_leaves_a_sound_account(house):
    earned = earn(house)
    redeem(house, 600)
    expire_at(house, earned, now())
    undo(house, earned)
    assert faults(house) == []
    assert (balance(house).points, balance(house).debt) == (0, 600)
