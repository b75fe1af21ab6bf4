"""The operator's page: what is stuck, why, and the two buttons."""

import pytest
from sqlmodel import select

from tests.cast import make_app
from tests.tills import signed_in
from walletpass import cards, database, delivery
from walletpass.apple import registrations
from walletpass.database import now
from walletpass.delivery import Outbox
from walletpass.errors import ChannelPaused, DeliveryError

PAGE = "/t/luna/deliveries"


@pytest.fixture
def browser(house):
    return signed_in(make_app(), house, "Clara")


@pytest.fixture
def stuck(house):
    """Ana's card: one change given up, the channel shut, and a phone that never came."""
    with database.transaction() as session:
        card = cards.get(session, "luna", house.ana.id)
        registrations.register(session, card, "d1", "t1")
        cards.show(session, card, points=705)
        card.changed_at = now().replace(year=2025)
        session.add(card)
    for failure in (DeliveryError("APNs 400 PayloadEmpty", permanent=True), ChannelPaused("APNs 403 BadCertificate", after=900)):
        with database.transaction() as session:
            delivery.enqueue(session, "luna", house.ana.id, 2, ["apple"])
        with database.transaction() as session:
            for row in session.exec(select(Outbox).where(Outbox.state == "pending")):
                row.due_at = row.created_at
        with database.transaction() as session:
            (notice,) = delivery.claim(session, "apple", "w1", 10)
            delivery.settle(session, notice, "w1", failure)


def test_it_says_what_is_stuck_and_why(browser, stuck):
    page = browser.get(PAGE).text
    assert "Apple Wallet is paused since" in page
    assert "APNs 403 BadCertificate" in page
    assert "APNs 400 PayloadEmpty" in page
    assert "Not sent yet" in page
    assert "never fetched" in page


def test_all_quiet_says_so(browser):
    page = browser.get(PAGE).text
    assert "Every phone has the newest card." in page
    assert "is paused" not in page


def test_resume_lets_it_go(browser, stuck):
    assert "It goes on." in browser.post(PAGE, data={"action": "resume", "channel": "apple"}).text
    with database.reading() as session:
        assert delivery.paused(session, "luna") == []


def test_a_dead_letter_is_sent_again_once(browser, stuck):
    with database.reading() as session:
        (letter,) = delivery.dead(session, "luna")
    for sentence in ("It is sent again.", "This message was sent again already."):
        assert sentence in browser.post(PAGE, data={"action": "retry", "message_id": letter.id}).text


def test_it_is_the_manager_s(house):
    assert signed_in(make_app(), house, "Bruno").get(PAGE).status_code == 403
    assert make_app().test_client().get(PAGE).status_code == 302
    assert make_app().test_client().post(PAGE, data={"action": "resume"}).status_code == 401
