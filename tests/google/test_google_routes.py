import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask.testing import FlaskClient
from sqlmodel import col, select

from walletpass import cards, config, database, delivery, google, programs
from walletpass.cards import Card
from walletpass.delivery import Outbox
from walletpass.errors import DeliveryError
from walletpass.google import GoogleObject, mirror, routes


@pytest.fixture
def fresh(issue: Callable[..., Card]) -> Card:
    """Ana's card, in no wallet yet."""
    return issue(wallets=())


def wallets(card: Card) -> list[str]:
    with database.reading() as session:
        return cards.get(session, card.program_id, card.id).wallets


def button(card: Card) -> str:
    return f"/c/luna/{card.link}/google"


def test_the_button_leads_to_google_once_google_knows_the_card(
    browser: FlaskClient, fresh: Card, fake: Any, private_key: rsa.RSAPrivateKey, check_token: Callable[..., Any]
) -> None:
    answer = browser.get(button(fresh))
    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "no-store"
    assert fake.log == ["POST loyaltyClass", "POST loyaltyObject"]
    address, _, token = answer.headers["Location"].rpartition("/")
    assert address == "https://pay.google.com/gp/v/save"
    assert len(token) <= 1800
    _, claims = check_token(token, private_key.public_key())
    (saved,) = claims["payload"]["loyaltyObjects"]
    assert saved["id"] in fake.resources["loyaltyObject"]
    assert saved["classId"] in fake.resources["loyaltyClass"]
    assert wallets(fresh) == ["google"]
    said = json.dumps([[call.body for call in fake.calls], claims], ensure_ascii=False)
    assert not [word for word in ("Ana", "Zoryana", "Quill", "15123456789", fresh.link) if word in said]


def test_asking_twice_writes_once_and_the_first_time_is_kept(browser: FlaskClient, fresh: Card, fake: Any) -> None:
    def asked() -> Any:
        with database.reading() as session:
            return session.get_one(GoogleObject, (fresh.program_id, fresh.id)).asked_at

    browser.get(button(fresh))
    first = asked()
    assert browser.get(button(fresh)).status_code == 302
    assert len(fake.calls) == 2
    assert asked() == first is not None


def test_the_button_is_not_pressed_without_end(browser: FlaskClient, fresh: Card, fake: Any) -> None:
    config.use(replace(config.current(), download_per_minute=1))
    assert [browser.get(button(fresh)).status_code for _ in range(3)] == [302, 429, 429]


def test_changes_travel_to_google_from_then_on(
    browser: FlaskClient, fresh: Card, fake: Any, show: Callable[..., None], deliver: Callable[..., list[Any]]
) -> None:
    browser.get(button(fresh))
    show(fresh, points=120)
    with database.reading() as session:
        assert session.exec(select(col(Outbox.channel))).all() == ["google"]
    assert deliver(fresh) == [None]
    assert fake.calls[-1].body["notifyPreference"] == "NOTIFY_ON_UPDATE"


def test_a_change_while_google_is_spoken_to_is_not_lost(
    browser: FlaskClient, fresh: Card, fake: Any, show: Callable[..., None], deliver: Callable[..., list[Any]]
) -> None:
    fake.during = lambda: show(fresh, points=500)
    assert browser.get(button(fresh)).status_code == 302
    assert fake.calls[-1].body["loyaltyPoints"]["balance"] == {"int": 500}
    calls = len(fake.calls)
    assert deliver(fresh) == [None]
    assert len(fake.calls) == calls


@pytest.mark.parametrize(("status", "reason"), [(503, ""), (403, "permissionDenied"), (400, "invalid"), (429, "rateLimitExceeded")])
def test_when_google_does_not_take_the_card_the_guest_is_told_plainly(
    browser: FlaskClient, fresh: Card, fake: Any, status: int, reason: str
) -> None:
    fake.next(status, reason)
    answer = browser.get(button(fresh))
    assert answer.status_code == 503
    assert answer.get_json()["error"].startswith("Google Wallet cannot be reached at this moment.")
    assert wallets(fresh) == []


def test_a_key_that_cannot_be_used_is_not_the_guests_business(browser: FlaskClient, fresh: Card, key_file: Path) -> None:
    key_file.chmod(0o644)
    answer = browser.get(button(fresh))
    assert answer.status_code == 503
    assert "google.json" not in answer.get_json()["error"]


def test_pages_can_ask_whether_there_is_a_button(restaurant: Path, key_file: Path) -> None:
    with database.reading() as session:
        program = programs.get(session, "luna")
        assert google.available(program)
        program.google_issuer_id = ""
        assert not google.available(program)
        program.google_issuer_id = "3388000000000000001"
        key_file.unlink()
        assert not google.available(program)


def test_without_google_there_is_no_such_page(browser: FlaskClient, fresh: Card, key_file: Path) -> None:
    key_file.unlink()
    assert browser.get(button(fresh)).status_code == 404


def test_nobody_elses_link_leads_anywhere(browser: FlaskClient, fresh: Card, fake: Any) -> None:
    assert browser.get("/c/luna/not-a-link/google").status_code == 404
    assert browser.get(f"/c/sova/{fresh.link}/google").status_code == 404
    assert fake.calls == []


def test_a_card_that_has_ended_goes_nowhere(browser: FlaskClient, fresh: Card, fake: Any) -> None:
    with database.transaction() as session:
        cards.void(session, cards.get(session, "luna", fresh.id))
    assert browser.get(button(fresh)).status_code == 410
    assert fake.calls == []


def test_a_guest_who_asks_again_makes_good_what_was_given_up(browser: FlaskClient, card: Card) -> None:
    with database.transaction() as session:
        delivery.enqueue(session, "luna", card.id, card.version, ["google"])
    with database.transaction() as session:
        (notice,) = delivery.claim(session, "google", "w1", 10)
        delivery.settle(session, notice, "w1", DeliveryError("Google Wallet answered 400: bad", permanent=True))
        assert delivery.count_dead(session) == 1
    assert browser.get(button(card)).status_code == 302
    with database.reading() as session:
        assert delivery.count_dead(session) == 0


def test_guests_whom_google_keeps_waiting_leave_the_server_to_the_tills(
    browser: FlaskClient, fresh: Card, fake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, go_on = threading.Semaphore(0), threading.Event()
    write = mirror.bring_up_to_date

    def slow(*args: Any, **options: Any) -> Any:
        waiting.release()
        assert go_on.wait(20)
        return write(*args, **options)

    monkeypatch.setattr(mirror, "bring_up_to_date", slow)
    with ThreadPoolExecutor(routes.AT_ONCE) as guests:
        pressed = [guests.submit(lambda: browser.application.test_client().get(button(fresh)).status_code) for _ in range(routes.AT_ONCE)]
        for _ in pressed:
            assert waiting.acquire(timeout=20)
        assert browser.get(button(fresh)).status_code == 503
        go_on.set()
        assert [one.result(20) for one in pressed] == [302] * routes.AT_ONCE
    assert browser.get(button(fresh)).status_code == 302
