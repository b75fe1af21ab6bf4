"""A guest who has used everything there is, and is forgotten: in every table, in the middle of an evening."""

import pytest
from sqlmodel import col, select

from tests.api.test_api_check_events import Pos
from tests.api.till import post
from tests.cast import CONSENT, make_app, open_house
from tests.codes.phonebook import reachable
from tests.guestbook.files import admitted
from tests.guestbook.test_guest_erasure import CANARIES, MAIL, NAME, PHONE, erase, said, told
from walletpass import cards, checks, codes, database, guests, identification, ledger, proving, staff, surveys
from walletpass.guestbook import Application
from walletpass.ledger import Origin
from walletpass.messages import Message

TOKEN, PIN, COMMENT = "04CAFE77DEAD55", "8642", "Zzoryana Kvitka says: lovely borscht"
# Besides what names the guest: what the guest carried, and said.
WORDS = (*CANARIES, TOKEN, "borscht", "zz-review")


def traces():
    return said(WORDS)


@pytest.fixture
def house(db):
    with reachable():
        yield open_house(survey_points=20)


@pytest.fixture
def client(house):
    return make_app().test_client()


@pytest.fixture
def zoryana(house, client):
    """Their card, with a check that is paid and one that is open, a message and a code on their way, and all that they carry and said."""
    member = admitted(house, Application(PHONE, NAME, MAIL, "1988-02-29", "Zzhytomyr", "uk", "web", consents=[CONSENT]))
    pos = Pos(client, house.id)
    pos.done("closed", "P1", lines=[{"amount": 6_000, "name": "Soup", "sku": "soup"}], card=member.card.number)
    pos.done("lines", "O1", lines=[{"amount": 1_000, "name": "Soup", "sku": "soup"}])
    pos.done("guest", "O1", card=member.card.number)
    with database.transaction() as session:
        card, program = cards.get(session, house.id, member.card.id), house.program
        proving.ask(session, program, card, "uk")
        identification.bind(session, card, TOKEN, "ring", label="Zzoryana's ring")
        surveys.answer(session, program, card, "P1", 9, COMMENT, Origin("system"))
        at = database.now()
        surveys.record_review(session, program, card, "tripadvisor", "https://tripadvisor.example/zz-review/Zzoryana", at, Origin("system"))
        staff.add_source(session, house.id, "Another")
    identification.pins.set_pin(member.card, PIN)
    return member, pos


def test_of_a_guest_who_used_everything_nothing_is_left(house, client, zoryana):
    member, _ = zoryana
    assert {"Zzoryana", "Kvitka", "borscht", "zz-review"} <= set(traces())
    before = [ledger_of(house, card) for card in (member.card, house.ana)]
    assert erase(house, member.guest.id) == 1
    assert (told(), traces()) == ([], [])
    assert [ledger_of(house, card) for card in (member.card, house.ana)] == before
    with database.reading() as session:
        assert list(ledger.verify(session, house.id)) == []


def test_the_check_that_was_open_can_still_be_paid_and_names_nobody(house, client, zoryana):
    member, pos = zoryana
    erase(house, member.guest.id)
    assert pos.done("closed", "O1")["check"]["state"] == "closed"
    bearer = {"Authorization": f"Bearer {house.api_key}"}
    assert post(client, "refund", {"check_id": "P1", "amount": 1_000, "reason": "cold"}, bearer).status_code == 200
    assert traces() == []
    with database.transaction() as session:
        assert list(ledger.verify(session, house.id)) == []
        assert not any(checks.retell(session, house.id, one) for one in checks.known(session, house.id))


def test_no_letter_goes_out_to_a_guest_who_was_forgotten(house, zoryana):
    erase(house, zoryana[0].guest.id)
    with database.reading() as session:
        waiting = session.exec(select(Message).where(col(Message.state) == "pending")).all()
        assert waiting == []
        assert codes.waiting(session, house.id, "join", zoryana[0].card.id) is None
        assert guests.by_phone(session, house.id, PHONE) == []


def ledger_of(house, card):
    with database.reading() as session:
        return ledger.balance(session, house.id, card.id)
