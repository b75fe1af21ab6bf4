"""The managers' page of webhooks: who is told, whether they listen, and the buttons."""

import re

import pytest

from tests.cast import make_app
from tests.ledger.book import earn
from tests.tills import signed_in
from tests.webhooks.conftest import log, row, turn
from tests.webhooks.receiver import Receiver
from walletpass import database, webhooks
from walletpass.webhooks import sending

PAGE = "/t/luna/webhooks"


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def browser(luna):
    return signed_in(make_app(), luna, "Clara")


@pytest.fixture
def webhook(luna, receiver):
    with database.transaction() as session:
        return webhooks.create(session, "luna", url=receiver.url)


def press(browser, action, webhook=None, **more):
    named = {"webhook_id": webhook.id} if webhook else {}
    return browser.post(PAGE, data={"action": action, **named, **more}, follow_redirects=True)


def test_an_empty_page_says_what_it_is_for(browser):
    page = browser.get(PAGE).text
    assert "Tell another system what happens here" in page
    assert "Another webhook" not in page


def test_one_is_added_and_its_secret_is_shown_once(luna, browser, receiver):
    page = browser.post(PAGE, data={"action": "add", "url": receiver.url, "kind": ["points.earned"]})
    (secret,) = set(re.findall(r"whsec_[\w-]+", page.text))
    assert page.status_code == 200
    assert "whsec_" not in browser.get(PAGE).text
    with database.reading() as session:
        (made,) = webhooks.listed(session, "luna")
        assert (webhooks.secret(made), made.kinds, made.made_by) == (secret, ["points.earned"], luna.clara.id)


@pytest.mark.parametrize("url", ["", "http://pos.example.com/", "https://10.0.0.1/", "javascript:alert(1)", '"><script>alert(1)</script>'])
def test_a_wrong_address_is_named_and_stays_in_the_field(browser, url):
    page = browser.post(PAGE, data={"action": "add", "url": url})
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert "<script>" not in page.text
    with database.reading() as session:
        assert webhooks.listed(session) == []


def test_it_says_what_waits_what_was_answered_and_sends_it_again(luna, browser, receiver, webhook):
    earn(luna)
    assert "1, since" in browser.get(PAGE).text
    receiver.answers = [500]
    turn(webhook)
    page = browser.get(PAGE).text
    assert "It failed 1 time in a row." in page
    assert "answer 500" in page
    event_id = receiver.heard[0].event["id"]
    assert "It is on its way." in press(browser, "again", webhook, event_id=event_id).text
    turn(webhook)
    assert receiver.ids == [event_id, event_id]
    assert "not kept any more" in press(browser, "again", webhook, event_id="none").text


def test_one_that_gave_up_is_named_here_in_health_and_in_metrics_until_it_is_resumed(luna, browser, receiver, webhook, monkeypatch):
    monkeypatch.setattr(sending, "MOST_FAILURES", 1)
    earn(luna)
    receiver.answers = [503]
    turn(webhook)
    page = browser.get(PAGE).text
    assert "Paused: it did not take what it was sent" in page
    assert "503 answer 503" in page
    assert any("A webhook of luna is paused" in sentence for sentence in browser.get("/health").json["warnings"])
    assert receiver.url not in str(browser.get("/health").json)
    figures = browser.get("/metrics").text
    assert 'walletpass_webhooks_paused{program="luna"} 1.0' in figures
    (age,) = re.findall(r"^walletpass_webhook_oldest_event_seconds (\S+)$", figures, re.M)
    assert 0 < float(age) < 60
    assert "It is told what has waited" in press(browser, "resume", webhook).text
    turn(webhook)
    assert len(receiver.heard) == 2
    assert "walletpass_webhook_oldest_event_seconds 0.0" in browser.get("/metrics").text


def test_the_other_buttons_do_what_they_say(luna, browser, receiver, webhook):
    earn(luna)
    turn(webhook)
    assert "waits for it" in press(browser, "pause", webhook).text
    assert row(webhook).state == "paused"
    press(browser, "resume", webhook)
    assert "from the oldest on" in press(browser, "replay", webhook).text
    assert row(webhook).reached == 0
    press(browser, "test", webhook)
    turn(webhook)
    assert {one[0] for one in log(webhook)} == {"delivered"}
    assert receiver.heard[1].event["kind"] == "webhook.test"
    assert re.search(r"whsec_[\w-]+", press(browser, "rotate", webhook).text)
    assert "signs along for 24 hours" in press(browser, "rotate", webhook).text
    press(browser, "off", webhook)
    assert row(webhook).state == "off"
    assert receiver.url not in browser.get(PAGE).text


def test_loading_the_page_anew_does_nothing_again(browser, webhook):
    done = browser.post(f"{PAGE}?lang=uk", data={"action": "pause", "webhook_id": webhook.id})
    assert (done.status_code, done.location) == (303, f"{PAGE}?done=paused&lang=uk")
    assert browser.get(f"{PAGE}?done=nonsense").status_code == 200


def test_it_is_the_manager_s(luna, webhook):
    bruno = signed_in(make_app(), luna, "Bruno")
    assert bruno.get(PAGE).status_code == 403
    assert bruno.post(PAGE, data={"action": "off", "webhook_id": webhook.id}).status_code == 403
    assert make_app().test_client().get(PAGE).status_code == 302
    clara = signed_in(make_app(), luna, "Clara")
    assert clara.post(PAGE, data={"action": "off", "webhook_id": "none"}).status_code == 404
    assert clara.post(PAGE, data={"action": "explode"}).status_code == 422
    assert row(webhook).state == "active"
