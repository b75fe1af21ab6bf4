"""The feed and webhooks, as an integration talks to them."""

import base64

import pytest

from tests.api.till import error, everything, post
from tests.cast import make_app, open_house
from tests.ledger.book import earn, redeem
from tests.tills import program_header, signed_in
from tests.webhooks.receiver import Receiver
from walletpass import database, events
from walletpass.events import Kind
from walletpass.webhooks import Dispatcher


@pytest.fixture
def app(house):
    return make_app()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def bearer(house):
    return {"Authorization": f"Bearer {house.api_key}"}


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


def read(client, bearer, **query):
    return client.get("/api/v1/events", query_string=query, headers=bearer)


def test_the_feed_is_read_page_by_page_to_its_end_and_on(house, client, bearer):
    entry = earn(house)
    redeem(house, 10)
    first = read(client, bearer, limit=2).json
    assert [one["kind"] for one in first["events"]] == ["card.issued", "points.earned"]
    assert first["more"] is True
    told = first["events"][1]
    assert told["data"] == {"entry": entry.id, "type": "earn", "points": 1000}
    assert (told["card"], told["check"], told["program"], told["number"]) == (house.ana.id, "A1", "luna", 2)
    assert told["at"].endswith("Z")
    rest = read(client, bearer, after=first["next"]).json
    assert [one["kind"] for one in rest["events"]] == ["points.redeemed"]
    end = read(client, bearer, after=rest["next"]).json
    assert (end["events"], end["more"], end["next"]) == ([], False, rest["next"])
    earn(house, check="A2")
    assert [one["number"] for one in read(client, bearer, after=end["next"]).json["events"]] == [4]


def test_one_kind_or_two_can_be_asked_for(house, client, bearer):
    earn(house)
    redeem(house, 10)
    assert [one["number"] for one in read(client, bearer, kind="points.redeemed").json["events"]] == [3]
    assert [one["number"] for one in read(client, bearer, kind=["points.redeemed", "card.issued"]).json["events"]] == [1, 3]


def cursor(number, event_id=""):
    return base64.urlsafe_b64encode(f"{number}.{event_id}".encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"after": "garbage!"}, 422, "malformed"),
        ({"after": "x" * 200}, 422, "malformed"),
        ({"limit": 0}, 422, "malformed"),
        ({"limit": 501}, 422, "malformed"),
        ({"limit": "many"}, 422, "malformed"),
        ({"kind": "points.stolen"}, 422, "malformed"),
        ({"befor": "x"}, 422, "malformed"),
        ({"after": cursor(99)}, 410, "gone"),
        ({"after": cursor(1, "another")}, 410, "gone"),
    ],
)
def test_what_is_no_place_in_the_feed_is_refused_with_what_to_do(client, bearer, query, status, code):
    refused = read(client, bearer, **query)
    assert (refused.status_code, error(refused)["code"]) == (status, code)


def test_a_cursor_behind_what_is_kept_says_what_to_do(house, client, bearer):
    begin = cursor(0)
    with database.transaction() as session:
        events.forget(session, house.id, -1)
    refused = read(client, bearer, after=begin)
    assert (refused.status_code, error(refused)["code"]) == (410, "gone")
    assert "leave after out" in error(refused)["detail"]
    assert read(client, bearer).json["events"] == []


def test_cashiers_and_strangers_follow_nothing(house, app, client):
    bruno = signed_in(app, house)
    for path in ("events", "webhooks"):
        assert client.get(f"/api/v1/{path}").status_code == 401
        assert bruno.get(f"/api/v1/{path}", headers=program_header()).status_code == 403
    assert signed_in(app, house, "Clara").get("/api/v1/events", headers=program_header()).status_code == 200
    assert post(bruno, "webhooks", {"url": "http://127.0.0.1:1/"}, program_header()).status_code == 403


def create(client, bearer, url, key="", **more):
    return post(client, "webhooks", {"url": url, **more}, bearer, key=key)


