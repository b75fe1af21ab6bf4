"""The managers' page of API keys: made there, shown once, revoked there."""

import re
from datetime import timedelta

import pytest
import time_machine

from tests.cast import open_house
from tests.tills import signed_in
from walletpass import database, programs, staff

PAGE = "/t/luna/keys"


@pytest.fixture
def clara(app, luna):
    return signed_in(app, luna, "Clara")


def make(browser, **more):
    return browser.post(PAGE, data={"action": "make", "label": "Booking system", "scope": ["read", "members"], **more})


def keys(house):
    with database.reading() as session:
        return {key.label: key for key in staff.api_keys(session, house.id)}


def test_a_new_key_works_and_is_shown_this_once(client, luna, clara):
    page = make(clara)
    (secret,) = re.findall(r"wp_luna_[\w-]{43}", page.text)
    assert page.headers["Cache-Control"] == "no-store"
    assert secret not in clara.get(PAGE).text
    answer = client.post("/api/v1/guests/by-code", json={"code": luna.ana.number}, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    made = keys(luna)["Booking system"]
    assert (made.scopes, made.made_by, made.venue_id, made.expires_at) == (["read", "members"], luna.clara.id, "", None)
    page = clara.get(PAGE).text
    assert "made by Clara" in page
    assert "Never used" in page


@time_machine.travel("2026-11-29T20:40:00Z", tick=False)
def test_when_a_key_was_last_used_stands_there_in_the_restaurant_s_time(client, luna, clara, bearer):
    client.post("/api/v1/guests/by-code", json={"code": luna.ana.number}, headers=bearer)
    assert "Last used on 29 Nov 2026, about 21:00" in clara.get(PAGE).text


def test_it_is_for_a_venue_and_a_time_where_that_is_chosen(luna, clara):
    with database.transaction() as session:
        second = programs.add_venue(session, luna.program, "Luna am See")
    make(clara, venue_id=second.id, lives="30")
    made = keys(luna)["Booking system"]
    assert made.venue_id == second.id
    assert 29.9 < (made.expires_at - made.created_at) / timedelta(days=1) < 30.1
    assert "Luna am See" in clara.get(PAGE).text


def test_a_revoked_key_is_gone_at_once(client, luna, clara):
    key = keys(luna)["Test POS"]
    page = clara.post(PAGE, data={"action": "revoke", "key_id": key.id})
    assert "Test POS opens nothing any more." in page.text
    answer = client.post("/api/v1/guests/by-code", json={"code": luna.ana.number}, headers={"Authorization": f"Bearer {luna.api_key}"})
    assert answer.status_code == 401
    assert clara.post(PAGE, data={"action": "revoke", "key_id": key.id}).status_code == 404


@pytest.mark.parametrize("wrong", [{"label": ""}, {"scope": []}, {"scope": ["manage"]}, {"venue_id": "x"}])
def test_what_is_no_key_is_said_and_none_is_made(luna, clara, wrong):
    page = make(clara, **wrong)
    assert page.status_code == 422
    assert "No key was made." in page.text
    assert set(keys(luna)) == {"Test POS"}


def test_cashiers_and_other_restaurants_see_none_of_it(app, luna, clara):
    bruno, sova = signed_in(app, luna, "Bruno"), open_house("sova")
    assert bruno.get(PAGE).status_code == 403
    assert make(bruno).status_code == 403
    theirs = signed_in(app, sova, "Clara")
    assert theirs.post("/t/sova/keys", data={"action": "revoke", "key_id": keys(luna)["Test POS"].id}).status_code == 404
    assert set(keys(luna)) == {"Test POS"}


def test_a_label_is_shown_as_text(clara):
    assert "<script>alert" not in make(clara, label="<script>alert(1)</script>").text
