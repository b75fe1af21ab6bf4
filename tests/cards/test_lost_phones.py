"""A phone is lost: what it holds ends, and the guest goes on with a new pass of the same card; on both databases."""

import pytest
from sqlmodel import col, select

from tests.cast import issue_card
from walletpass import cards, database, events, ledger
from walletpass.cards import Card
from walletpass.delivery import Outbox
from walletpass.errors import Conflict, NotFound, NotOurCode
from walletpass.events import Kind
from walletpass.ledger import Bill, Origin


def reissue(card):
    with database.transaction() as session:
        return cards.reissue(session, cards.get(session, card.program_id, card.id))


def fresh(card):
    with database.reading() as session:
        return cards.get(session, card.program_id, card.id)


def opens(card, text):
    with database.reading() as session:
        return cards.find(session, card.program_id, text).id


def earn(house, card, amount, check="1"):
    with database.transaction() as session:
        card = cards.get(session, house.id, card.id)
        ledger.earn(session, house.program, card, Bill.of(check, amount), Origin("api"))
        ledger.tell(session, house.program, cards.survivor(session, house.id, card.id))


def test_the_lost_phone_s_codes_open_nothing_and_the_new_ones_open_the_same_card(house):
    old = fresh(house.ana)
    reissue(old)
    new = fresh(house.ana)
    for text in (cards.card_code(house.id, old.key_id, old.token), old.number):
        with pytest.raises(NotOurCode):
            opens(old, text)
    assert {opens(new, text) for text in (cards.card_code(house.id, new.key_id, new.token), new.number)} == {house.ana.id}
    with database.reading() as session:
        assert cards.by_link(session, house.id, new.link).id == house.ana.id
        assert cards.by_link(session, house.id, old.link).state == "voided"
        with pytest.raises(NotFound):
            cards.by_link(session, house.id, "x" * 22)


def test_the_points_stay_with_the_guest_and_the_lost_phone_is_told_neither_them_nor_a_name(house):
    earn(house, house.ana, 5_000)
    with database.transaction() as session:
        cards.put_on(session, cards.get(session, house.id, house.ana.id), "apple")
    left = fresh(reissue(house.ana))
    earn(house, house.ana, 5_000, check="2")
    card = fresh(house.ana)
    assert (card.shown["points"], card.shown["holder"], card.wallets) == (1_000, "Ana", [])
    assert (left.state, left.shown, left.wallets) == ("voided", {}, ["apple"])
    with database.reading() as session:
        waiting = session.exec(select(Outbox.card_id, Outbox.version).where(col(Outbox.card_id) == left.id)).all()
        assert list(waiting) == [(left.id, left.version)]
        assert list(ledger.verify(session, house.id)) == []


@pytest.mark.parametrize("verb", [cards.renew, cards.reissue])
def test_whoever_follows_the_feed_learns_that_number_code_and_link_are_others(house, verb):
    with database.transaction() as session:
        verb(session, cards.get(session, house.id, house.ana.id))
    with database.reading() as session:
        (told,) = events.after(session, house.id, 0, 100, [Kind.CARD_RENEWED]).events
    assert (told.card_id, told.data) == (house.ana.id, {})


def test_what_phones_have_is_older_than_the_end_of_it(house):
    """A phone fetches what has a later date, a higher version and a higher tag."""
    before = fresh(house.ana)
    left = fresh(reissue(house.ana))
    assert (left.version > before.version, left.tag > before.tag, left.changed_at > before.changed_at) == (True, True, True)


def test_what_proves_a_phone_proves_the_new_pass_no_more(house):
    old = fresh(house.ana)
    left = fresh(reissue(old))
    assert cards.authentication_token(left) == cards.authentication_token(old)
    assert cards.authentication_token(fresh(old)) != cards.authentication_token(old)


def test_a_card_that_has_ended_is_not_issued_anew(house):
    with database.transaction() as session:
        cards.void(session, cards.get(session, house.id, house.ana.id))
    with pytest.raises(Conflict):
        reissue(house.ana)
    with database.reading() as session:
        assert len(session.exec(select(Card)).all()) == 1


def test_a_card_that_ended_after_it_went_up_in_another_does_not_show_what_that_one_has(house):
    with database.transaction() as session:
        other = issue_card(session, house.program, "Ana", "+49 151 99999999")
        ledger.merge(
            session, house.program, cards.get(session, house.id, other.id), cards.get(session, house.id, house.ana.id), Origin("api")
        )
    earn(house, house.ana, 5_000)
    assert (fresh(other).shown["points"], fresh(house.ana).shown["points"]) == (500, 500)
    with database.transaction() as session:
        cards.void(session, cards.get(session, house.id, other.id))
    earn(house, house.ana, 5_000, check="2")
    assert (fresh(other).shown, fresh(house.ana).shown["points"]) == ({}, 1_000)
