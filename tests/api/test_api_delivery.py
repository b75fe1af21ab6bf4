"""What the till is told about an Android guest's phone: what Google was sent, and never what the phone shows."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.api.till import post
from tests.cast import make_app
from tests.rotating import at_google
from walletpass import cards, database, delivery, google, programs
from walletpass.cards import Card
from walletpass.delivery import outbox
from walletpass.errors import ChannelPaused, DeliveryError
from walletpass.google import GoogleClass, GoogleObject
from walletpass.google.marks import Mark

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as frozen:
        yield frozen


@pytest.fixture
def android(house) -> Card:
    """Ana's card, which Google says she has on her phone, sent there at noon."""
    with database.transaction() as session:
        card = cards.get(session, house.id, house.ana.id)
        cards.put_on(session, card, "google")
        session.add(at_google(card, saved=True))
    return card


@pytest.fixture
def app(house):
    return make_app()


@pytest.fixture
def bearer(house):
    return {"Authorization": f"Bearer {house.api_key}"}


@pytest.fixture
def ask(client, bearer, house):
    def google():
        told = client.get(f"/api/v1/cards/{house.ana.id}/delivery", headers=bearer).get_json()
        view = client.post("/api/v1/guests/by-code", json={"code": house.ana.number}, headers=bearer).get_json()
        assert view["delivery"] == told
        return told["google"]

    return google


@pytest.fixture
def buy(client, bearer, house, clock):
    def earn():
        clock.shift(60)
        assert post(client, "earn", {"card": house.ana.number, "amount": 1_000}, bearer).status_code == 200

    return earn


def told(state, *, at=NOON, paused=False):
    return {"state": state, "at": at.isoformat().replace("+00:00", "Z"), "paused": paused}


def of_google(card, **values):
    with database.transaction() as session:
        row = session.get_one(GoogleObject, (card.program_id, card.id))
        for name, value in values.items():
            setattr(row, name, value)


def settle(failure=None):
    """The worker has tried the card that waits."""
    with database.transaction() as session:
        (notice,) = delivery.claim(session, "google", "worker", 10)
        outbox.settle(session, notice, "worker", failure)


def test_a_card_that_is_not_in_google_wallet_is_not_spoken_of(ask):
    assert ask() is None


def test_a_guest_who_only_pressed_the_button_has_no_card_there(ask, android):
    of_google(android, saved=False)
    assert ask() is None


def test_what_google_was_sent_is_told_with_its_time(ask, android):
    assert ask() == told("sent")


def test_a_change_waits_until_google_has_taken_it(ask, android, buy):
    buy()
    assert ask() == told("waiting")
    settle()
    later = NOON + timedelta(seconds=60)
    of_google(android, pushed_at=later)
    assert ask() == told("sent", at=later)


def test_what_went_along_with_the_change_before_does_not_wait(ask, android, buy):
    """Of two changes within five seconds the first message has told Google of both."""
    buy()
    with database.transaction() as session:
        programs.get(session, android.program_id).google_issuer_id = "3388000000000000000"
        session.flush()
        face = cards.face(session, cards.get(session, android.program_id, android.id))
    of_google(android, pushed_hash=str(Mark.of(google.loyalty_object(face))))
    with database.transaction() as session:
        session.add(GoogleClass(program_id=face.program_id, class_hash=str(Mark.of(google.loyalty_class(face))), pushed_at=NOON))
    assert ask() == told("sent")


def test_a_change_that_failed_once_waits_and_is_not_called_refused(ask, android, buy):
    buy()
    settle(DeliveryError("Google Wallet answered 503", permanent=False))
    assert ask() == told("waiting")


def test_a_paused_channel_is_told(ask, android, buy):
    buy()
    settle(ChannelPaused("Google Wallet answered 403", after=900))
    assert ask() == told("waiting", paused=True)


def test_a_change_that_google_refused_is_told_until_one_is_taken(ask, android, buy):
    buy()
    settle(DeliveryError("Google Wallet answered 400", permanent=True))
    assert ask() == told("refused", at=NOON + timedelta(seconds=60))
    buy()
    assert ask() == told("waiting")
    settle()
    of_google(android, pushed_at=NOON + timedelta(seconds=120))
    assert ask() == told("sent", at=NOON + timedelta(seconds=120))


def test_a_letter_that_was_sent_again_waits(ask, android, buy, house):
    buy()
    settle(DeliveryError("Google Wallet answered 400", permanent=True))
    with database.transaction() as session:
        (letter,) = delivery.dead(session, house.id)
        delivery.retry(session, house.id, letter.id)
    assert ask() == told("waiting")


def test_a_removed_card_is_told_with_the_day_and_a_change_does_not_wait_for_anybody(ask, android, buy):
    of_google(android, saved=False, removed_at=NOON)
    assert ask() == told("removed")
    buy()
    assert ask() == told("removed")
