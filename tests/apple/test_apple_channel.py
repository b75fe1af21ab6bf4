"""From a changed card to a phone that asks."""

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from walletpass import cards, config, database
from walletpass.apple import AppleChannel, AppleDevice, Registration, registrations
from walletpass.apple.apns import Client, Result
from walletpass.delivery import Notice, Outbox, State, Worker
from walletpass.errors import ChannelPaused

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def channel(certs, apns, settings, luna):
    config.use(replace(settings, apns_url=apns.url, apns_ca_file=apns.ca_file))
    made = AppleChannel()
    yield made
    made.close()


@pytest.fixture
def on_phone(luna):
    def register(card, token, device=""):
        with database.transaction() as session:
            mine = cards.get(session, card.program_id, card.id)
            registrations.register(session, mine, device or f"device-{token}", token)

    return register


def notice(card):
    return Notice(f"row-{card.id}", card.program_id, card.id, card.version)


def deliver(channel, *found):
    return {outcome.notice.card_id: outcome.failure for outcome in channel.deliver([notice(card) for card in found])}


def tokens():
    with database.reading() as session:
        return sorted(session.exec(select(AppleDevice.push_token)).all())


def wallets(card):
    with database.reading() as session:
        return cards.get(session, card.program_id, card.id).wallets


def test_a_card_on_two_phones_is_pushed_to_both(channel, apns, card, on_phone):
    on_phone(card, "a1")
    on_phone(card, "a2")
    assert deliver(channel, card) == {card.id: None}
    assert sorted(request.token for request in apns.requests) == ["a1", "a2"]


def test_two_cards_on_one_phone_are_one_push(channel, apns, issue, on_phone):
    ana, bruno = issue("Ana"), issue("Bruno")
    on_phone(ana, "a1", "phone")
    on_phone(bruno, "a1", "phone")
    assert deliver(channel, ana, bruno) == {ana.id: None, bruno.id: None}
    assert len(apns.requests) == 1


def test_batches_share_one_connection(channel, apns, card, on_phone, show):
    on_phone(card, "a1")
    for points in range(3):
        deliver(channel, show(card, points=points + 1))
    assert (len(apns.requests), len(apns.connections)) == (3, 1)


def test_a_card_that_no_phone_holds_is_done_and_taken_off(channel, apns, card):
    with database.transaction() as session:
        cards.put_on(session, cards.get(session, "luna", card.id), "apple")
    assert deliver(channel, card) == {card.id: None}
    assert wallets(card) == []
    assert apns.requests == []


