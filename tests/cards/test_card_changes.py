"""What bumps a card, and what does not."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from sqlmodel import col, select

from tests.cast import issue_card
from walletpass import cards, database
from walletpass.cards import Card
from walletpass.delivery import Outbox, State

NOON = datetime(2026, 3, 2, 12, 0, 0, 400_000, tzinfo=UTC)


def show(card, **values):
    with database.transaction() as session:
        return cards.show(session, cards.get(session, card.program_id, card.id), **values)


def put_on(card, *wallets):
    with database.transaction() as session:
        for wallet in wallets:
            cards.put_on(session, cards.get(session, card.program_id, card.id), wallet)


def now_is(card):
    with database.reading() as session:
        return cards.get(session, card.program_id, card.id)


def show_and_fail(session, card):
    cards.show(session, cards.get(session, card.program_id, card.id), points=5)
    raise RuntimeError("the till lost its power")


def outbox(card):
    with database.reading() as session:
        return session.exec(select(Outbox).where(col(Outbox.card_id) == card.id).order_by(col(Outbox.channel), col(Outbox.id))).all()


def test_a_new_card_shows_its_holder_and_no_points(house):
    card = now_is(house.ana)
    assert card.shown == {"points": 0, "holder": "Ana"}
    assert (card.version, card.wallets, card.state) == (1, [], "active")
    assert outbox(card) == []


def test_a_change_is_a_version_and_a_row_for_every_wallet(house):
    put_on(house.ana, "apple", "google")
    assert show(house.ana, points=120) is True
    card = now_is(house.ana)
    assert (card.version, card.shown["points"]) == (2, 120)
    assert [(row.channel, row.version, row.state) for row in outbox(card)] == [("apple", 2, State.PENDING), ("google", 2, State.PENDING)]


def test_what_the_card_says_already_is_no_version_and_no_row(house):
    put_on(house.ana, "apple")
    assert show(house.ana, points=0, holder="Ana") is False
    card = now_is(house.ana)
    assert (card.version, card.tag, card.changed_at) == (1, house.ana.tag, house.ana.changed_at)
    assert outbox(card) == []


def test_none_takes_a_value_off(house):
    show(house.ana, coat="A17")
    assert show(house.ana, coat=None) is True
    assert "coat" not in now_is(house.ana).shown
    assert show(house.ana, coat=None) is False


def test_a_card_in_no_wallet_has_nothing_to_send(house):
    show(house.ana, points=5)
    assert (now_is(house.ana).version, outbox(house.ana)) == (2, [])


def test_a_burst_leaves_as_one_message(house):
    put_on(house.ana, "apple")
    for points in range(1, 6):
        show(house.ana, points=points)
    (row,) = outbox(house.ana)
    assert (row.version, now_is(house.ana).version) == (6, 6)


def test_a_change_that_is_rolled_back_leaves_no_row(house):
    put_on(house.ana, "apple")
    with pytest.raises(RuntimeError), database.transaction() as session:
        show_and_fail(session, house.ana)
    assert (now_is(house.ana).version, outbox(house.ana)) == (1, [])


def test_a_card_taken_out_of_a_wallet_is_not_sent_there(house):
    put_on(house.ana, "apple", "google")
    with database.transaction() as session:
        cards.take_off(session, cards.get(session, house.id, house.ana.id), "apple")
    show(house.ana, points=1)
    assert [row.channel for row in outbox(house.ana)] == ["google"]


def test_a_version_that_came_while_the_wallet_was_given_an_older_one_is_sent(house):
    show(house.ana, points=1)
    with database.transaction() as session:
        cards.put_on(session, cards.get(session, house.id, house.ana.id), "apple", seen=1)
    assert [row.version for row in outbox(house.ana)] == [2]


def test_two_changes_in_one_second_stand_a_second_apart(house):
    with time_machine.travel(NOON, tick=False):
        moments = []
        for points in range(1, 5):
            show(house.ana, points=points)
            moments.append(now_is(house.ana).changed_at)
    steps = [later - earlier for earlier, later in pairwise(moments)]
    assert steps == [timedelta(seconds=1)] * 3
    assert all(moment.microsecond == 0 for moment in moments)


def test_changes_go_on_growing_when_the_clock_goes_back(house):
    show(house.ana, points=1)
    before = now_is(house.ana).changed_at
    with time_machine.travel(before - timedelta(hours=2), tick=False):
        show(house.ana, points=2)
    assert now_is(house.ana).changed_at == before + timedelta(seconds=1)


def test_update_tags_of_a_restaurant_strictly_increase(house):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend")
    tags = [house.ana.tag, friend.tag]
    for points in range(1, 4):
        for card in (house.ana, friend):
            show(card, points=points)
            tags.append(now_is(card).tag)
    assert tags == list(range(1, 9))
    with database.reading() as session:
        ids = [house.ana.id, friend.id]
        assert {card.id for card in cards.changed_since(session, house.id, ids, tags[-2])} == {friend.id}
        assert cards.changed_since(session, house.id, ids, tags[-1]) == []


def test_cards_changed_by_many_at_once_have_each_a_tag_of_their_own(house):
    with database.transaction() as session:
        guests = [issue_card(session, house.program, f"Guest {number}") for number in range(8)]
    start = threading.Barrier(8)

    def change(card):
        start.wait(60)
        for points in range(1, 4):
            database.retrying(lambda points=points: show(card, points=points))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, guests))
    with database.reading() as session:
        found = session.exec(select(Card).where(col(Card.program_id) == house.id)).all()
    assert len({card.tag for card in found}) == 9
    assert max(card.tag for card in found) == 9 + 8 * 3
    assert {card.version for card in found if card.id != house.ana.id} == {4}


def test_a_voided_card_is_told_to_its_phones_once(house):
    put_on(house.ana, "apple")
    for _ in range(2):
        with database.transaction() as session:
            cards.void(session, cards.get(session, house.id, house.ana.id))
    card = now_is(house.ana)
    assert (card.state, card.version) == ("voided", 2)
    assert [row.version for row in outbox(card)] == [2]
