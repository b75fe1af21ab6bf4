"""The right check on the wrong card, and one guest with two cards."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.ledger.book import TILL, adjust, another_card, balance, done, earn, faults, hold, redeem, refund, seen, undo, use_rules
from walletpass import cards, database, ledger
from walletpass.errors import AlreadyReversed, Conflict, Gone, WalletpassError
from walletpass.ledger import Balance, Origin

MAY = datetime(2026, 5, 12, 12, tzinfo=UTC)


def by_number(house, card):
    with database.reading() as session:
        return cards.find(session, house.id, card.number).id


def test_an_earn_moves_with_the_time_at_which_it_was_earned(house):
    other = another_card(house)
    with time_machine.travel(MAY, tick=False) as clock:
        use_rules(house, expiry="earned", expiry_days=10)
        earned = earn(house)
        clock.shift(timedelta(days=3))
        moved = done(house, ledger.move, earned, other, TILL)
        assert (balance(house), balance(house, other)) == (Balance(), Balance(points=1_000))
        assert moved.event_at == MAY
        with database.reading() as session:
            assert ledger.schedule(session, house.id, other.id) == [(MAY + timedelta(days=10), 1_000)]
        assert refund(house, 5_000).points_taken == 500
        assert balance(house, other) == Balance(points=500)
        assert faults(house) == []


def test_of_two_who_move_one_check_one_wins(house):
    others = [another_card(house, f"Guest {number}") for number in range(4)]
    earned = earn(house)

    def try_it(card):
        try:
            return done(house, ledger.move, earned, card, TILL)
        except WalletpassError as error:
            return error

    with ThreadPoolExecutor(4) as many:
        outcomes = list(many.map(try_it, others))
    assert sum(not isinstance(one, WalletpassError) for one in outcomes) == 1
    assert {type(one) for one in outcomes if isinstance(one, WalletpassError)} == {AlreadyReversed}
    assert sum(balance(house, card).points for card in others) == 1_000
    assert faults(house) == []


def test_what_the_wrong_guest_has_spent_is_owed(luna):
    other = another_card(luna)
    earned = earn(luna)
    redeem(luna, 400)
    done(luna, ledger.move, earned, other, TILL)
    assert (balance(luna), balance(luna, other)) == (Balance(debt=400), Balance(points=1_000))


def test_only_an_earn_moves_and_to_somebody_else(luna):
    other = another_card(luna)
    adjust(luna, 500)
    paid = redeem(luna, 100)
    earned = earn(luna, check="A2")
    for entry, card in ((paid, other), (earned, luna.ana)):
        with pytest.raises(Conflict):
            done(luna, ledger.move, entry, card, TILL)
    undo(luna, earned)
    with pytest.raises(AlreadyReversed):
        done(luna, ledger.move, earned, other, TILL)


def test_nobody_gives_points_to_their_own_card(luna):
    own = Origin("till", staff_id="bruno", reason="a test", own_card=luna.ana.id)
    other = another_card(luna)
    earned = earn(luna, card=other)
    for deed in (
        lambda: done(luna, ledger.earn, luna.ana, ledger.Bill.of("X1", 1_000), own),
        lambda: done(luna, ledger.adjust, luna.ana, 10, own),
        lambda: done(luna, ledger.move, earned, luna.ana, own),
    ):
        with pytest.raises(WalletpassError, match="your own card"):
            deed()
    assert balance(luna) == Balance()


def test_two_cards_become_one_and_both_codes_open_it(house):
    other = another_card(house)
    with time_machine.travel(MAY, tick=False):
        use_rules(house, expiry="earned", expiry_days=10)
        earn(house, 1_000, "A1")
        earn(house, 2_000, "B1", card=other)
        done(house, ledger.merge, other, house.ana, TILL)
        done(house, ledger.merge, other, house.ana, TILL)
        assert (balance(house), balance(house, other)) == (Balance(points=300), Balance())
        assert by_number(house, other) == house.ana.id
        with database.reading() as session:
            assert ledger.schedule(session, house.id, house.ana.id) == [(MAY + timedelta(days=10), 300)]
        assert seen(house)["points"] == 300
        with database.reading() as session:
            assert cards.get(session, house.id, other.id).shown["points"] == 300
        assert faults(house) == []


def test_an_old_check_of_the_old_card_is_refunded_from_the_survivor(house):
    other = another_card(house)
    earn(house, 2_000, "B1", card=other)
    done(house, ledger.merge, other, house.ana, TILL)
    assert refund(house, 1_000, "B1").points_taken == 100
    assert (balance(house), balance(house, other)) == (Balance(points=100), Balance())
    redeem(house, 100, "C1")
    refund(house, 1_000, "B1")
    assert (balance(house), balance(house, other)) == (Balance(debt=100), Balance())
    assert faults(house) == []


def test_points_that_paid_from_the_old_card_come_back_to_the_survivor(house):
    other = another_card(house)
    adjust(house, 500, card=other)
    paid = redeem(house, 300, "B1", card=other)
    done(house, ledger.merge, other, house.ana, TILL)
    undo(house, paid)
    assert (balance(house), balance(house, other)) == (Balance(points=500), Balance())
    assert faults(house) == []


def test_a_debt_goes_along(luna):
    other = another_card(luna)
    earn(luna, check="B1", card=other)
    redeem(luna, 800, "B2", card=other)
    refund(luna, 10_000, "B1")
    adjust(luna, 500)
    done(luna, ledger.merge, other, luna.ana, TILL)
    assert (balance(luna), balance(luna, other)) == (Balance(debt=300), Balance())
    assert faults(luna) == []


def test_within_a_day_they_part_again_with_what_is_left(luna):
    other = another_card(luna)
    with time_machine.travel(MAY, tick=False) as clock:
        adjust(luna, 100)
        adjust(luna, 500, card=other)
        merged = done(luna, ledger.merge, other, luna.ana, TILL)
        redeem(luna, 250)
        clock.shift(timedelta(hours=23))
        done(luna, ledger.unmerge, merged, TILL)
        assert (balance(luna), balance(luna, other)) == (Balance(), Balance(points=350))
        assert by_number(luna, other) == other.id
        with pytest.raises(AlreadyReversed):
            done(luna, ledger.unmerge, merged, TILL)
        merged = done(luna, ledger.merge, other, luna.ana, TILL)
        clock.shift(timedelta(hours=25))
        with pytest.raises(Gone):
            done(luna, ledger.unmerge, merged, TILL)
        assert faults(luna) == []


def test_cards_that_cannot_become_one(luna):
    other, third = another_card(luna), another_card(luna, "Chiara")
    with pytest.raises(Conflict):
        done(luna, ledger.merge, luna.ana, luna.ana, TILL)
    adjust(luna, 500)
    held = hold(luna, 100)
    with pytest.raises(Conflict, match="held"):
        done(luna, ledger.merge, luna.ana, other, TILL)
    done(luna, ledger.release, held.id, TILL)
    done(luna, ledger.merge, luna.ana, other, TILL)
    with pytest.raises(Conflict):
        done(luna, ledger.merge, luna.ana, third, TILL)
    # One after the other is fine: the first code opens the last card.
    done(luna, ledger.merge, other, third, TILL)
    assert by_number(luna, luna.ana) == third.id
    assert balance(luna, third).points == 500
