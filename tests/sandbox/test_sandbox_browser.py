"""The phones' browsers: a proxy that looks like a phone, and the page that frames it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.sandbox.conftest import Remote, Restaurant


def frame(remote: Remote, path: str, phone: str = "iphone", **options: object) -> requests.Response:
    browser = remote.box.iphone_browser if phone == "iphone" else remote.box.android_browser
    return requests.get(browser.origin + path, timeout=10, allow_redirects=False, **options)  # type: ignore[arg-type]


def test_a_phone_has_its_own_name_language_and_no_trace_of_the_frame(remote: Remote) -> None:
    remote.post("/language", {"language": "uk"})
    sent = {"Referer": remote.box.url + "/", "Sec-Fetch-Dest": "iframe", "X-Forwarded-For": "1.2.3.4", "Accept-Language": "de"}
    seen = frame(remote, "/echo?a=1", headers=sent).json()["headers"]
    assert "iPhone" in seen["User-Agent"]
    assert seen["Accept-Language"] == "uk"
    assert seen["Host"] == remote.box.options.server_url.removeprefix("http://")
    assert seen["Referer"] == remote.box.options.server_url + "/"
    assert not {"Sec-Fetch-Dest", "X-Forwarded-For"} & set(seen)
    assert "Android" in frame(remote, "/echo", "android").json()["headers"]["User-Agent"]


def test_a_form_arrives_with_the_servers_own_origin(remote: Remote) -> None:
    origin = remote.box.iphone_browser.origin
    answer = requests.post(f"{origin}/echo", {"name": "Ana"}, headers={"Origin": origin, "Referer": f"{origin}/j/luna"}, timeout=10).json()
    assert answer["headers"]["Origin"] == remote.box.options.server_url
    assert answer["headers"]["Referer"] == f"{remote.box.options.server_url}/j/luna"
    assert answer["body"] == "name=Ana"


def test_each_phone_keeps_its_own_cookies_and_the_browser_around_sees_none(remote: Remote) -> None:
    first = frame(remote, "/", headers={"Cookie": "visits=99"})
    assert "Set-Cookie" not in first.headers
    assert [frame(remote, "/").text[-1], frame(remote, "/").text[-1], frame(remote, "/", "android").text[-1]] == ["1", "2", "0"]


def test_a_page_may_live_in_the_frame_and_stays_as_strict_otherwise(remote: Remote) -> None:
    answer = frame(remote, "/")
    assert "X-Frame-Options" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    assert policy == f"default-src 'self'; form-action 'self' {remote.box.url}; script-src 'self'"
    assert f"{remote.box.iphone_browser.origin}/card.pkpass" in answer.text


def test_redirects_stay_in_the_frame_and_google_leads_to_the_sandboxs_own_page(remote: Remote, restaurant: Restaurant) -> None:
    inside = frame(remote, f"/go?to={restaurant.url}/echo")
    assert inside.headers["Location"] == f"{remote.box.iphone_browser.origin}/echo"
    google = frame(remote, "/go?to=https://pay.google.com/gp/v/save/abc", "android")
    assert google.headers["Location"] == f"{remote.box.url}/gp/v/save/abc"


def test_a_pass_goes_to_the_wallet_and_the_page_stays(remote: Remote) -> None:
    answer = frame(remote, "/card.pkpass")
    assert (answer.status_code, answer.content) == (204, b"")
    assert remote.state()["iphone"]["sheet"]["pass"]["serial"] == "card-1"


def test_a_pass_on_android_is_just_a_file(remote: Remote) -> None:
    answer = frame(remote, "/card.pkpass", "android")
    assert answer.headers["Content-Type"] == "application/vnd.apple.pkpass"
    assert remote.state()["iphone"]["sheet"] is None


def test_the_address_bar_follows_pages_and_not_their_parts(remote: Remote, restaurant: Restaurant) -> None:
    frame(remote, "/", headers={"Sec-Fetch-Dest": "iframe"})
    frame(remote, "/echo", headers={"Sec-Fetch-Dest": "empty"})
    assert remote.state()["iphone"]["browser"]["address"] == f"{restaurant.url}/"


def test_a_phone_that_is_off_browses_nowhere(remote: Remote) -> None:
    remote.post("/faults", {"iphone": "off"})
    assert frame(remote, "/").status_code == 503
    assert frame(remote, "/", "android").status_code == 200


def test_a_server_that_is_down_is_said_in_words(remote: Remote) -> None:
    remote.box.iphone_browser.server = "http://127.0.0.1:1"
    answer = frame(remote, "/")
    assert (answer.status_code, "does not answer" in answer.text) == (502, True)


def test_open_follows_redirects_as_the_frame_would(remote: Remote, restaurant: Restaurant) -> None:
    assert remote.post("/iphone/open", {"url": f"{restaurant.url}/go?to=/card.pkpass"}).status_code == 200
    assert remote.post("/android/open", {"url": f"{restaurant.url}/go?to=/echo"}).status_code == 422


def test_the_page_shows_both_phones_and_adds_a_pass_by_hand(remote: Remote, restaurant: Restaurant, browser: Browser) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(remote.box.url)
    page.fill("#iphone .address input", restaurant.url)
    page.press("#iphone .address input", "Enter")
    page.frame_locator("iframe[name=iphone-browser]").get_by_text("card").first.click()
    page.click("#iphone-add")
    page.locator("#iphone .wallet [data-serial=card-1] [data-field=points]").get_by_text("120").wait_for()
    restaurant.earn(5)
    remote.box.iphone.pushed("pass.example.luna")
    page.locator("#iphone .banner.down").get_by_text("You now have 125 points").wait_for()
    page.locator("#iphone .wallet [data-field=points]").get_by_text("125").wait_for()
    assert errors == []
    page.close()
