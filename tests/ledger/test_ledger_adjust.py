"""Corrections by hand."""

from datetime import timedelta

import pytest

from tests.ledger.book import TILL, adjust, balance, earn, expire_at, faults, lots
from walletpass.database import now
from walletpass.errors import InsufficientBalance, Malformed
from walletpass.ledger import EntryType, Origin


def test_points_are_given_by_hand(house):
    entry = adjust(house, 150)
    assert (entry.type, entry.delta, entry.contra, entry.reason) == (EntryType.ADJUST, 150, "adjustment", TILL.reason)
    assert balance(house).points == 150
    assert faults(house) == []


def test_points_are_taken_by_hand_oldest_first(house):
    earn(house, 1_000, "A1")
    earn(house, 1_000, "A2")
    adjust(house, -150)
    assert lots(house) == {1: 0, 2: 50}
    assert faults(house) == []


def test_a_correction_never_goes_below_zero(house):
    earn(house, 5_000)
    with pytest.raises(InsufficientBalance) as refused:
        adjust(house, -501)
    assert refused.value.details == {"available": 500}
    adjust(house, -500)
    assert balance(house).points == 0


def test_a_correction_does_not_take_what_has_expired(house):
    expire_at(house, earn(house, 1_000), now() - timedelta(seconds=1))
    with pytest.raises(InsufficientBalance):
        adjust(house, -100)
    assert faults(house) == []


@pytest.mark.parametrize("points", [0, 1_001, -1_001])
def test_a_correction_has_a_limit(luna, points):
    earn(luna, 100_000)
    with pytest.raises(Malformed, match="between 1 and 1000"):
        adjust(luna, points)


def test_a_correction_needs_a_reason(luna):
    with pytest.raises(Malformed, match="needs a reason"):
        adjust(luna, 10, origin=Origin("till"))