def test_a_webhook_from_its_making_to_its_end(house, client, bearer, receiver):
    made = create(client, bearer, receiver.url, kinds=["points.earned"])
    assert made.status_code == 201
    webhook = made.json
    assert webhook["secret"].startswith("whsec_")
    assert (webhook["state"], webhook["kinds"], webhook["behind"]) == ("active", ["points.earned"], 0)
    earn(house)
    path = f"webhooks/{webhook['id']}"
    assert post(client, f"{path}/test", {}, bearer).status_code == 202
    loop = Dispatcher(1)
    loop.start()
    receiver.wait_for(lambda: len(receiver.heard) == 2)
    loop.stop()
    assert sorted(one.event["kind"] for one in receiver.heard) == ["points.earned", "webhook.test"]
    assert all(one.fits(webhook["secret"]) for one in receiver.heard)
    (listed,) = client.get("/api/v1/webhooks", headers=bearer).json["webhooks"]
    assert (listed["behind"], listed["failures"], "secret" in listed) == (0, 0, False)
    assert listed == client.get(f"/api/v1/{path}", headers=bearer).json
    log = client.get(f"/api/v1/{path}/deliveries", headers=bearer).json["deliveries"]
    assert {(one["kind"], one["state"], one["status"], one["again"]) for one in log} == {
        ("points.earned", "delivered", 200, False), ("webhook.test", "delivered", 200, True),
    }  # fmt: skip
    assert post(client, f"{path}/pause", {}, bearer).json["state"] == "paused"
    assert post(client, f"{path}/resume", {}, bearer).json["state"] == "active"
    rotated = post(client, f"{path}/rotate", {}, bearer).json["secret"]
    assert rotated not in ("", webhook["secret"])
    assert post(client, f"{path}/replay", {"after": ""}, bearer).json["behind"] == 2
    event_id = receiver.heard[0].event["id"]
    loop = Dispatcher(1)
    loop.start()
    receiver.wait_for(lambda: len(receiver.heard) == 3)
    loop.stop()
    assert receiver.heard[2].fits(rotated)
    assert receiver.heard[2].event["kind"] == "points.earned"
    for body, status in (({"event": event_id}, {200, 404}), ({"event": "none"}, {404}), ({}, {422}), ({"after": "", "event": "x"}, {422})):
        assert post(client, f"{path}/replay", body, bearer).status_code in status
    off = client.delete(f"/api/v1/{path}", headers={**bearer, "Idempotency-Key": "the end"})
    assert (off.status_code, off.json["state"]) == (200, "off")
    assert client.get("/api/v1/webhooks", headers=bearer).json["webhooks"] == []
    assert client.get(f"/api/v1/{path}", headers=bearer).status_code == 404


def test_a_repeated_request_makes_one_webhook_and_says_its_secret_again_until_there_is_a_newer_one(client, bearer, receiver):
    first, again = (create(client, bearer, receiver.url, key="one") for _ in range(2))
    assert first.json == again.json
    assert again.headers["Idempotent-Replay"] == "true"
    assert first.json["secret"] not in str(everything()), "nor in the kept answer"
    assert create(client, bearer, receiver.url + "2", key="one").status_code == 422
    path = f"webhooks/{first.json['id']}/rotate"
    rotated = [post(client, path, {}, bearer, key="two").json["secret"] for _ in range(2)]
    assert rotated[0] == rotated[1] != first.json["secret"]
    assert create(client, bearer, receiver.url, key="one").json["secret"] == ""
    assert create(client, bearer, receiver.url, key=None).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {}, {"url": ""}, {"url": 5}, {"url": "http://pos.example.com/"}, {"url": "https://10.0.0.1/"}, {"url": "https://169.254.169.254/latest"},
        {"url": "https://pos.example.com/", "kinds": ["points.stolen"]}, {"url": "https://pos.example.com/", "secret": "mine"},
        {"url": "https://pos.example.com/", "program_id": "sova"}, {"url": "https://pos.example.com/", "after": "garbage!"},
        {"url": "https://u:p@pos.example.com/"},
    ],
)  # fmt: skip
def test_a_refused_webhook_leaves_nothing(client, bearer, body):
    before = everything()
    refused = post(client, "webhooks", body, bearer)
    assert (refused.status_code, error(refused)["code"]) == (422, "malformed")
    assert everything() == before


def test_another_restaurant_s_webhook_is_not_there(house, app, client, bearer, receiver):
    theirs = {"Authorization": f"Bearer {open_house('sova').api_key}"}
    webhook = create(client, bearer, receiver.url).json["id"]
    for path in ("pause", "resume", "rotate", "test"):
        assert post(client, f"webhooks/{webhook}/{path}", {}, theirs).status_code == 404
    assert post(client, f"webhooks/{webhook}/replay", {"after": ""}, theirs).status_code == 404
    assert client.get(f"/api/v1/webhooks/{webhook}/deliveries", headers=theirs).status_code == 404
    assert client.delete(f"/api/v1/webhooks/{webhook}", headers={**theirs, "Idempotency-Key": "x"}).status_code == 404
    with database.transaction() as session:
        events.happened(session, "luna", Kind.TIER_CHANGED)
    assert [one["program"] for one in read(client, theirs).json["events"]] == ["sova"]
