"""What every answer carries, and whom we believe."""

import re

import pytest

from tests.cast import PINS, make_app, make_till, open_house
from tests.tills import signed_in, till_browser
from walletpass import config, database, staff
from walletpass.app import create_app

LANGUAGES = {"en": "Nothing is here", "uk": "Тут нічого немає", "ru": "Здесь ничего нет"}


def pages(luna):
    with database.transaction() as session:
        link = staff.make_enrol_link(session, "luna")
    card = f"/c/luna/{luna.ana.link}"
    return [
        "/", "/health", "/robots.txt", "/j/luna-table", card, f"{card}/code.svg", f"{card}/address.svg", f"{card}/card.pkpass",
        "/style/luna.css", "/static/app.css", "/static/till.js", "/api/docs", "/api/openapi.json", "/t/luna", "/t/luna/sign-in",
        "/t/luna/manage", "/t/luna/certificates", "/metrics", f"/t/luna/enrol/{link}", f"/t/luna/enrol/{link}/code.svg",
    ]  # fmt: skip


MISSING = ["/nothing", "/j/nobody", "/static/nothing.js", "/artwork/0/icon.png", "/api/nothing", "/apple/nothing", "/t/luna/enrol/x"]


def directives(policy):
    return {name: value.split() for name, _, value in (part.strip().partition(" ") for part in policy.split(";"))}


def test_every_answer_carries_the_headers(app, luna):
    browser = signed_in(app, luna, "Clara")
    for path in [*pages(luna), *MISSING]:
        answer = browser.get(path, buffered=True)
        assert answer.status_code < 500, path
        policy = directives(answer.headers["Content-Security-Policy"])
        assert policy["default-src"] == ["'none'"]
        assert policy["frame-ancestors"] == ["'none'"]
        assert policy["base-uri"] == ["'none'"]
        assert policy["form-action"] == ["'self'"]
        assert policy["style-src"] == ["'self'"]
        assert policy["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
        assert "unsafe-inline" not in str(policy)
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "camera=(self)" in answer.headers["Permissions-Policy"]
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in answer.headers
        assert "Server" not in answer.headers
        assert not any(name.startswith("Access-Control") for name in answer.headers.keys())  # noqa: SIM118 (headers repeat)


def test_what_is_personal_is_kept_by_no_cache(app, luna):
    browser = signed_in(app, luna, "Clara")
    for path in [*pages(luna), *MISSING]:
        cached = browser.get(path, buffered=True).headers.get("Cache-Control", "")
        if path.startswith(("/static/a", "/static/t", "/style/")):
            assert "max-age" in cached
        elif path.startswith("/c/") and path.endswith(".pkpass"):
            assert "no-store" in cached or "private" in cached
        else:
            assert cached == "no-store", path


def test_no_page_needs_what_the_policy_forbids(app, luna):
    browser = signed_in(app, luna, "Clara")
    seen = 0
    for path in [*pages(luna), *MISSING]:
        answer = browser.get(path, buffered=True)
        if answer.mimetype != "text/html":
            continue
        seen += 1
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:", answer.text), path
        scripts = re.findall(r"<script([^>]*)>", answer.text)
        assert all('src="/static/' in script or 'type="application/json"' in script for script in scripts), path
        assert not re.search(r'(?:src|href)="https?://', answer.text), path
    assert seen > 10


HOSTS = [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example:8000",
    "127.0.0.1@evil.example",
    "a b",
    "",
    "[::1]",
]


@pytest.mark.parametrize(
    "path", ["/", "/j/luna-table", "/t/luna", "/api/v1/guests/by-code", "/apple/v1/log", "/static/app.css", "/nothing"]
)
def test_a_host_that_is_not_ours_is_refused(client, path):
    for host in HOSTS:
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 400, host
        assert "evil" not in answer.text
        assert answer.mimetype == ("application/problem+json" if path.startswith(("/api/", "/apple/")) else "text/plain")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "Forwarded", "X-Original-Host"])
def test_links_hold_our_address_whatever_a_proxy_header_says(client, luna, header):
    page = client.get(f"/c/luna/{luna.ana.link}", headers={header: "host=evil.example", "User-Agent": "Instagram"})
    assert page.status_code == 200
    assert "evil.example" not in page.text
    assert f"http://127.0.0.1:8000/c/luna/{luna.ana.link}" in page.text


def test_the_address_of_a_real_house_is_trusted(settings_for, sqlite):
    settings_for(sqlite.database_url, base_url="https://Cards.Example.com:8443/")
    open_house()
    client = make_app().test_client()
    for host in ("cards.example.com", "cards.example.com:8443", "127.0.0.1:8000", "localhost"):
        assert client.get("/j/luna-table", headers={"Host": host}).status_code == 200
    for host in ("example.com", "x.cards.example.com", "cards.example.com.evil.example"):
        assert client.get("/j/luna-table", headers={"Host": host}).status_code == 400


