"""The coat ticket of a guest without a card: a card in a phone's eyes, and nowhere else one."""

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from tests.cast import issue_ticket, open_house
from tests.rotating import rotating, shown
from walletpass import cards, database, guests, ledger
from walletpass.cards import Card
from walletpass.cards.codes import NOT_OURS
from walletpass.errors import CoatTicket, NotOurCode
from walletpass.events import Event

NO_POINTS = "This is a coat ticket. It has no points."


def code(card):
    return cards.card_code(card.program_id, card.key_id, card.token)


def known(program_id, text):
    with database.reading() as session:
        found = cards.known(session, program_id, text)
        return found and found.id


def void(card):
    with database.transaction() as session:
        cards.void(session, cards.get(session, card.program_id, card.id))


def test_a_ticket_belongs_to_nobody_and_says_what_hangs_where(house):
    ticket = issue_ticket(house, coat="A17", items="1 coat", venue=None)
    assert (ticket.kind, ticket.guest_id, ticket.shown) == ("ticket", None, {"coat": "A17", "items": "1 coat"})
    assert ticket.tag > house.ana.tag


def test_the_feed_hears_of_cards_only(luna):
    ticket = issue_ticket(luna)
    void(ticket)
    void(luna.ana)
    with database.reading() as session:
        told = session.exec(select(Event.kind, Event.card_id).where(col(Event.kind).startswith("card."))).all()
    assert told == [("card.issued", luna.ana.id), ("card.voided", luna.ana.id)]


@pytest.mark.parametrize("ended", [False, True])
def test_a_ticket_is_refused_as_a_card_with_a_sentence_of_its_own(house, ended):
    ticket = issue_ticket(house)
    if ended:
        void(ticket)
    with database.reading() as session:
        for verb, text in [(cards.find_by_code, code(ticket)), (cards.find_by_code, ticket.number), (cards.find, ticket.id)]:
            with pytest.raises(CoatTicket) as refused:
                verb(session, house.id, text)
            assert (refused.value.message, refused.value.code) == (NO_POINTS, "coat_ticket")


def test_another_restaurant_is_not_told_that_it_is_a_ticket(house):
    ticket = issue_ticket(open_house("sova"))
    with database.reading() as session:
        for text in (code(ticket), ticket.number):
            with pytest.raises(NotOurCode) as refused:
                cards.find_by_code(session, house.id, text)
            assert refused.value.message == NOT_OURS


def test_no_account_is_opened_for_a_ticket(house):
    ticket = issue_ticket(house)
    with pytest.raises(CoatTicket, match=NO_POINTS), database.transaction() as session:
        ledger.adjust(session, house.program, cards.get(session, house.id, ticket.id), 5, ledger.Origin("test", "k", reason="why"))


def test_the_coat_check_knows_whatever_is_ours_in_use_or_ended(house):
    ticket = issue_ticket(house)
    for card in (ticket, house.ana):
        assert known(house.id, code(card)) == known(house.id, f"{card.number[:4]} {card.number[4:]}") == card.id
        void(card)
        assert known(house.id, code(card)) == known(house.id, card.number) == card.id


def test_a_card_that_went_up_in_another_is_known_as_that_one(house):
    with database.transaction() as session:
        old, new = cards.get(session, house.id, house.ana.id), cards.issue(session, guests.get(session, house.id, house.ana.owner_id))
        cards.join(session, old, new)
    assert known(house.id, code(house.ana)) == new.id


def test_a_code_that_changes_is_known_without_being_used_up_also_when_it_has_changed_since(house):
    card = rotating(house)
    assert known(house.id, shown(card)) == known(house.id, shown(card, later=-600)) == card.id
    with database.transaction() as session:
        assert cards.find_by_code(session, house.id, shown(card)).id == card.id


def test_a_ticket_has_a_code_that_stays_where_cards_have_one_that_changes(house):
    rotating(house)
    ticket = issue_ticket(house, coat="A17")
    with database.reading() as session:
        face = cards.face(session, cards.get(session, house.id, ticket.id))
    assert (face.rotation_key, face.rotating_prefix, face.scanned) == ("", "", code(ticket))


def test_what_is_forged_foreign_or_no_code_at_all_is_nobody_s(house):
    sova = open_house("sova")
    whole = code(house.ana)
    for text in (code(sova.ana), sova.ana.number, whole[:-1] + str((int(whole[-1]) + 1) % 10), "", "2" * 49, "https://example.com"):
        assert known(house.id, text) is None


@pytest.mark.parametrize("values", [{"kind": "ticket"}, {"guest_id": None}, {"kind": "voucher"}])
def test_the_database_keeps_no_card_without_a_guest_and_no_ticket_with_one(house, values):
    ana = col(Card.program_id) == house.id, col(Card.id) == house.ana.id
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(update(Card).where(*ana).values(**values))
