import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
from walletpass.google import account, line, pace
from walletpass.google.client import AlreadyThere, BadPicture, Client, KeyRefused, Misconfigured, NotThere, QuotaFull, VendorDown

CLASS = {
    "id": "3388000000000000001.luna",
    "issuerName": "Luna",
    "programName": "Luna",
    "programLogo": {"sourceUri": {"uri": "https://cards.luna.example/logo.png"}},
    "reviewStatus": "UNDER_REVIEW",
}


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


@pytest.mark.parametrize(
    ("status", "reason", "message"),
    [
        (403, "quotaExceeded", "Quota exceeded for issuer 1 when adding TEXT_AND_NOTIFY message to object 1.a"),
        (403, "", "Quota exceeded for issuer 1 when adding TEXT_AND_NOTIFY message to object 1.a"),
        (429, "quotaExceeded", "too many"),
        (429, "", "QuotaExceededException"),
    ],
)
def test_a_full_quota_of_notices_is_no_missing_right_and_no_vendor_that_is_away(
    client: Client, fake: Any, status: int, reason: str, message: str
) -> None:
    fake.next(status, reason, message)
    with capture_logs() as logs:
        error = failure(client)
    assert isinstance(error, QuotaFull)
    assert not error.permanent
    assert logs == []


@pytest.mark.parametrize("reason", ["permissionDenied", "insufficientPermissions", "accessNotConfigured", ""])
def test_any_other_403_is_a_missing_right(client: Client, fake: Any, reason: str) -> None:
    fake.next(403, reason, "Quota exceeded? No: you may not")
    with capture_logs():
        assert isinstance(failure(client), Misconfigured)


@pytest.mark.parametrize("status", [403, 429])
def test_too_many_requests_are_slowed_down_whatever_the_code(client: Client, fake: Any, status: int) -> None:
    fake.next(status, "rateLimitExceeded", "Quota exceeded for quota metric 'Requests'")
    assert isinstance(failure(client), VendorDown)


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
    assert line.TIMEOUT == (3.0, 10.0)
    client.upsert("loyaltyClass", CLASS)
    monkeypatch.setattr(line, "TIMEOUT", (0.2, 0.2))
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


@pytest.mark.parametrize("status", [302, 400, 404, 409, 413])
def test_what_is_not_in_google_s_words_is_not_google(client: Client, fake: Any, status: int) -> None:
    fake.answers.append(Response("<p>The proxy of your hoster</p>", status, headers={"Location": "http://elsewhere.example/"}))
    error = failure(client)
    assert isinstance(error, VendorDown)
    assert not error.permanent


@pytest.mark.parametrize(
    "answer",
    [
        Response("<p>Away</p>", 503),
        Response("<p>Sign in to the network</p>", 200),
        Response("<p>The proxy</p>", 403),
        Response("{}", 429),
        Response("", 302, headers={"Location": "http://elsewhere.example/"}),
    ],
    ids=lambda answer: str(answer.status_code),
)
def test_a_token_endpoint_in_trouble_is_not_waited_for(
    client: Client, fake: Any, hosts: list[str], monkeypatch: pytest.MonkeyPatch, answer: Response
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("slept"))
    fake.token_answers.append(answer)
    error = failure(client)
    assert isinstance(error, VendorDown)
    assert f"the token endpoint answered {answer.status_code}" in error.message
    assert fake.calls == []
    assert "elsewhere.example" not in hosts


def test_a_revoked_key_is_told_from_a_missing_right(client: Client, fake: Any) -> None:
    fake.next(401)
    fake.next(401)
    with capture_logs():
        assert isinstance(failure(client), KeyRefused)
    assert (len(fake.calls), len(fake.grants)) == (2, 2)


def test_threads_whose_token_ends_ask_for_one_new_token(restaurant: Path, fake: Any) -> None:
    signer = account.load()

    def work(_: int) -> None:
        with Client(signer) as own:
            own.upsert("loyaltyClass", CLASS)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
        assert len(fake.grants) == 1
        fake.revoked = 1
        list(pool.map(work, range(4)))
    assert len(fake.grants) == 2


def test_every_request_takes_a_turn_also_the_one_with_a_new_token(client: Client, fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[str] = []
    monkeypatch.setattr(pace, "turn", lambda account, **_: turns.append(account))
    fake.next(401, "authError")
    client.upsert("loyaltyClass", CLASS)
    client.upsert("loyaltyClass", CLASS)
    client.get("loyaltyClass", CLASS["id"])
    assert len(fake.calls) == 5
    assert turns == [account.load().email] * 5


def test_a_put_leaves_nothing_of_what_was_there(client: Client, fake: Any) -> None:
    client.upsert("loyaltyClass", {**CLASS, "homepageUri": {"uri": "https://luna.example"}})
    client.put("loyaltyClass", CLASS["id"], CLASS)
    assert client.get("loyaltyClass", CLASS["id"]) == {**CLASS, "hasUsers": True}


def test_a_message_comes_back_with_its_resource(client: Client, fake: Any) -> None:
    client.upsert("loyaltyClass", CLASS)
    answer = client.add_message("loyaltyClass", CLASS["id"], {"id": "m1", "body": "Truffles"})
    assert fake.log[-1] == f"POST loyaltyClass/{CLASS['id']}/addMessage"
    assert answer["messages"] == [{"id": "m1", "body": "Truffles"}]


def test_a_long_list_comes_page_by_page(client: Client, fake: Any) -> None:
    fake.resources["loyaltyObject"] = {f"1.{number}": {"id": f"1.{number}"} for number in range(250)}
    assert [one["id"] for one in client.list("loyaltyObject", CLASS["id"])] == list(fake.resources["loyaltyObject"])
    assert fake.pages == [0, 100, 200]
    fake.resources["loyaltyObject"] = {}
    assert list(client.list("loyaltyObject", CLASS["id"])) == []


def test_an_issuer_is_asked_for_by_its_id(client: Client, fake: Any) -> None:
    fake.resources["issuer"] = {"3388000000000000001": {"name": "Luna"}}
    assert client.issuer("3388000000000000001")["name"] == "Luna"
    assert fake.log == ["GET issuer/3388000000000000001"]


@pytest.mark.parametrize(("said", "kind"), [("Image cannot be loaded: heroImage", BadPicture), ("Invalid barcode", DeliveryError)])
def test_a_dead_picture_is_told_from_other_faults(client: Client, fake: Any, said: str, kind: type[DeliveryError]) -> None:
    fake.next(400, "invalid", said)
    error = failure(client)
    assert type(error) is kind
    assert error.permanent


def test_an_insert_says_what_is_there(client: Client) -> None:
    client.insert("loyaltyClass", CLASS)
    with pytest.raises(AlreadyThere):
        client.insert("loyaltyClass", CLASS)
