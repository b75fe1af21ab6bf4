import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from werkzeug.wrappers import Response

from walletpass import config
from walletpass.database import now
from walletpass.errors import DeliveryError
from walletpass.google import account
from walletpass.google import client as speaking
from walletpass.google.client import Client, Misconfigured, NotThere, VendorDown

CLASS = {"id": "3388000000000000001.luna", "programName": "Luna", "reviewStatus": "UNDER_REVIEW"}


@pytest.fixture
def client(restaurant: Path) -> Iterator[Client]:
    with Client(account.load()) as opened:
        yield opened


def failure(client: Client) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        client.patch("loyaltyClass", CLASS["id"], CLASS)
    return caught.value


def test_what_is_new_is_inserted_in_one_call(client: Client, fake: Any) -> None:
    assert client.upsert("loyaltyClass", CLASS)["programName"] == "Luna"
    assert fake.log == ["POST loyaltyClass"]


def test_what_is_there_already_is_patched(client: Client, fake: Any) -> None:
    client.upsert("loyaltyClass", CLASS)
    client.upsert("loyaltyClass", {**CLASS, "programName": "Luna Due"})
    assert fake.log[1:] == ["POST loyaltyClass", "PATCH loyaltyClass/3388000000000000001.luna"]
    assert fake.resources["loyaltyClass"][CLASS["id"]]["programName"] == "Luna Due"
    assert fake.calls[-1].body["reviewStatus"] == "UNDER_REVIEW"


def test_a_patch_of_nothing_says_so(client: Client) -> None:
    with pytest.raises(NotThere):
        client.patch("loyaltyClass", CLASS["id"], CLASS)


def test_one_token_serves_many_calls(client: Client, fake: Any) -> None:
    client.upsert("loyaltyClass", CLASS)
    client.upsert("loyaltyClass", CLASS)
    with Client(account.load()) as another:
        another.upsert("loyaltyClass", CLASS)
    assert len(fake.grants) == 1


def test_a_token_that_has_ended_is_replaced_and_the_call_made_again(client: Client, fake: Any) -> None:
    fake.next(401, "authError")
    client.upsert("loyaltyClass", CLASS)
    assert len(fake.grants) == 2
    assert fake.log == ["POST loyaltyClass", "POST loyaltyClass"]


def test_no_host_but_the_two_that_are_set_is_spoken_to(client: Client, fake: Any, hosts: list[str]) -> None:
    before = set(threading.enumerate())
    client.upsert("loyaltyClass", CLASS)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(hosts) == {"127.0.0.1"}


def test_a_message_that_google_refuses_is_not_tried_again_and_says_why(client: Client, fake: Any) -> None:
    fake.next(400, "invalid", "Image cannot be loaded")
    error = failure(client)
    assert error.permanent
    assert error.message == "Google Wallet answered 400: Image cannot be loaded"


@pytest.mark.parametrize("status", [401, 403])
def test_missing_rights_wait_for_the_operator_and_are_loud(client: Client, fake: Any, status: int) -> None:
    fake.next(status, "permissionDenied", "not a user of this issuer")
    fake.next(status, "permissionDenied", "not a user of this issuer")
    with capture_logs() as logs:
        error = failure(client)
    assert isinstance(error, Misconfigured)
    assert (error.permanent, error.after) == (False, 900)
    assert "not a user of this issuer" in error.message
    assert [entry["log_level"] for entry in logs] == ["critical"]


def test_a_key_that_google_has_revoked_waits_for_the_operator(client: Client, fake: Any) -> None:
    fake.token_answers.append(Response('{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}', 400))
    error = failure(client)
    assert (error.permanent, error.after) == (False, 900)
    assert "Invalid JWT Signature" in error.message


def test_a_full_quota_of_notices_is_tried_again(client: Client, fake: Any) -> None:
    fake.next(403, "quotaExceeded", "Quota exceeded for issuer")
    with capture_logs() as logs:
        error = failure(client)
    assert not error.permanent
    assert not isinstance(error, VendorDown | Misconfigured)
    assert logs == []


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_vendor_in_trouble_is_tried_again(client: Client, fake: Any, status: int) -> None:
    fake.next(status)
    error = failure(client)
    assert isinstance(error, VendorDown)
    assert (error.permanent, error.after) == (False, None)


@pytest.mark.parametrize(
    ("wish", "seconds"), [("7", 7), ("0", 0), ("99999999", 86_400), ("soon", None), ("-3", None), ("Wed, 01 Jan 2020 00:00:00 GMT", 0)]
)
def test_retry_after_is_honoured(client: Client, fake: Any, wish: str, seconds: float | None) -> None:
    fake.next(429, "rateLimitExceeded", headers={"Retry-After": wish})
    assert failure(client).after == seconds


def test_retry_after_may_be_a_date(client: Client, fake: Any) -> None:
    fake.next(503, headers={"Retry-After": format_datetime(now() + timedelta(seconds=120), usegmt=True)})
    assert failure(client).after == pytest.approx(120, abs=5)


def test_a_page_in_place_of_an_answer_is_no_answer(client: Client, fake: Any) -> None:
    fake.answers.append(Response("<p>Sign in</p>", 200))
    assert isinstance(failure(client), VendorDown)
    fake.answers.append(Response("<p>Bad gateway</p>", 502))
    assert failure(client).message.startswith("Google Wallet answered 502")


def test_a_redirect_is_not_followed_with_the_token(client: Client, fake: Any) -> None:
    fake.next(302, headers={"Location": "http://elsewhere.example/"})
    assert isinstance(failure(client), VendorDown)


def test_an_answer_that_does_not_come_ends_after_the_timeout(client: Client, fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert speaking.TIMEOUT == (3.0, 10.0)
    client.upsert("loyaltyClass", CLASS)
    monkeypatch.setattr(speaking, "TIMEOUT", (0.2, 0.2))
    fake.hanging = True
    error = failure(client)
    assert isinstance(error, VendorDown)
    assert "cannot be reached" in error.message


def test_a_closed_port_is_tried_again(restaurant: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    config.use(config.Settings(**{**vars(config.current()), "google_api_url": f"http://127.0.0.1:{port}/v1"}))
    with Client(account.load()) as client:
        assert isinstance(failure(client), VendorDown)


def test_a_token_endpoint_in_trouble_is_not_waited_for(client: Client, fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("slept"))
    fake.token_answers.append(Response("<p>Away</p>", 503))
    error = failure(client)
    assert isinstance(error, VendorDown)
    assert "the token endpoint answered 503" in error.message
    assert fake.calls == []
