"""The APNs over real HTTP/2, asked with libcurl."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pycurl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Credentials, Remote, Restaurant

TOPIC = "pass.example.luna"


@dataclass
class Answer:
    status: int
    reason: str
    apns_id: str
    protocol: int


@dataclass
class Sender:
    """``push`` sends one notification with the certificate of a program (or without any)."""

    remote: Remote
    credentials: Credentials

    def push(self, token: str, *headers: str, program: str | None = "luna", body: str = "{}", topic: str = TOPIC) -> Answer:
        out, lines = io.BytesIO(), io.BytesIO()
        curl = pycurl.Curl()
        curl.setopt(pycurl.URL, f"https://127.0.0.1:{self.remote.box.apns.port}/3/device/{token}")
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS)
        curl.setopt(pycurl.CAINFO, str(self.credentials.certs / "apns-ca.pem"))
        if program:
            curl.setopt(pycurl.SSLCERT, str(self.credentials.certs / program / "pass.pem"))
            curl.setopt(pycurl.SSLKEY, str(self.credentials.certs / program / "pass.key"))
        curl.setopt(pycurl.POSTFIELDS, body)
        curl.setopt(pycurl.HTTPHEADER, [f"apns-topic: {topic}", "apns-push-type: background", "apns-priority: 5", *headers])
        curl.setopt(pycurl.WRITEDATA, out)
        curl.setopt(pycurl.HEADERFUNCTION, lines.write)
        curl.setopt(pycurl.TIMEOUT, 10)
        try:
            curl.perform()
            status, protocol = curl.getinfo(pycurl.RESPONSE_CODE), curl.getinfo(pycurl.INFO_HTTP_VERSION)
        finally:
            curl.close()
        headers_seen = dict(line.split(": ", 1) for line in lines.getvalue().decode().splitlines() if ": " in line)
        reason = json.loads(out.getvalue())["reason"] if out.getvalue() else ""
        return Answer(status, reason, headers_seen.get("apns-id", ""), protocol)


@pytest.fixture
def sender(remote: Remote, restaurant: Restaurant, credentials: Credentials) -> Sender:
    remote.post("/iphone/open", {"url": f"{restaurant.url}/card.pkpass"})
    remote.post("/iphone/add")
    return Sender(remote, credentials)


def test_a_push_over_http2_wakes_the_phone_which_fetches_the_change(sender: Sender, restaurant: Restaurant) -> None:
    restaurant.earn(30)
    answer = sender.push(restaurant.push_token, "apns-expiration: 0")
    assert (answer.status, answer.protocol) == (200, 3)
    assert len(answer.apns_id) == 36
    sender.remote.until(lambda: sender.remote.box.state()["iphone"]["banners"])
    assert sender.remote.state()["iphone"]["banners"][0]["text"] == "You now have 150 points"


def test_every_push_is_recorded_with_its_answer(sender: Sender, restaurant: Restaurant) -> None:
    sender.push(restaurant.push_token, "apns-expiration: 0")
    sender.push("00ff")
    first, second = sender.remote.get("/apns/pushes").json()["pushes"]
    assert (first["token"], first["topic"], first["push_type"], first["priority"]) == (restaurant.push_token, TOPIC, "background", "5")
    assert (first["status"], second["status"], second["reason"]) == (200, 400, "BadDeviceToken")


def test_without_a_client_certificate_there_is_no_connection(sender: Sender, restaurant: Restaurant) -> None:
    with pytest.raises(pycurl.error):
        sender.push(restaurant.push_token, program=None)
    assert sender.remote.get("/apns/pushes").json()["pushes"] == []


def test_the_topic_has_to_be_the_pass_type_of_the_certificate(sender: Sender, restaurant: Restaurant) -> None:
    assert sender.push(restaurant.push_token, topic="pass.example.sova").reason == "TopicDisallowed"
    assert sender.push(restaurant.push_token, program="sova", topic="pass.example.sova").reason == "DeviceTokenNotForTopic"


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ([], "", "PayloadEmpty"),
        ([], "[]", "PayloadEmpty"),
        ([], json.dumps({"x": "y" * 5000}), "PayloadTooLarge"),
        (["apns-expiration: soon"], "{}", "BadExpirationDate"),
    ],
)
def test_a_wrong_request_gets_apples_reason(sender: Sender, restaurant: Restaurant, headers: list[str], body: str, reason: str) -> None:
    assert sender.push(restaurant.push_token, *headers, body=body).reason == reason


def test_the_fault_switch_answers_410_and_503(sender: Sender, restaurant: Restaurant) -> None:
    sender.remote.post("/faults", {"apns": "410"})
    assert sender.push(restaurant.push_token) == Answer(410, "Unregistered", *_rest(sender))
    sender.remote.post("/faults", {"apns": "503"})
    assert sender.push(restaurant.push_token).reason == "ServiceUnavailable"


def test_a_dead_token_stays_dead_and_the_phone_comes_back_with_a_new_one(sender: Sender, restaurant: Restaurant) -> None:
    dead = restaurant.push_token
    sender.remote.post("/faults", {"apns": "410"})
    sender.push(dead)
    assert not sender.remote.state()["iphone"]["passes"][0]["registered"]
    restaurant.registrations.clear()
    sender.remote.post("/faults", {"apns": "ok"})
    sender.remote.until(lambda: sender.remote.box.state()["iphone"]["passes"][0]["registered"])
    assert restaurant.push_token != dead
    assert (sender.push(dead).status, sender.push(restaurant.push_token).status) == (410, 200)


def _rest(sender: Sender) -> tuple[str, int]:
    return sender.remote.box.apns.pushes()[-1]["apns_id"], 3


def test_off_refuses_connections_until_it_is_on_again(sender: Sender, restaurant: Restaurant) -> None:
    sender.remote.post("/faults", {"apns": "off"})
    with pytest.raises(pycurl.error) as refused:
        sender.push(restaurant.push_token)
    assert refused.value.args[0] == pycurl.E_COULDNT_CONNECT
    sender.remote.post("/faults", {"apns": "ok"})
    assert sender.push(restaurant.push_token).status == 200


def test_a_switched_off_apns_stays_off_over_a_restart(start: Callable[..., Remote]) -> None:
    start().post("/faults", {"apns": "off"})
    again = start()
    assert again.get("/faults").json()["apns"] == "off"


@pytest.mark.parametrize("position", ["400 BadDeviceToken", "403 BadCertificate", "429 TooManyRequests", "503 Shutdown"])
def test_any_of_apples_answers_can_be_played(sender: Sender, restaurant: Restaurant, position: str) -> None:
    sender.remote.post("/faults", {"apns": position})
    answer = sender.push(restaurant.push_token)
    assert f"{answer.status} {answer.reason}" == position


def test_a_script_is_played_once(sender: Sender, restaurant: Restaurant) -> None:
    script = [{"status": 503, "reason": "Shutdown", "times": 2}, {"status": 200}, {"status": 429, "reason": "TooManyRequests"}]
    assert sender.remote.post("/faults", {"apns": script}).json()["apns"] == "script"
    assert [sender.push(restaurant.push_token).status for _ in range(5)] == [503, 503, 200, 429, 200]
    assert sender.remote.get("/faults").json()["apns"] == "ok"


def test_a_connection_can_be_cut_and_a_knob_shows_where_it_stands(sender: Sender, restaurant: Restaurant) -> None:
    assert sender.remote.post("/faults", {"apns_drop": 1}).json()["apns_drop"] == 1
    with pytest.raises(pycurl.error):
        sender.push(restaurant.push_token)
    assert "apns_drop" not in sender.remote.post("/faults", {"apns_drop": 0}).json()
    assert sender.push(restaurant.push_token).status == 200


@pytest.mark.parametrize("wrong", [{"apns": "499 Odd"}, {"apns": []}, {"apns": [{"status": 1}]}, {"apns_drop": -1}, {"iphone_lag": "long"}])
def test_a_position_that_is_none_changes_nothing(sender: Sender, wrong: dict[str, object]) -> None:
    before = sender.remote.get("/faults").json()
    assert sender.remote.post("/faults", {"google": "off", **wrong}).status_code == 400
    assert sender.remote.get("/faults").json() == before


def test_a_phone_that_lags_asks_later(sender: Sender, restaurant: Restaurant) -> None:
    sender.remote.post("/faults", {"iphone_lag": 1})
    restaurant.earn(30)
    before = len(restaurant.calls)
    sender.push(restaurant.push_token)
    assert len(restaurant.calls) == before
    sender.remote.until(lambda: len(restaurant.calls) > before)
