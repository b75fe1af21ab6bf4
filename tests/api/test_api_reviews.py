"""Public reviews, told by a review service."""

import pytest

from tests.api.till import error, everything, post
from tests.cast import make_app, open_house
from tests.tills import program_header, signed_in
from walletpass import database, surveys

REVIEW = {"site": "tripadvisor", "url": "https://tripadvisor.example/r/1", "at": "2026-05-12T20:00:00Z"}


@pytest.fixture
def client(house):
    return make_app().test_client()


@pytest.fixture
def bearer(house):
    return {"Authorization": f"Bearer {house.api_key}"}


def kept():
    with database.reading() as session:
        return [(row.site, row.url, row.card_id) for row in surveys.unthanked(session, "luna")]


def test_a_review_is_recorded_with_the_guest_where_it_is_known(house, client, bearer):
    answer = post(client, "reviews", {**REVIEW, "card": house.ana.number}, bearer)
    assert answer.status_code == 200
    assert {**answer.json, "id": ""} == {"id": "", "site": "tripadvisor", "at": "2026-05-12T20:00:00Z", "points": 0}
    assert post(client, "reviews", {**REVIEW, "url": "https://google.example/2", "site": "google"}, bearer).status_code == 200
    assert sorted(kept()) == [("google", "https://google.example/2", ""), ("tripadvisor", REVIEW["url"], house.ana.id)]


def test_a_repeated_request_gets_the_first_answer_and_a_known_review_is_refused(house, client, bearer):
    first = post(client, "reviews", REVIEW, bearer, key="r1")
    again = post(client, "reviews", REVIEW, bearer, key="r1")
    assert (again.json, again.headers["Idempotent-Replay"]) == (first.json, "true")
    before = everything()
    assert error(post(client, "reviews", REVIEW, bearer))["code"] == "conflict"
    assert error(post(client, "reviews", {**REVIEW, "site": "google"}, bearer, key="r1"))["code"] == "key_reused"
    assert error(post(client, "reviews", REVIEW, bearer, key=None))["code"] == "missing_key"
    assert everything() == before


@pytest.mark.parametrize(
    "change",
    [
        {"site": ""}, {"site": "a b"}, {"site": 1}, {"url": ""}, {"url": "javascript:alert(1)"}, {"url": "x" * 501}, {"at": "yesterday"},
        {"at": "2026-05-12T20:00:00"}, {"at": "2999-01-01T00:00:00Z"}, {"points": 100}, {"card": ""}, {"at": None},
    ],
)  # fmt: skip
def test_a_review_of_the_wrong_shape_changes_nothing(house, client, bearer, change):
    before = everything()
    assert error(post(client, "reviews", {**REVIEW, **change}, bearer))["code"] == "malformed"
    assert everything() == before


def test_a_card_of_another_restaurant_is_not_ours(house, client, bearer):
    sova = open_house("sova")
    assert error(post(client, "reviews", {**REVIEW, "card": sova.ana.number}, bearer))["code"] == "not_our_code"
    assert kept() == []
    assert post(client, "reviews", REVIEW, {"Authorization": f"Bearer {sova.api_key}"}).status_code == 200
    assert kept() == []


def test_a_cashier_at_a_till_tells_of_no_review(house):
    app = make_app()
    answer = post(signed_in(app, house), "reviews", REVIEW, program_header())
    assert error(answer)["code"] == "not_allowed"
    assert error(post(app.test_client(), "reviews", REVIEW, {}))["code"] == "sign_in_required"
