"""The recorder that judges every write of the suite: it hears what our client sends, and knows good from bad."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.payloads import Recorder, judged
from walletpass.cards import Card

OBJECT = "3388000000000000001.card"


def test_what_a_delivery_sends_is_heard_and_right(card: Card, deliver: Callable[..., list[Any]], payloads: Recorder) -> None:
    assert deliver(card) == [None]
    assert {"POST loyaltyClass", "POST loyaltyObject"} <= set(payloads.sent)
    assert payloads.wrong == []


def test_a_write_that_google_would_not_take_is_told(fake: Any, payloads: Recorder) -> None:
    requests.patch(f"{fake.url}/v1/loyaltyObject/{OBJECT}", json={"state": "active"}, timeout=10)
    [wrong] = payloads.wrong
    assert "PATCH loyaltyObject" in wrong
    assert "'active' is an old spelling" in wrong
    payloads.wrong.clear()


@pytest.mark.parametrize(
    ("method", "kind", "id", "verb", "body", "sentence"),
    [
        ("POST", "loyaltyObject", "", "", {"id": OBJECT, "classId": OBJECT}, "Missing required field: state"),
        ("PATCH", "loyaltyObject", OBJECT, "", {"state": "ACTIVE"}, ""),
        ("PUT", "loyaltyObject", OBJECT, "", {"state": "ACTIVE"}, "Missing required field: classId"),
        ("PATCH", "loyaltyClass", "3388000000000000001.luna", "", {"programName": "Luna"}, "with its review status"),
        ("POST", "loyaltyObject", OBJECT, "addMessage", {"message": {"body": "a"}}, ""),
        ("POST", "loyaltyObject", OBJECT, "addMessage", {"body": "a"}, 'Unknown name "body"'),
        ("POST", "jwt", "validate", "", {"jwt": "a"}, 'Unknown name "jwt"'),
    ],
)
def test_a_write_is_judged_by_where_it_goes(method: str, kind: str, id: str, verb: str, body: dict[str, Any], sentence: str) -> None:
    found = judged(method, kind, id, verb, body)
    assert sentence in found if sentence else not found
