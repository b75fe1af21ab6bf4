"""The iPhone against a small restaurant: add, push, update, delete, faults and a restart."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from tests.sandbox.conftest import PassMaker, Remote, Restaurant


def added(remote: Remote, restaurant: Restaurant) -> None:
    assert remote.post("/iphone/open", {"url": f"{restaurant.url}/card.pkpass"}).status_code == 200
    assert remote.post("/iphone/add").json()["registered"]


def push(remote: Remote, restaurant: Restaurant) -> None:
    remote.box.iphone.pushed("pass.example.luna")


def shown_points(remote: Remote) -> str:
    return str(remote.box.state()["iphone"]["passes"][0]["headerFields"][0]["value"])


def test_opening_a_pass_shows_the_sheet_and_nothing_is_in_the_wallet_yet(remote: Remote, restaurant: Restaurant) -> None:
    sheet = remote.post("/iphone/open", {"url": f"{restaurant.url}/card.pkpass"}).json()
    assert sheet["pass"]["headerFields"] == [{"key": "points", "label": "Points", "value": "120"}]
    assert remote.state()["iphone"]["passes"] == []
    assert restaurant.registrations == {}


def test_adding_registers_then_lists_without_a_tag_then_fetches(remote: Remote, restaurant: Restaurant) -> None:
    added(remote, restaurant)
    device = remote.state()["iphone"]["device"]
    calls = [(method, path) for method, path, _ in restaurant.calls if path.startswith("/apple")]
    registrations = f"/apple/v1/devices/{device}/registrations/pass.example.luna"
    assert calls == [("POST", f"{registrations}/card-1"), ("GET", registrations), ("GET", "/apple/v1/passes/pass.example.luna/card-1")]
    assert len(restaurant.push_token) == 64


def test_a_push_brings_the_new_points_and_a_banner_in_the_language_of_the_phone(remote: Remote, restaurant: Restaurant) -> None:
    remote.post("/language", {"language": "uk"})
    added(remote, restaurant)
    restaurant.earn(10)
    push(remote, restaurant)
    remote.until(lambda: remote.box.state()["iphone"]["banners"])
    [banner] = remote.state()["iphone"]["banners"]
    assert (banner["title"], banner["text"]) == ("Trattoria Luna", "У вас 130 балів")
    assert shown_points(remote) == "130"
    assert restaurant.calls[-2][1].endswith("?passesUpdatedSince=1")
    assert "If-Modified-Since" in restaurant.calls[-1][2]


def test_a_value_that_did_not_change_makes_no_banner(remote: Remote, restaurant: Restaurant) -> None:
    added(remote, restaurant)
    restaurant.earn(0)
    push(remote, restaurant)
    remote.until(lambda: remote.box.state()["iphone"]["passes"][0]["lastModified"].endswith("GMT") and len(restaurant.calls) >= 6)
    assert remote.state()["iphone"]["banners"] == []


def test_deleting_the_pass_takes_the_registration_back(remote: Remote, restaurant: Restaurant) -> None:
    added(remote, restaurant)
    assert remote.post("/iphone/delete", {"serial": "card-1"}).json()["passes"] == []
    assert restaurant.registrations == {}
    assert remote.post("/iphone/delete", {"serial": "card-1"}).status_code == 404


def test_a_phone_that_was_off_makes_up_for_it_when_switched_on(remote: Remote, restaurant: Restaurant) -> None:
    added(remote, restaurant)
    remote.post("/faults", {"iphone": "off"})
    restaurant.earn(5)
    push(remote, restaurant)
    assert shown_points(remote) == "120"
    remote.post("/faults", {"iphone": "on"})
    remote.until(lambda: shown_points(remote) == "125")


def test_the_wallet_survives_a_restart_and_lists_at_once(start: Callable[..., Remote], restaurant: Restaurant) -> None:
    first = start()
    added(first, restaurant)
    before = first.state()["iphone"]
    first.box.stop()
    restaurant.earn(7)
    second = start()
    second.until(lambda: shown_points(second) == "127")
    after = second.state()["iphone"]
    assert (after["device"], after["pushTokens"]) == (before["device"], before["pushTokens"])


def test_a_registration_that_failed_is_tried_again_and_told_to_the_log(remote: Remote, restaurant: Restaurant) -> None:
    restaurant.broken = 500
    remote.post("/iphone/open", {"url": f"{restaurant.url}/card.pkpass"})
    assert not remote.post("/iphone/add").json()["registered"]
    assert "Register task (for device" in restaurant.logs[0]
    assert "Unexpected response code 500" in restaurant.logs[0]
    restaurant.broken = 0
    remote.until(lambda: remote.box.state()["iphone"]["passes"][0]["registered"])


def test_an_update_that_will_not_open_keeps_the_old_version_and_says_why(remote: Remote, restaurant: Restaurant) -> None:
    added(remote, restaurant)
    restaurant.earn(1)
    restaurant.spoiled = True
    push(remote, restaurant)
    remote.until(lambda: "will not open" in remote.box.state()["iphone"]["passes"][0]["problem"])
    assert shown_points(remote) == "120"
    assert any("will not open" in line for line in restaurant.logs)


def test_an_update_may_not_change_the_token(remote: Remote, restaurant: Restaurant) -> None:
    added(remote, restaurant)
    other = restaurant.passes.make(webServiceURL=f"{restaurant.url}/apple", authenticationToken="another-token-altogether")
    restaurant.pkpass = lambda: other  # type: ignore[method-assign]
    restaurant.earn(1)
    push(remote, restaurant)
    remote.until(lambda: "must not change authenticationToken" in remote.box.state()["iphone"]["passes"][0]["problem"])


def test_a_spoiled_pass_shows_its_sentence_and_cannot_be_added(remote: Remote, restaurant: Restaurant, passes: PassMaker) -> None:
    restaurant.spoiled = True
    answer = remote.post("/iphone/open", {"url": f"{restaurant.url}/card.pkpass"})
    assert answer.status_code == 422
    assert "not a zip archive" in answer.json()["error"]
    assert remote.state()["iphone"]["sheet"]["error"] == answer.json()["error"]
    assert remote.post("/iphone/add").status_code == 404


def test_an_address_that_is_no_pass_is_refused_in_words(remote: Remote, restaurant: Restaurant) -> None:
    answer = remote.post("/iphone/open", {"url": f"{restaurant.url}/"})
    assert (answer.status_code, answer.json()["error"]) == (422, "That address answered 200 text/html, not a pass.")
    assert remote.post("/iphone/open", {"url": "http://elsewhere.example/card.pkpass"}).status_code == 502
    assert remote.post("/iphone/open", {}).status_code == 400


def test_the_barcode_is_the_message_of_the_pass(remote: Remote, restaurant: Restaurant) -> None:
    import zxingcpp
    from PIL import Image

    added(remote, restaurant)
    picture = remote.get("/iphone/passes/card-1/barcode.png?scale=6")
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.content)).convert("L"))
    assert [code.text for code in found] == ["1003184467440737"]


def test_the_events_send_the_state_after_each_change(remote: Remote, restaurant: Restaurant) -> None:
    with requests.get(f"{remote.box.url}/events", stream=True, timeout=10) as stream:
        lines = stream.iter_lines(decode_unicode=True, chunk_size=1)
        assert next(line for line in lines if line.startswith("event")) == "event: state"
        remote.post("/language", {"language": "ru"})
        assert next(line for line in lines if line.startswith("data") and '"language": "ru"' in line)


def test_bad_switches_are_refused_with_a_sentence_and_change_nothing(remote: Remote) -> None:
    answer = remote.post("/faults", {"google": "503", "apns": "loud"})
    assert (answer.status_code, answer.json()["error"]) == (400, "apns can be ok, 410, 503, off, not 'loud'.")
    assert remote.get("/faults").json() == {"apns": "ok", "google": "ok", "iphone": "on", "android": "on"}
    assert remote.post("/faults", {"weather": "on"}).status_code == 400
    assert remote.post("/language", {"language": "xx"}).status_code == 400


def test_another_site_may_not_play_with_the_phones(remote: Remote) -> None:
    assert remote.post("/iphone/add", headers={"Origin": "http://evil.example"}).status_code == 403
    assert remote.get("/state", headers={"Host": "evil.example"}).status_code == 403