def test_a_dead_token_is_forgotten_and_the_living_one_kept(channel, apns, card, on_phone):
    on_phone(card, "dead")
    on_phone(card, "alive")
    apns.answers["dead"] = (410, {"reason": "Unregistered", "timestamp": int((datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1000)})
    assert deliver(channel, card) == {card.id: None}
    assert tokens() == ["alive"]
    assert wallets(card) == ["apple"]


def test_the_last_dead_token_takes_the_card_off(channel, apns, card, on_phone):
    on_phone(card, "dead")
    apns.answers["dead"] = (410, {"reason": "ExpiredToken"})
    assert deliver(channel, card) == {card.id: None}
    assert tokens() == []
    assert wallets(card) == []


def test_a_phone_that_came_back_after_its_token_died_is_kept(channel, apns, card, on_phone):
    on_phone(card, "back")
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    apns.answers["back"] = (410, {"reason": "Unregistered", "timestamp": int(hour_ago.timestamp() * 1000)})
    deliver(channel, card)
    assert tokens() == ["back"]


def test_a_bad_token_among_good_ones_is_forgotten(channel, apns, issue, on_phone):
    ana, bruno = issue("Ana"), issue("Bruno")
    on_phone(ana, "bad")
    on_phone(bruno, "good")
    apns.answers["bad"] = (400, {"reason": "BadDeviceToken"})
    assert deliver(channel, ana, bruno) == {ana.id: None, bruno.id: None}
    assert tokens() == ["good"]


def test_a_bad_token_alone_is_kept_and_not_tried_again(channel, apns, card, on_phone):
    on_phone(card, "bad")
    apns.answers["bad"] = (400, {"reason": "BadDeviceToken"})
    failure = deliver(channel, card)[card.id]
    assert failure.permanent
    assert "BadDeviceToken" in failure.message
    assert tokens() == ["bad"]


def test_many_bad_tokens_stop_the_batch_and_nothing_is_removed(channel, apns, card, on_phone, issue):
    held = [card, *(issue(f"Guest {number}") for number in range(29))]
    for number, each in enumerate(held):
        on_phone(each, f"{number:02}")
        apns.answers[f"{number:02}"] = (400, {"reason": "BadDeviceToken"}) if number % 3 == 0 else (200, None)
    with capture_logs() as logs:
        failures = deliver(channel, *held)
    assert len(tokens()) == 30
    bad = [failures[each.id] for each in held[::3]]
    assert all(not failure.permanent and failure.after >= 900 for failure in bad)
    assert "apple.bad_tokens" in [entry["event"] for entry in logs]


@pytest.mark.parametrize(
    ("status", "reason", "permanent", "after"),
    [
        (400, "DeviceTokenNotForTopic", True, None),
        (400, "PayloadEmpty", True, None),
        (413, "PayloadTooLarge", True, None),
        (400, "IdleTimeout", False, None),
        (400, "BadTopic", False, 900),
        (403, "BadCertificate", False, 900),
        (403, "Forbidden", False, 900),
        (429, "TooManyRequests", False, 120),
        (500, "InternalServerError", False, None),
        (503, "Shutdown", False, None),
    ],
)
def test_each_answer_has_its_reaction_and_removes_nothing(channel, apns, card, on_phone, status, reason, permanent, after):
    on_phone(card, "a1")
    apns.answers["a1"] = (status, {"reason": reason})
    failure = deliver(channel, card)[card.id]
    assert (failure.permanent, failure.after) == (permanent, after)
    assert reason in failure.message
    assert tokens() == ["a1"]


def test_a_refused_certificate_is_shouted_about(channel, apns, card, on_phone):
    on_phone(card, "a1")
    apns.answers["a1"] = (403, {"reason": "BadCertificate"})
    with capture_logs() as logs:
        deliver(channel, card)
    assert [entry["log_level"] for entry in logs] == ["critical"]


def test_a_certificate_turned_away_at_the_door_waits_for_the_operator(channel, apns, card, on_phone, monkeypatch):
    on_phone(card, "a1")

    def turned_away(client, pushes, seconds):
        yield from (Result(push.token, push.apns_id, error="TLS: certificate revoked", refused=True) for push in pushes)

    monkeypatch.setattr(Client, "send", turned_away)
    with capture_logs() as logs:
        failure = deliver(channel, card)[card.id]
    assert isinstance(failure, ChannelPaused)
    assert "certificate revoked" in failure.message
    assert [entry["log_level"] for entry in logs] == ["critical"]
    assert tokens() == ["a1"]


def test_one_failing_phone_brings_the_card_back(channel, apns, card, on_phone):
    on_phone(card, "good")
    on_phone(card, "busy")
    apns.answers["busy"] = (503, {"reason": "ServiceUnavailable"})
    failure = deliver(channel, card)[card.id]
    assert not failure.permanent


def test_a_certificate_that_cannot_sign_waits_for_the_operator(channel, apns, card, on_phone, certs):
    on_phone(card, "a1")
    (certs / "pass.pem").unlink()
    failure = deliver(channel, card)[card.id]
    assert (failure.permanent, failure.after) == (False, 900)
    assert "luna/pass.pem is missing" in failure.message


def test_a_renewed_certificate_gets_a_new_connection_and_keeps_registrations(channel, apns, card, on_phone, certs, chain, show):
    on_phone(card, "a1")
    deliver(channel, card)
    card = show(card, points=5)
    (certs / "pass.pem").write_bytes(chain.pem(chain.wwdr.leaf(chain.subject(), chain.stranger)))
    (certs / "pass.key").write_bytes(chain.pem(chain.stranger))
    assert deliver(channel, card) == {card.id: None}
    assert len(apns.connections) == 2
    assert tokens() == ["a1"]


def test_no_server_means_later(channel, card, on_phone):
    on_phone(card, "a1")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"https://127.0.0.1:{closed.getsockname()[1]}"
    config.use(replace(config.current(), apns_url=url))
    failure = deliver(channel, card)[card.id]
    assert not failure.permanent
    assert "did not answer" in failure.message


def test_a_program_that_is_gone_is_a_dead_letter(channel):
    (outcome,) = channel.deliver([Notice("row", "nobody", "card", 1)])
    assert outcome.failure.permanent


def test_a_shown_change_reaches_the_phone_through_the_worker(channel, apns, card, on_phone, show):
    on_phone(card, "a1")
    show(card, points=120)
    worker = Worker([channel])
    assert worker.round(channel)
    assert [request.token for request in apns.requests] == ["a1"]
    with database.reading() as session:
        assert session.exec(select(Outbox.state)).all() == [State.DELIVERED]


def test_a_phone_registered_meanwhile_keeps_the_card_on(channel, card, on_phone):
    on_phone(card, "a1")
    with database.transaction() as session:
        registrations.settle_unheard(session, "luna", card.id)
    assert wallets(card) == ["apple"]
    with database.reading() as session:
        assert len(session.exec(select(Registration)).all()) == 1
