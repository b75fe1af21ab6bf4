"""Being signed in: on one till, for a while, until it ends on the server."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from tests.cast import PINS, make_app, make_till, open_house
from tests.tills import program_header, signed_in, till_browser
from walletpass import database, staff
from walletpass.api.auth import staff_cookie, till_cookie
from walletpass.database import now
from walletpass.staff.models import StaffSession


def sign_in(browser, house, name="Bruno"):
    person = {"Bruno": house.bruno, "Clara": house.clara}[name]
    return browser.post(f"/t/{house.id}/sign-in", data={"staff_id": person.id, "pin": PINS[name]})


def is_in(browser, program_id="luna"):
    return browser.get(f"/t/{program_id}").status_code == 200


def secret(browser, program_id="luna"):
    cookie = browser.get_cookie(staff_cookie(program_id))
    return cookie.value if cookie else None


def test_a_session_sleeps_in_after_four_hours(house):
    with time_machine.travel(now(), tick=False) as clock:
        browser = signed_in(make_app(), house)
        clock.shift(timedelta(hours=4))
        assert is_in(browser)
        clock.shift(timedelta(hours=4, seconds=1))
        assert not is_in(browser)


def test_a_session_ends_after_fourteen_hours_of_work(house):
    with time_machine.travel(now(), tick=False) as clock:
        browser = signed_in(make_app(), house)
        for _ in range(14):
            clock.shift(timedelta(hours=1))
            assert is_in(browser)
        clock.shift(timedelta(seconds=1))
        assert not is_in(browser)


def test_being_seen_is_written_down_every_five_minutes_only(house):
    with time_machine.travel(now(), tick=False) as clock:
        browser = signed_in(make_app(), house)

        def seen():
            with database.reading() as session:
                return session.exec(select(StaffSession.seen_at)).one()

        started = seen()
        clock.shift(timedelta(minutes=5))
        is_in(browser)
        assert seen() == started
        clock.shift(timedelta(seconds=1))
        is_in(browser)
        assert seen() == now()


def test_a_session_works_on_its_own_till_only(house):
    app = make_app()
    browser, _ = till_browser(app)
    sign_in(browser, house)
    thief, _ = till_browser(app)
    thief.set_cookie(staff_cookie("luna"), secret(browser))
    assert is_in(browser)
    assert not is_in(thief)
    no_till = app.test_client()
    no_till.set_cookie(staff_cookie("luna"), secret(browser))
    assert "not a till yet" in no_till.get("/t/luna").text
    for stranger in (thief, no_till):
        answer = stranger.post("/api/v1/guests/by-code", json={"code": house.ana.number}, headers=program_header())
        assert answer.status_code == 401


def test_every_sign_in_is_a_new_session_and_ends_the_one_before(house):
    browser, _ = till_browser(make_app())
    secrets = []
    for name in ("Bruno", "Clara", "Bruno"):
        sign_in(browser, house, name)
        secrets.append(secret(browser))
    assert len(set(secrets)) == 3
    for old in secrets[:2]:
        browser.set_cookie(staff_cookie("luna"), old)
        assert not is_in(browser)
    browser.set_cookie(staff_cookie("luna"), secrets[2])
    assert is_in(browser)


def test_a_session_planted_before_the_sign_in_is_worth_nothing(app, luna):
    browser, _ = till_browser(app)
    browser.set_cookie(staff_cookie("luna"), "planted")
    sign_in(browser, luna)
    assert secret(browser) != "planted"
    browser.set_cookie(staff_cookie("luna"), "planted")
    assert not is_in(browser)


def test_signing_out_ends_the_session_on_the_server(house):
    browser, _ = till_browser(make_app())
    sign_in(browser, house)
    kept = secret(browser)
    answer = browser.post("/t/luna/sign-out")
    assert (answer.status_code, answer.location) == (303, "/t/luna/sign-in")
    assert secret(browser) is None
    browser.set_cookie(staff_cookie("luna"), kept)
    assert not is_in(browser)


def test_signing_out_is_no_link(app, luna):
    browser = signed_in(app, luna)
    assert browser.get("/t/luna/sign-out").status_code == 405
    assert is_in(browser)


@pytest.mark.parametrize("program_id", ["nobody", "a%0Ab", "a%0D%0ASet-Cookie:x=1", "a;b=c", "%00", "%F0%9F%98%80"])
def test_signing_out_nowhere_is_not_found(house, program_id):
    answer = make_app().test_client().post(f"/t/{program_id}/sign-out")
    assert answer.status_code in (404, 422)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(("base_url", "secure"), [("http://127.0.0.1:8000", False), ("https://cards.example.com", True)])
def test_cookies_are_ours_alone_and_secure_over_https(settings_for, sqlite, base_url, secure):
    settings_for(sqlite.database_url, base_url=base_url)
    luna = open_house()
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = True
    with database.transaction() as session:
        link = staff.make_enrol_link(session, "luna")
    browser = app.test_client()
    seen = browser.get(f"/t/luna/enrol/{link}", base_url=base_url).headers.getlist("Set-Cookie")
    app.config["WTF_CSRF_ENABLED"] = False
    seen += browser.post(f"/t/luna/enrol/{link}", data={"device": "Bar"}, base_url=base_url).headers.getlist("Set-Cookie")
    who = {"staff_id": luna.bruno.id, "pin": PINS["Bruno"]}
    seen += browser.post("/t/luna/sign-in", data=who, base_url=base_url).headers.getlist("Set-Cookie")
    seen += browser.post("/t/luna/sign-out", base_url=base_url).headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in seen} == {"walletpass", till_cookie("luna"), staff_cookie("luna")}
    for cookie in seen:
        parts = set(cookie.split("; "))
        assert {"HttpOnly", "SameSite=Strict"} <= parts, cookie
        assert ("Secure" in parts) is secure, cookie


# What every browser is given: the app of the till without anybody's name in it, and the codes of the guests made up for practice.
PUBLIC = {
    f"/t/<program_id>/{name}"
    for name in ("manifest.webmanifest", "icon-<int:size>.png", "worker.js", "offline", "who", "practice/<slug>.svg")
}
# An invitation of a table, and a coat ticket: for whoever is not at a till there is none.
CODES = {"/t/<program_id>/join-code.svg", "/t/<program_id>/coats/ticket-code.svg"}


def test_the_cookies_of_one_restaurant_open_no_page_of_another(app, luna):
    sova = open_house("sova")
    browser = signed_in(app, luna, "Dmitro")
    # The same secrets under the other restaurant's names, too.
    browser.set_cookie(till_cookie("sova"), browser.get_cookie(till_cookie("luna")).value)
    browser.set_cookie(staff_cookie("sova"), browser.get_cookie(staff_cookie("luna")).value)
    tried = 0
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/t/<program_id>"):
            continue
        path = (
            rule.rule.replace("<program_id>", "sova")
            .replace("<token>", "x")
            .replace("<int:size>", "192")
            .replace("<slug>", "maria")
            .replace("<any(hooks, tags):what>", "hooks")
        )
        for method in rule.methods & {"GET", "POST"}:
            form = {"action": "revoke", "staff_id": sova.bruno.id, "pin": "0000", "device": "Bar"} if method == "POST" else None
            answer = browser.open(path, method=method, data=form)
            assert b"Bruno" not in answer.data
            if rule.rule in PUBLIC:
                assert (answer.status_code, b"Dmitro" in answer.data) == (200, False), path
                continue
            if rule.rule in CODES:
                assert answer.status_code == 404, path
                continue
            assert (
                answer.status_code in (401, 410)
                or answer.location in ("/t/sova", "/t/sova/sign-in")
                or "This browser is not a till yet" in answer.text
            ), (method, path, answer.status_code)
            tried += 1
    assert tried >= 9
    assert browser.get("/t/sova/who").get_json()["staff"] is None
    assert is_in(browser)


def test_the_api_knows_a_till_by_the_restaurant_it_names(app, luna):
    sova = open_house("sova")
    browser = signed_in(app, luna)
    for program_id, card, status in [
        ("luna", luna.ana, 200),
        ("luna", sova.ana, 404),
        ("sova", sova.ana, 401),
        ("", luna.ana, 401),
        ("LUNA", luna.ana, 401),
    ]:
        answer = browser.post("/api/v1/guests/by-code", json={"code": card.number}, headers=program_header(program_id))
        assert answer.status_code == status


def test_a_key_of_one_restaurant_finds_nothing_of_another(house):
    sova = open_house("sova")
    client = make_app().test_client()
    ours, theirs = ({"Authorization": f"Bearer {one.api_key}"} for one in (house, sova))
    earned = client.post("/api/v1/earn", json={"card": house.ana.number, "amount": 1000}, headers={**ours, "Idempotency-Key": "a"})
    assert earned.status_code == 200
    for name in (house.ana.number, house.ana.id):
        requests = {
            "/api/v1/guests/by-code": {"code": name},
            "/api/v1/earn": {"card": name, "amount": 1000},
            "/api/v1/redeem": {"card": name, "amount": 1000, "points": 1},
            "/api/v1/undo": {"entry": earned.json["entry"]["id"], "reason": "not ours"},
        }
        for path, body in requests.items():
            answer = client.post(path, json=body, headers={**theirs, "Idempotency-Key": f"{path}{name}"})
            assert answer.status_code == 404, (path, answer.text)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "wp",
        "wp__",
        "wp_luna",
        "wp_luna_",
        "wp_luna_x",
        "wp_sova_{secret}",
        "WP_luna_{secret}",
        "wp_luna_{secret}x",
        "luna_{secret}",
        "\xff",
    ],
)
def test_a_key_that_is_not_quite_right_is_none(app, luna, key):
    key = key.replace("{secret}", luna.api_key.removeprefix("wp_luna_"))
    for scheme in ("Bearer", "Basic", "bearer "):
        answer = app.test_client().post(
            "/api/v1/guests/by-code", json={"code": luna.ana.number}, headers={"Authorization": f"{scheme} {key}"}
        )
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_unknown_till_secret_is_nobody(house):
    till, _ = make_till("luna")
    with database.reading() as session:
        assert staff.signed_in(session, "luna", till, "x") is None
        assert staff.till_by_token(session, "luna", "") is None
