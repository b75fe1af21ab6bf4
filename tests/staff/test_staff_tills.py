"""A one-time link makes a browser a till; a manager puts it out again."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from sqlmodel import func, select

from tests.cast import PINS, make_app, make_till, open_house
from tests.tills import program_header, signed_in, till_browser
from walletpass import database, staff
from walletpass.api.auth import till_cookie
from walletpass.database import now
from walletpass.errors import Gone, Malformed, NotFound
from walletpass.staff import Till
from walletpass.staff.models import EnrolLink


def make_link(program_id="luna", **values):
    with database.transaction() as session:
        return staff.make_enrol_link(session, program_id, **values)


def enrol(link, name="Bar", program_id="luna"):
    with database.transaction() as session:
        return staff.enrol(session, program_id, link, name)


def count_tills():
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(Till)).one()


def test_a_link_makes_one_till(house):
    link = make_link(venue_id=house.venue.id)
    till, secret = enrol(link)
    assert (till.name, till.venue_id) == ("Bar", house.venue.id)
    with database.reading() as session:
        assert staff.till_by_token(session, "luna", secret).id == till.id
    with pytest.raises(Gone):
        enrol(link)


def test_of_twenty_who_use_a_link_at_once_one_wins(house):
    link, ready = make_link(), Barrier(20)

    def one(number):
        ready.wait(30)
        try:
            return enrol(link, f"Till {number}")[0].name
        except Gone:
            return None

    with ThreadPoolExecutor(20) as pool:
        won = [name for name in pool.map(one, range(20)) if name]
    assert len(won) == 1
    assert count_tills() == 1


def test_a_link_expires_after_a_day(house):
    with time_machine.travel(now(), tick=False) as clock:
        link, other = make_link(), make_link()
        clock.shift(timedelta(hours=24))
        enrol(link)
        clock.shift(timedelta(seconds=1))
        with pytest.raises(Gone):
            enrol(other)


def test_a_name_that_is_none_does_not_use_the_link_up(house):
    link = make_link()
    with pytest.raises(Malformed):
        enrol(link, "\u200b")
    assert enrol(link)


def test_a_link_of_another_restaurant_is_gone(house):
    open_house("sova")
    with pytest.raises(Gone):
        enrol(make_link("sova"))


@pytest.mark.parametrize("link", ["", "nobody", "x" * 3000, "\u0456"])
def test_a_link_that_never_was_is_gone(house, link):
    with pytest.raises(Gone):
        enrol(link)


def test_only_hashes_of_secrets_are_kept(house):
    link = make_link()
    _till, secret = enrol(link)
    with database.reading() as session:
        kept = [*session.exec(select(EnrolLink.token_hash)).all(), *session.exec(select(Till.token_hash)).all()]
    assert link not in kept
    assert secret not in kept
    assert {len(digest) for digest in kept} == {64}


def test_a_revoked_till_is_out_at_once(house):
    app = make_app()
    browser, till = till_browser(app)
    browser.post("/t/luna/sign-in", data={"staff_id": house.bruno.id, "pin": PINS["Bruno"]})
    assert browser.get("/t/luna").status_code == 200
    with database.transaction() as session:
        staff.revoke_till(session, "luna", till.id)
    assert "not a till yet" in browser.get("/t/luna").text
    assert browser.get("/t/luna/sign-in").location == "/t/luna"
    assert browser.post("/api/v1/guests/by-code", json={"code": house.ana.number}, headers=program_header()).status_code == 401
    answer = browser.post("/t/luna/sign-in", data={"staff_id": house.bruno.id, "pin": PINS["Bruno"]})
    assert (answer.location, "Set-Cookie" in answer.headers) == ("/t/luna", False)
    with database.reading() as session:
        assert staff.tills(session, "luna") == []


def test_a_till_of_another_restaurant_is_not_found(house):
    open_house("sova")
    till, secret = make_till("sova")
    with database.transaction() as session, pytest.raises(NotFound):
        staff.revoke_till(session, "luna", till.id)
    with database.reading() as session:
        assert staff.till_by_token(session, "sova", secret) is not None
        assert staff.till_by_token(session, "luna", secret) is None


def test_a_manager_lets_a_till_in_and_puts_it_out(app, luna):
    manager = signed_in(app, luna, "Clara")
    page = manager.post("/t/luna/manage", data={"action": "enrol"}).text
    link = re.search(r'<p class="address">http://[^/]+(/t/luna/enrol/[^<]+)</p>', page).group(1)
    drawn = re.search(r'src="(/t/luna/enrol/[^"]+/code\.svg)"', page).group(1)
    assert manager.get(drawn).mimetype == "image/svg+xml"

    tablet = app.test_client()
    assert "Make this browser a till" in tablet.get(link).text
    assert tablet.post(link, data={"device": " "}).status_code == 422
    answer = tablet.post(link, data={"device": "Bar <b>tablet</b>"})
    assert (answer.status_code, answer.location) == (303, "/t/luna")
    assert tablet.get("/t/luna").location == "/t/luna/sign-in"

    # Used up: for the form, for another browser, and for its drawing.
    for gone in (tablet.get(link), app.test_client().post(link, data={"device": "Thief"}), manager.get(drawn)):
        assert gone.status_code == 410
        assert "Set-Cookie" not in gone.headers

    page = manager.get("/t/luna/manage").text
    assert "Bar &lt;b&gt;tablet&lt;/b&gt;" in page
    (device,) = (till.id for till in tills() if till.name.startswith("Bar"))
    assert "That till is out." in manager.post("/t/luna/manage", data={"action": "revoke", "device_id": device}).text
    assert "not a till yet" in tablet.get("/t/luna").text


def tills():
    with database.reading() as session:
        return staff.tills(session, "luna")


def test_a_drawing_is_made_of_working_links_only(app, luna):
    browser = app.test_client()
    for token in ("nobody", "x" * 3500):
        assert browser.get(f"/t/luna/enrol/{token}/code.svg").status_code == 410


def test_looking_at_the_page_does_not_use_the_link_up(app, luna):
    link = f"/t/luna/enrol/{make_link()}"
    browser = app.test_client()
    assert [browser.get(link).status_code, browser.head(link).status_code, browser.get(link).status_code] == [200, 200, 200]
    assert browser.post(link, data={"device": "Bar"}).status_code == 303


def test_the_cookie_of_a_till_is_its_own_and_for_our_server_alone(app, luna):
    browser = app.test_client()
    answer = browser.post(f"/t/luna/enrol/{make_link()}", data={"device": "Bar"})
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith(f"{till_cookie('luna')}=")
    parts = set(cookie.split("; ")[1:])
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= parts
    assert "Secure" not in parts
    assert not any(part.startswith("Domain") for part in parts)
