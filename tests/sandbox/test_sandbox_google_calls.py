"""What Google tells a restaurant of saves and removals: signed as the real calls are, and every way in which that goes wrong."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.sandbox.wallet import CLASS, ISSUER, OBJECT, Google
from walletpass.sandbox.googlecalls import FORGERIES, Signer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Remote, Restaurant


def holds(key_value: str, signature: str, *parts: str) -> bool:
    """Written from the description of the protocol, not from the signer."""
    signed = b"".join(
        bytes([len(one.encode()), 0, 0, 0] if len(one.encode()) < 256 else [*divmod(len(one.encode()), 256)[::-1], 0, 0]) + one.encode()
        for one in parts
    )
    key = load_der_public_key(base64.b64decode(key_value))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    try:
        key.verify(base64.b64decode(signature), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def fault(call: dict[str, Any], keys: dict[str, Any], nonces: set[str]) -> str:
    """The first thing that is wrong with a call, in the order in which a careful restaurant looks."""
    now, protocol = time.time() * 1000, "ECv2SigningOnly"
    if call["protocolVersion"] != protocol:
        return "wrong protocol"
    signing = call["intermediateSigningKey"]
    root = next(one["keyValue"] for one in keys["keys"] if one["protocolVersion"] == protocol and int(one["keyExpiration"]) > now)
    if not any(holds(root, one, "GooglePayPasses", protocol, signing["signedKey"]) for one in signing["signatures"]):
        return "sender or chain"
    key = json.loads(signing["signedKey"])
    if int(key["keyExpiration"]) <= now:
        return "expired key"
    if not holds(key["keyValue"], call["signature"], "GooglePayPasses", ISSUER, protocol, call["signedMessage"]):
        return "signature"
    message = json.loads(call["signedMessage"])
    if message["expTimeMillis"] < now:
        return "expired message"
    return "replayed nonce" if message["nonce"] in nonces else ""


FAULTS = {
    "unsigned": "signature", "wrong sender": "sender or chain", "expired message": "expired message", "expired key": "expired key",
    "bad chain": "sender or chain", "other issuer": "signature", "replayed nonce": "replayed nonce", "altered message": "signature",
    "wrong protocol": "wrong protocol",
}  # fmt: skip


@pytest.fixture
def told(google: Google, restaurant: Restaurant) -> Restaurant:
    google.call("POST", "loyaltyClass", google.group(callbackOptions={"url": f"{restaurant.url}/google/callback"}))
    google.call("POST", "loyaltyObject", google.card())
    return restaurant


def add(google: Google) -> None:
    google.remote.post("/android/open", {"url": google.link()}).raise_for_status()
    google.remote.post("/android/add").raise_for_status()


def events(told: Restaurant) -> list[str]:
    return [json.loads(call["signedMessage"])["eventType"] for call in told.told]


def test_a_good_call_holds_and_names_the_card() -> None:
    signer = Signer.new()
    call = signer.call(ISSUER, CLASS, OBJECT, "save")
    assert fault(call, signer.keys(), set()) == ""
    message = json.loads(call["signedMessage"])
    assert (message["classId"], message["objectId"], message["eventType"], message["count"]) == (CLASS, OBJECT, "save", 1)
    assert "\\u003d" in call["intermediateSigningKey"]["signedKey"]


def test_the_nine_forgeries_are_each_bad_in_their_own_way() -> None:
    signer, nonce = Signer.new(), "7d1ef0a2"
    found = {kind: fault(signer.forged(kind, ISSUER, CLASS, OBJECT, "save", nonce=nonce), signer.keys(), {nonce}) for kind in FORGERIES}
    assert found == FAULTS


def test_another_signers_call_does_not_hold() -> None:
    assert fault(Signer.new().call(ISSUER, CLASS, OBJECT, "save"), Signer.new().keys(), set()) == "sender or chain"


def test_a_save_and_a_removal_are_told(google: Google, told: Restaurant) -> None:
    add(google)
    google.remote.until(lambda: events(told) == ["save"])
    google.remote.post("/android/delete")
    google.remote.until(lambda: events(told) == ["save", "del"])
    keys = google.remote.get("/google/keys").json()
    assert [fault(call, keys, set()) for call in told.told] == ["", ""]
    calls = google.remote.get("/google/calls").json()
    assert [one["status"] for one in calls["made"]] == [204, 204]
    assert calls["asked_for_keys"] == 1


def test_the_root_outlives_a_restart(google: Google, start: Callable[..., Remote]) -> None:
    before = google.remote.get("/google/keys").json()["keys"][0]["keyValue"]
    google.remote.box.stop()
    assert start().get("/google/keys").json()["keys"][0]["keyValue"] == before


def test_a_restaurant_that_is_away_is_told_again_in_the_same_words(google: Google, told: Restaurant) -> None:
    told.told_answers = [503, 500]
    add(google)
    google.remote.until(lambda: len(told.told) == 3)
    assert told.told[0] == told.told[1] == told.told[2]


def test_a_refused_call_is_not_told_again(google: Google, told: Restaurant) -> None:
    told.told_answers = [400]
    add(google)
    google.remote.until(lambda: len(told.told) == 1)
    google.remote.post("/android/delete")
    google.remote.until(lambda: events(told) == ["save", "del"])


def test_calls_come_twice_in_wrong_order_late_or_not_at_all(google: Google, told: Restaurant) -> None:
    google.remote.post("/faults", {"google_calls": "twice"})
    add(google)
    google.remote.until(lambda: events(told) == ["save", "save"])
    assert told.told[0] == told.told[1]
    google.remote.post("/faults", {"google_calls": "swapped"})
    told.told.clear()
    google.remote.post("/android/delete")
    add(google)
    google.remote.until(lambda: events(told) == ["save", "del"])
    ends = [json.loads(call["signedMessage"])["expTimeMillis"] for call in told.told]
    assert ends[0] > ends[1]
    google.remote.post("/faults", {"google_calls": "never"})
    google.remote.post("/android/delete")
    google.remote.post("/faults", {"google_calls": "once", "google_calls_delay": 1})
    started = time.monotonic()
    add(google)
    google.remote.until(lambda: events(told) == ["save", "del", "save"])
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize("kind", FORGERIES)
def test_the_phones_own_deeds_can_be_told_in_forged_words(google: Google, told: Restaurant, kind: str) -> None:
    assert google.remote.post("/google/call", {"id": OBJECT, "event": "save"}).json() == {"status": 204}
    nonces = {json.loads(told.told[0]["signedMessage"])["nonce"]}
    google.remote.post("/faults", {"google_calls": f"forged: {kind}"})
    add(google)
    google.remote.until(lambda: len(told.told) == 2)
    assert fault(told.told[1], google.remote.get("/google/keys").json(), nonces) == FAULTS[kind]


def test_robots_txt_keeps_the_caller_away(google: Google, told: Restaurant) -> None:
    told.robots = "User-agent: *\nDisallow: /google/\n"
    add(google)
    google.remote.until(lambda: any("robots.txt" in line["text"] for line in google.remote.box.board.lines))
    assert told.told == []
    told.robots = "User-agent: Googlebot\nAllow: /google/callback\n\nUser-agent: *\nDisallow: /\n"
    google.remote.post("/android/delete")
    google.remote.until(lambda: events(told) == ["del"])


def test_a_class_without_an_address_is_told_nothing(google: Google, restaurant: Restaurant) -> None:
    google.save()
    assert google.remote.post("/google/call", {"id": OBJECT}).status_code == 404
    assert restaurant.told == []
