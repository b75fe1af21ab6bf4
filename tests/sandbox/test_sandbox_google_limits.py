"""What Google's sandbox counts, forbids and plays: rates, quotas, demo mode, dead pictures and answers on order."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests
import time_machine

from tests.sandbox.wallet import CLASS, ISSUER, OBJECT, Google, reason
from walletpass.sandbox.googleanswers import Refused
from walletpass.sandbox.googlelimits import Rate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Remote

NOTE = {"id": "m1", "header": "Truffle week", "body": "Double points.", "messageType": "TEXT_AND_NOTIFY"}


def tell(google: Google, path: str = f"loyaltyObject/{OBJECT}", **changes: Any) -> requests.Response:
    return google.call("POST", f"{path}/addMessage", {"message": {**NOTE, **changes}})


@pytest.mark.parametrize(
    ("position", "status", "word"),
    [
        ("401 authError", 401, "authError"),
        ("403 permissionDenied", 403, "permissionDenied"),
        ("403 quotaExceeded", 403, "quotaExceeded"),
        ("404 notFound", 404, "notFound"),
        ("409 existingResource", 409, "existingResource"),
        ("429 rateLimitExceeded", 429, "rateLimitExceeded"),
        ("500 internalError", 500, "internalError"),
        ("503 backendError", 503, "backendError"),
    ],
)
def test_every_answer_can_be_ordered_and_changes_nothing(google: Google, position: str, status: int, word: str) -> None:
    google.fill()
    google.remote.post("/faults", {"google": position})
    assert reason(google.call("PATCH", f"loyaltyObject/{OBJECT}", {"accountId": "77"})) == (status, word)
    google.remote.post("/faults", {"google": "ok"})
    assert google.call("GET", f"loyaltyObject/{OBJECT}").json().get("accountId") is None


def test_a_script_is_played_once_and_lets_a_200_through(google: Google) -> None:
    google.fill()
    script = [{"status": 429, "reason": "rateLimitExceeded"}, {"status": 200}, {"status": 500, "reason": "internalError", "times": 2}]
    google.remote.post("/faults", {"google": script})
    answers = [google.call("GET", f"loyaltyObject/{OBJECT}").status_code for _ in range(5)]
    assert answers == [429, 200, 500, 500, 200]
    assert google.remote.get("/faults").json()["google"] == "ok"


def test_a_429_asks_to_wait_when_told_so(google: Google) -> None:
    google.remote.post("/faults", {"google": "429 rateLimitExceeded"})
    assert "Retry-After" not in google.call("GET", f"loyaltyObject/{OBJECT}").headers
    google.remote.post("/faults", {"google_retry_after": 7})
    assert google.call("GET", f"loyaltyObject/{OBJECT}").headers["Retry-After"] == "7"


def test_a_lost_answer_hides_a_message_that_is_there(google: Google) -> None:
    google.save()
    google.remote.post("/faults", {"google": "200 lost"})
    with pytest.raises(requests.ConnectionError):
        tell(google)
    google.remote.post("/faults", {"google": "ok"})
    assert [one["id"] for one in google.call("GET", f"loyaltyObject/{OBJECT}").json()["messages"]] == ["m1"]


def test_a_message_sent_again_is_there_twice_and_the_eleventh_is_refused(google: Google) -> None:
    google.fill()
    for _ in range(10):
        assert tell(google, messageType="TEXT").status_code == 200
    answer = tell(google, messageType="TEXT")
    assert (answer.status_code, "has 10 messages" in answer.text) == (400, True)


def test_the_fourth_notice_of_a_day_is_one_too_many_and_a_silent_one_is_not(google: Google) -> None:
    google.save()
    with time_machine.travel(time.time(), tick=True) as clock:
        assert [tell(google).status_code for _ in range(3)] == [200] * 3
        assert reason(tell(google)) == (403, "quotaExceeded")
        assert tell(google, messageType="TEXT").status_code == 200
        google.earn(130)
        assert [tell(google, f"loyaltyClass/{CLASS}").status_code for _ in range(4)] == [200, 200, 200, 403]
        clock.shift(86_401)
        google.bearer = google.token().json()["access_token"]
        assert tell(google).status_code == 200


def test_only_a_changed_balance_counts_as_a_notice(google: Google) -> None:
    google.save()
    body = {"accountId": "1", "notifyPreference": "NOTIFY_ON_UPDATE"}
    assert {google.call("PATCH", f"loyaltyObject/{OBJECT}", body).status_code for _ in range(5)} == {200}
    for points in (121, 122, 123):
        google.earn(points)
    answer = google.call(
        "PATCH", f"loyaltyObject/{OBJECT}", {"loyaltyPoints": {"balance": {"int": 124}}, "notifyPreference": "NOTIFY_ON_UPDATE"}
    )
    assert reason(answer) == (403, "quotaExceeded")
    google.earn(125, silent=True)
    assert len(google.remote.state()["android"]["notices"]) == 3


def test_the_quota_can_be_lifted(google: Google) -> None:
    google.save()
    google.remote.post("/faults", {"google_quota": "none"})
    assert {tell(google).status_code for _ in range(5)} == {200}


def test_the_most_in_any_second_is_counted_across_the_clocks_seconds() -> None:
    times = iter((0.5, 0.9, 1.1, 1.4, 1.6, 3.0))
    rate = Rate(lambda: next(times))
    for _ in range(6):
        rate.arrived(strict=False)
    assert (rate.state()["total"], rate.state()["most_in_a_second"]) == (6, 4)


def test_a_strict_second_takes_twenty_and_the_next_takes_twenty_again() -> None:
    now = 0.0
    rate = Rate(lambda: now)
    for second in (10.0, 11.0):
        for place in range(20):
            now = second + place / 40
            rate.arrived(strict=True)
        with pytest.raises(Refused, match="Requests per second"):
            rate.arrived(strict=True)
    assert rate.state()["refused"] == 2


def test_a_request_too_many_is_a_429_when_the_rate_is_strict(google: Google) -> None:
    google.fill()
    google.remote.post("/google/requests/forget")
    google.remote.box.rate.clock = lambda: 5.0
    for _ in range(20):
        google.remote.box.rate.arrived(strict=True)
    assert google.call("GET", f"loyaltyObject/{OBJECT}").status_code == 200
    google.remote.post("/faults", {"google_rate": "strict"})
    assert reason(google.call("GET", f"loyaltyObject/{OBJECT}")) == (429, "rateLimitExceeded")
    assert google.remote.get("/google/requests").json()["most_in_a_second"] == 22
    assert google.remote.state()["google"] == {"total": 22, "most_in_a_second": 22, "refused": 1}


def test_in_demo_mode_writes_succeed_and_only_a_tester_saves(google: Google) -> None:
    google.fill()
    google.remote.post("/faults", {"google_mode": "demo"})
    assert google.call("PATCH", f"loyaltyObject/{OBJECT}", {"accountId": "7"}).status_code == 200
    answer = google.remote.post("/android/open", {"url": google.link()})
    assert (answer.status_code, "not allowed to save" in answer.text) == (422, True)
    assert requests.post(google.link(), timeout=10).status_code == 400
    google.remote.post("/faults", {"android_account": "tester"})
    assert requests.post(google.link(), timeout=10).status_code == 200
    assert google.remote.state()["android"]["cards"][0]["program"] == "[TEST ONLY] Luna card"
    google.remote.post("/faults", {"google_mode": "live"})
    assert google.remote.state()["android"]["cards"][0]["program"] == "Luna card"


def test_dead_pictures_fail_a_write_that_names_one(google: Google) -> None:
    google.fill()
    google.remote.post("/faults", {"google_images": "dead"})
    assert google.call("PATCH", f"loyaltyObject/{OBJECT}", {"accountId": "8"}).status_code == 200
    answer = google.call("PATCH", f"loyaltyClass/{CLASS}", google.group())
    assert (answer.status_code, "Image cannot be loaded" in answer.text) == (400, True)


def test_a_class_that_left_draft_cannot_go_back(google: Google) -> None:
    google.call("POST", "loyaltyClass", google.group(reviewStatus="DRAFT"))
    assert google.call("PUT", f"loyaltyClass/{CLASS}", google.group()).json()["reviewStatus"] == "approved"
    assert "cannot go back" in google.call("PATCH", f"loyaltyClass/{CLASS}", {"reviewStatus": "DRAFT"}).text
    assert "Invalid review status" in google.call("PATCH", f"loyaltyClass/{CLASS}", {"programName": "Moon"}).text


def test_an_empty_array_in_a_patch_says_nothing_and_a_put_clears(google: Google) -> None:
    google.fill()
    module = {"id": "coat", "header": "Coat", "body": "A17"}
    google.call("PATCH", f"loyaltyObject/{OBJECT}", {"textModulesData": [module]})
    assert google.call("PATCH", f"loyaltyObject/{OBJECT}", {"textModulesData": []}).json()["textModulesData"] == [module]
    assert "textModulesData" not in google.call("PUT", f"loyaltyObject/{OBJECT}", google.card()).json()


def test_who_may_write_is_a_list_that_is_sent_whole(google: Google) -> None:
    google.fill()
    email = google.account["client_email"]
    assert google.call("GET", f"issuer/{ISSUER}").json()["issuerId"] == ISSUER
    before = google.call("GET", f"permissions/{ISSUER}").json()
    assert before["permissions"] == [{"emailAddress": email, "role": "WRITER"}]
    read_only = {"issuerId": ISSUER, "permissions": [{"emailAddress": email, "role": "READER"}]}
    assert google.call("PUT", f"permissions/{ISSUER}", read_only).json() == read_only
    assert google.call("GET", f"loyaltyObject/{OBJECT}").status_code == 200
    assert reason(google.call("PATCH", f"loyaltyObject/{OBJECT}", {"accountId": "1"})) == (403, "permissionDenied")
    assert reason(google.call("GET", "issuer/3388000000000000077")) == (403, "permissionDenied")


def test_a_link_can_be_checked_without_being_used(google: Google) -> None:
    payload = {"loyaltyClasses": [google.group()], "loyaltyObjects": [google.card()]}
    jwt = google.link(payload=payload).rpartition("/")[2]
    assert google.call("POST", "jwt/validate", {"jwtResource": {"jwt": jwt}}).json() == {}
    assert google.call("GET", f"loyaltyClass/{CLASS}").status_code == 404
    answer = google.call("POST", "jwt", {"jwt": jwt}).json()
    assert re.search(r"/gp/v/save/.+\..+\.", answer["saveUri"])
    assert answer["resources"]["loyaltyObjects"][0]["id"] == OBJECT
    assert "exactly one of" in google.call("POST", "jwt/validate", {}).text


def test_a_phone_that_looks_late_sees_only_the_last_state(google: Google) -> None:
    google.save()
    google.remote.post("/faults", {"android_lag": 1})
    google.earn(150)
    google.earn(160, silent=True)
    assert google.remote.state()["android"]["cards"][0]["points"][0]["value"] == "120"
    google.remote.until(lambda: google.remote.state()["android"]["cards"][0]["points"][0]["value"] == "160")


def test_the_switches_outlive_a_restart(google: Google, start: Callable[..., Remote]) -> None:
    google.remote.post("/faults", {"google_mode": "demo", "google_delay": 10})
    google.remote.box.stop()
    faults = start().get("/faults").json()
    assert (faults["google_mode"], faults["google_delay"]) == ("demo", 10)


@pytest.mark.parametrize(
    "wrong", [{"google": "418 teapot"}, {"google_calls": "forged: badly"}, {"google": [{"status": 410, "reason": "Gone"}]}]
)
def test_a_switch_that_is_none_is_refused(google: Google, wrong: dict[str, Any]) -> None:
    assert google.remote.post("/faults", wrong).status_code == 400
