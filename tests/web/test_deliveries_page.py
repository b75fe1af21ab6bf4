"""The operator's page: what is stuck, why, and the two buttons; and where else a shut channel is seen."""

from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from tests.cast import make_app
from tests.tills import signed_in
from walletpass import cards, database, delivery
from walletpass.apple import registrations
from walletpass.database import now
from walletpass.delivery import Outbox
from walletpass.errors import ChannelPaused, DeliveryError
from walletpass.google import GoogleObject
from walletpass.programs import Program

PAGE = "/t/luna/deliveries"


@pytest.fixture
def browser(house):
    return signed_in(make_app(), house, "Clara")


def try_once(house, channel, failure):
    """One change of Ana's card on its way through this channel, and what became of it."""
    with database.transaction() as session:
        delivery.enqueue(session, "luna", house.ana.id, 2, [channel])
    with database.transaction() as session:
        for row in session.exec(select(Outbox).where(Outbox.state == "pending")):
            row.due_at = row.created_at
    with database.transaction() as session:
        (notice,) = delivery.claim(session, channel, "w1", 10)
        delivery.settle(session, notice, "w1", failure)


@pytest.fixture
def at_google(house):
    with database.transaction() as session:
        session.exec(update(Program).where(col(Program.id) == "luna").values(google_issuer_id="3388000000000000001"))


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
        try_once(house, "apple", failure)


def test_it_says_what_is_stuck_and_why(browser, stuck):
    page = browser.get(PAGE).text
    assert "Apple Wallet is paused since" in page
    assert "APNs 403 BadCertificate" in page
    assert "APNs 400 PayloadEmpty" in page
    assert "Not sent yet" in page
    assert "never fetched" in page
    assert "walletpass certs check luna" in page


def test_all_quiet_says_so(browser):
    page = browser.get(PAGE).text
    assert "Every iPhone that holds a card has its newest state" in page
    assert "is paused" not in page
    assert "Google" not in page


def test_resume_lets_it_go(browser, stuck):
    done = browser.post(PAGE, data={"action": "resume", "channel": "apple"}, follow_redirects=True)
    assert "The pause is over: what waits is sent now." in done.text
    with database.reading() as session:
        assert delivery.paused(session, "luna") == []


def test_a_dead_letter_is_sent_again_once(browser, stuck):
    with database.reading() as session:
        (letter,) = delivery.dead(session, "luna")
    for sentence in ("It is sent again.", "This message was sent again already."):
        done = browser.post(PAGE, data={"action": "retry", "message_id": letter.id}, follow_redirects=True)
        assert (sentence in done.text, done.request.method) == (True, "GET")


def test_loading_the_page_anew_does_nothing_again(browser, stuck):
    done = browser.post(f"{PAGE}?lang=uk", data={"action": "resume", "channel": "apple"})
    assert (done.status_code, done.location) == (303, f"{PAGE}?done=resumed&lang=uk")
    assert browser.get(f"{PAGE}?done=nonsense").status_code == 200


def test_a_letter_that_a_later_one_made_good_is_not_listed(house, browser, stuck):
    with database.transaction() as session:
        delivery.resume(session, "luna", "apple")
    try_once(house, "google", None)
    assert "APNs 400 PayloadEmpty" in browser.get(PAGE).text, "another wallet was told, and not this one"
    try_once(house, "apple", None)
    assert "APNs 400 PayloadEmpty" not in browser.get(PAGE).text
    with database.reading() as session:
        assert delivery.count_dead(session) == 0
    try_once(house, "apple", DeliveryError("APNs 413 PayloadTooLarge", permanent=True))
    page = browser.get(PAGE).text
    assert ("APNs 413 PayloadTooLarge" in page, "APNs 400 PayloadEmpty" in page) == (True, False)


def test_a_letter_that_the_channel_made_good_by_itself_is_not_listed(house, browser, stuck):
    with database.transaction() as session:
        delivery.make_good(session, "luna", house.ana.id, "google")
        assert delivery.count_dead(session) == 1
        delivery.make_good(session, "luna", house.ana.id, "apple")
        assert delivery.count_dead(session) == 0


def test_cards_that_wait_for_google_are_listed_and_what_it_was_told(house, browser, at_google):
    page = browser.get(PAGE).text
    assert "No change waits for Google." in page
    assert "Google was told of no card yet." in page
    with database.transaction() as session:
        session.add(GoogleObject(program_id="luna", card_id=house.ana.id, pushed_hash="", pushed_points=0, pushed_at=now()))
    try_once(house, "google", ChannelPaused("Google Wallet answered 401: bad token", after=900))
    assert "No change waits for Google." in browser.get(PAGE).text, "a minute has not passed"
    with database.transaction() as session:
        session.exec(update(Outbox).values(created_at=now() - timedelta(minutes=5)))
    page = browser.get(PAGE).text
    assert "No change waits for Google." not in page
    assert "Google was told of no card yet." not in page
    assert page.count("Google Wallet answered 401: bad token") == 2
    assert "walletpass google check luna" in page


def test_health_warns_of_a_shut_channel_and_says_no_reason(browser, stuck):
    said = browser.get("/health").json
    assert said["status"] == "ok"
    assert any("Apple Wallet is paused for luna since" in sentence for sentence in said["warnings"])
    assert "BadCertificate" not in str(said), "whoever may ask"
    browser.post(PAGE, data={"action": "resume", "channel": "apple"})
    assert not any("paused" in sentence for sentence in browser.get("/health").json["warnings"])


def test_metrics_count_shut_channels_and_dead_letters(browser, stuck):
    def figures():
        lines = browser.get("/metrics").text.splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}

    found = figures()
    assert found['walletpass_channel_paused{channel="apple",program="luna"}'] == 1
    assert found['walletpass_channel_paused{channel="google",program="luna"}'] == 0
    assert found["walletpass_dead_letters"] == 1
    browser.post(PAGE, data={"action": "resume", "channel": "apple"})
    assert figures()['walletpass_channel_paused{channel="apple",program="luna"}'] == 0


def test_a_sentence_of_a_pause_has_the_reason_the_end_and_the_remedy(house, stuck):
    with database.reading() as session:
        (sentence,) = delivery.warnings(session, "luna")
        assert list(delivery.warnings(session, "luna", "google")) == []
        assert list(delivery.warnings(session, "sova")) == []
    assert "APNs 403 BadCertificate. Mend it (walletpass certs check luna says how), then" in sentence
    assert "press Resume now on http://127.0.0.1:8000/t/luna/deliveries, or it tries again at " in sentence


def test_it_is_the_manager_s(house):
    assert signed_in(make_app(), house, "Bruno").get(PAGE).status_code == 403
    assert make_app().test_client().get(PAGE).status_code == 302
    assert make_app().test_client().post(PAGE, data={"action": "resume"}).status_code == 401
