"""What a restaurant takes back when points were spent already."""

import pytest

from tests.ledger.book import TILL, adjust, balance, done, earn, faults, redeem, refund, undo, use_rules
from walletpass import ledger
from walletpass.errors import Conflict, InsufficientBalance, Malformed
from walletpass.ledger import Balance, Origin


def spent(house, policy, **rules):
    """A thousand points are earned and 800 of them spent."""
    use_rules(house, refund_policy=policy, **rules)
    earn(house)
    redeem(house, 800)


def test_a_debt_is_paid_by_whatever_comes_next(house):
    spent(house, "debt")
    refund(house, 10_000)
    assert balance(house) == Balance(debt=800)
    with pytest.raises(InsufficientBalance):
        redeem(house, 1, "B2")
    earn(house, 5_000, "A2")
    assert balance(house) == Balance(debt=300)
    adjust(house, 400)
    assert balance(house) == Balance(points=100)
    assert faults(house) == []


def test_a_debt_above_the_limit_is_refused_and_nothing_is_refunded(house):
    spent(house, "debt", debt_limit=799)
    with pytest.raises(Conflict):
        refund(house, 10_000)
    assert balance(house) == Balance(points=200)


def test_within_the_balance_the_rest_is_left_to_the_guest(house):
    spent(house, "within_balance")
    assert refund(house, 5_000).points_taken == 200
    adjust(house, 500)
    # What was let go stays so: the next part does not ask for it again.
    assert refund(house, 5_000).points_taken == 500
    assert balance(house) == Balance()
    assert faults(house) == []


def test_only_what_waits_is_taken_where_the_owner_is_generous(house):
    spent(house, "only_pending")
    assert refund(house, 10_000).points_taken == 0
    use_rules(house, pending="days")
    earn(house, 3_000, "A2")
    assert refund(house, 3_000, "A2").points_taken == 300
    assert balance(house) == Balance(points=200)
    assert faults(house) == []


def test_an_undone_earn_follows_the_same_rule(house):
    use_rules(house, refund_policy="within_balance")
    earned = earn(house)
    redeem(house, 800)
    assert undo(house, earned).delta == -200
    assert balance(house) == Balance()


def test_a_manager_forgives_a_debt_with_a_reason(luna):
    spent(luna, "debt")
    refund(luna, 10_000)
    done(luna, ledger.writeoff, luna.ana, 500, TILL)
    assert balance(luna) == Balance(debt=300)
    with pytest.raises(Conflict, match="owes 300"):
        done(luna, ledger.writeoff, luna.ana, 301, TILL)
    with pytest.raises(Malformed, match="reason"):
        done(luna, ledger.writeoff, luna.ana, 300, Origin("till"))
    assert faults(luna) == []