def test_forwarded_headers_are_believed_from_our_proxies_only(settings_for, sqlite):
    for proxies, believed in ((0, False), (1, True)):
        settings_for(sqlite.database_url, base_url="https://cards.example.com", trusted_proxies=proxies)
        # One of its own: it is listened to.
        app = create_app(config.current())
        seen = {}
        app.after_request(lambda response, seen=seen: seen.update(_seen()) or response)
        answer = app.test_client().get("/", headers={"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"})
        assert (seen["address"] == "192.0.2.7") is believed
        assert seen["secure"] is believed
        assert ("Strict-Transport-Security" in answer.headers) is believed


def _seen():
    from flask import request

    return {"address": request.remote_addr, "secure": request.is_secure}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_is_a_page_in_the_guests_language(client, language):
    answer = client.get("/nothing", headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert f'<html lang="{language}">' in answer.text
    assert f"<h1>{LANGUAGES[language]}</h1>" in answer.text


@pytest.mark.parametrize(("language", "back"), [("", "Back to the till"), ("uk", "Назад до каси"), ("ru", "Назад к кассе")])
def test_a_page_for_managers_leads_a_cashier_back_to_the_till_and_speaks_all_languages(app, luna, language, back):
    bruno = signed_in(app, luna)
    query = f"?lang={language}" if language else ""
    answer = bruno.get(f"/t/luna/manage{query}")
    assert answer.status_code == 403
    (leads_to,) = re.findall(rf'href="([^"]+)">{back}<', answer.text)
    assert leads_to == f"/t/luna{query}"
    assert bruno.get(leads_to).status_code == 200
    assert re.findall(r'hreflang="(\w\w)"', answer.text) == ["en", "uk", "ru"]


def test_an_error_of_no_restaurant_leads_to_no_till(client, luna):
    assert "Back to the till" not in client.get("/nothing-here").text
    assert "Back to the till" not in client.get("/t/nobody/manage").text


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing", "/apple/nothing", "/apple/v1/nothing"])
def test_an_error_is_json_where_programs_ask(client, path):
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert (answer.json["code"], answer.json["detail"]) == ("not_found", "There is nothing at this address.")


def test_what_breaks_on_our_side_says_nothing_about_the_inside(luna):
    app = create_app(config.current())
    client = app.test_client()

    def broken():
        raise RuntimeError("secret inside 4711")

    for number, path in enumerate(("/broken", "/api/broken")):
        app.view_functions[f"broken{number}"] = broken
        app.url_map.add(app.url_rule_class(path, endpoint=f"broken{number}"))
        answer = client.get(path)
        assert answer.status_code == 500
        assert "4711" not in answer.text
        assert "Traceback" not in answer.text
        assert "nothing was changed" in answer.text.lower()


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("post", "/", {"GET", "HEAD", "OPTIONS"}),
        ("delete", "/j/luna-table", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("put", "/t/luna/sign-in", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("get", "/t/luna/sign-out", {"OPTIONS", "POST"}),
        ("get", "/api/v1/earn", {"OPTIONS", "POST"}),
        ("get", "/apple/v1/log", {"OPTIONS", "POST"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(client, method, path, allowed):
    answer = getattr(client, method)(path)
    assert answer.status_code == 405
    assert {name.strip() for name in answer.headers["Allow"].split(",")} == allowed
    assert answer.mimetype == ("application/problem+json" if path.startswith(("/api/", "/apple/")) else "text/html")


def test_a_slash_too_many_is_a_page_that_is_not_there(client):
    for path in ("/j/luna-table/", "/t/luna/", "/health/", "/t/luna/sign-in/", "//", "/j//luna-table", "/t/luna/sign-in/.."):
        answer = client.get(path)
        assert answer.status_code in (308, 404), path
        assert (answer.location or "/").startswith(("/", "http://localhost/")), path


def test_head_answers_as_get_does_without_a_body(app, luna):
    browser = signed_in(app, luna, "Clara")
    for path in pages(luna):
        got, head = browser.get(path, buffered=True), browser.head(path, buffered=True)
        assert head.status_code == got.status_code == 200 or path == "/t/luna/enrol", path
        assert head.data == b""
        assert head.mimetype == got.mimetype


def test_the_health_page_counts_what_waits(client):
    assert client.get("/health").json.keys() == {"status", "version", "waiting", "certificates", "warnings"}


def test_a_till_behind_https_and_a_proxy_can_sign_in(settings_for, sqlite):
    """The pages tell browsers to send no Referer, so the forms must not need one."""
    settings_for(sqlite.database_url, base_url="https://cards.example.com", trusted_proxies=1)
    luna = open_house()
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = True
    browser, _ = till_browser(app)
    proxy = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7", "Host": "cards.example.com"}
    browser.set_cookie("till_luna", make_till("luna")[1], domain="cards.example.com")
    page = browser.get("/t/luna/sign-in", base_url="https://cards.example.com", headers=proxy)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)
    form = {"csrf_token": token, "staff_id": luna.bruno.id, "pin": PINS["Bruno"]}
    answer = browser.post("/t/luna/sign-in", base_url="https://cards.example.com", data=form, headers=proxy)
    assert (answer.status_code, answer.location) == (303, "/t/luna")
