"""Crediting a check."""

import pytest

from tests.cast import issue_card, open_house
from tests.ledger.book import balance, earn, faults, lots, redeem, undo
from walletpass import database
from walletpass.errors import AlreadyEarned, Malformed
from walletpass.ledger import Bill, EntryType, Line


def test_a_check_of_24_50_earns_245_points(house):
    entry = earn(house, 2_450)
    assert (entry.type, entry.delta, entry.base, entry.check_id, entry.seq, entry.contra) == (EntryType.EARN, 245, 2_450, "A1", 1, "issued")
    assert (entry.source, entry.staff_id, entry.device_id, entry.event_at.utcoffset().total_seconds()) == ("till", "bruno", "counter", 0)
    assert balance(house).points == 245
    assert lots(house) == {1: 245}
    assert faults(house) == []


def test_only_the_net_of_earning_lines_earns(house):
    lines = (Line(2_000, discount=500), Line(1_000, earns=False), Line(300, kind="tip"))
    assert earn(house, Bill("A1", lines, discount=250)).base == 1_350
    assert balance(house).points == 135


def test_what_points_have_paid_earns_nothing(house):
    earn(house, 10_000)
    redeem(house, 400, "A2", amount=2_000)
    assert earn(house, 2_000, "A2").base == 1_600
    assert balance(house).points == 1_000 - 400 + 160


def test_an_undone_redemption_does_not_lower_what_is_earned(house):
    earn(house, 10_000)
    undo(house, redeem(house, 400, "A2", amount=2_000))
    assert earn(house, 2_000, "A2").base == 2_000


def test_points_paid_by_a_friend_on_the_same_check_do_not_earn_either(house):
    with database.transaction() as session:
        dmitro = issue_card(session, house.program, "Dmitro's friend")
    earn(house, 10_000, card=dmitro)
    redeem(house, 400, "A2", amount=2_000, card=dmitro)
    assert earn(house, 2_000, "A2").base == 1_600


def test_a_check_earns_once(house):
    first = earn(house)
    with pytest.raises(AlreadyEarned) as refused:
        earn(house)
    assert refused.value.details == {"entry": first.id}
    assert balance(house).points == 1_000


def test_a_check_earns_once_whoever_shows_the_card(house):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend")
    earn(house)
    with pytest.raises(AlreadyEarned):
        earn(house, card=friend)
    assert balance(house, friend).points == 0


def test_the_same_check_number_in_another_restaurant_is_another_check(house):
    sova = open_house("sova")
    earn(house)
    earn(sova)
    assert balance(house) == balance(sova)


def test_after_an_undo_the_check_may_earn_again(house):
    undo(house, earn(house))
    earn(house, 5_000)
    assert balance(house).points == 500
    assert faults(house) == []


def test_a_check_too_small_for_a_point_is_written_down_and_opens_no_lot(house):
    entry = earn(house, 9)
    assert (entry.delta, lots(house)) == (0, {})
    with pytest.raises(AlreadyEarned):
        earn(house, 9)
    undo(house, entry)
    assert balance(house).points == 0
    assert faults(house) == []


@pytest.mark.parametrize("amount", [0, -100, 1_000_001])
def test_an_amount_out_of_bounds_is_refused_and_nothing_is_written(luna, amount):
    with pytest.raises(Malformed):
        earn(luna, amount)
    assert faults(luna) == []
    assert lots(luna) == {}
