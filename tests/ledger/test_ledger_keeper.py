"""Accounts that nobody touches are looked after, and their cards say so."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.ledger.book import add_tiers, another_card, balance, done, earn, faults, seen, use_rules
from walletpass import cards, database, ledger
from walletpass.delivery import count_waiting
from walletpass.ledger import Balance
from walletpass.ledger.keeper import Keeper

MAY = datetime(2026, 5, 12, 12, tzinfo=UTC)


def shown(house):
    with database.reading() as session:
        return cards.get(session, house.id, house.ana.id).shown


@pytest.fixture
def on_a_phone(house):
    with database.transaction() as session:
        cards.put_on(session, cards.get(session, house.id, house.ana.id), "apple")
    return house


def test_points_end_on_the_phone_of_a_guest_who_stays_away(on_a_phone):
    house = on_a_phone
    with time_machine.travel(MAY, tick=False) as clock:
        use_rules(house, expiry="earned", expiry_days=30)
        earn(house)
        seen(house)
        clock.shift(timedelta(days=20))
        Keeper().keep(house.id)
        assert (shown(house)["expiring"], shown(house)["expiring_on"]) == (1_000, "11.06.2026")
        clock.shift(timedelta(days=10))
        Keeper().keep(house.id)
        assert shown(house)["points"] == 0
        assert "expiring" not in shown(house)
        assert balance(house) == Balance()
        with database.reading() as session:
            assert count_waiting(session) == 1
        assert faults(house) == []


def test_a_step_falls_on_the_card_when_its_window_has_ended(luna):
    with time_machine.travel(MAY, tick=False) as clock:
        use_rules(luna, tier_by="visits", tier_days=10)
        add_tiers(luna, ("Silver", 1, 2_000, 0))
        earn(luna)
        assert seen(luna)["tier"] == "Silver"
        clock.shift(timedelta(days=25))
        Keeper().keep(luna.id)
        assert "tier" not in shown(luna)
        assert done(luna, ledger.tier, luna.ana) is None


def test_nothing_ends_while_the_clock_is_wrong(luna, monkeypatch):
    with time_machine.travel(MAY, tick=False):
        use_rules(luna, expiry="earned", expiry_days=30)
        earn(luna)
        seen(luna)
        keeper = Keeper()
        keeper._began -= 3_600
        monkeypatch.setattr(Keeper, "keep", lambda *_: pytest.fail("it went on"))
        keeper.round()


def test_many_cards_are_kept_in_small_pieces(luna, monkeypatch):
    monkeypatch.setattr("walletpass.ledger.keeper.AT_ONCE", 2)
    with time_machine.travel(MAY, tick=False) as clock:
        use_rules(luna, expiry="earned", expiry_days=30)
        guests = [another_card(luna, f"Guest {number}") for number in range(5)]
        for number, card in enumerate(guests):
            earn(luna, 1_000, f"A{number}", card=card)
        clock.shift(timedelta(days=29))
        Keeper().keep(luna.id)
        with database.reading() as session:
            assert {cards.get(session, luna.id, card.id).shown["expiring"] for card in guests} == {100}
        clock.shift(timedelta(days=2))
        Keeper().keep(luna.id)
        assert {balance(luna, card).points for card in guests} == {0}
