"""Doors without a lock let everybody in, but only so often; and what phones complain of is counted, not piled up."""

from dataclasses import replace

import pytest
from sqlmodel import select

from tests.cast import make_app
from walletpass import config, database, doorman
from walletpass.apple import AppleLog, complaints
from walletpass.doorman import Doorman
from walletpass.errors import TooMany

pytestmark = pytest.mark.filterwarnings("error")
LIST = "/apple/v1/devices/{}/registrations/pass.example.luna"


def limit(**limits):
    config.use(replace(config.current(), **limits))


def test_a_bucket_fills_again_while_time_goes_by(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(doorman.time, "monotonic", lambda: clock[0])
    door = Doorman()
    for _ in range(6):
        door.admit("log", "a", 6)
    with pytest.raises(TooMany) as caught:
        door.admit("log", "a", 6)
    assert caught.value.after in (10, 11)
    door.admit("log", "b", 6)
    clock[0] += caught.value.after
    door.admit("log", "a", 6)


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(doorman, "REMEMBERED", 3)
    door = Doorman()
    for who in "abcde":
        door.admit("log", who, 1)
    assert len(door._buckets) == 3


@pytest.mark.parametrize(("address", "known"), [("192.0.2.7", "192.0.2.7"), ("2001:db8::1", "2001:0db8:0000:0000"), (None, ""), ("x", "x")])
def test_a_place_is_an_address_or_its_network(address, known):
    assert doorman.place(address) == known


def test_a_phone_that_asks_too_often_is_told_when_to_come_back(client):
    limit(device_list_per_minute=3)
    answers = [client.get(LIST.format("d1")).status_code for _ in range(5)]
    assert answers == [204, 204, 204, 429, 429]
    assert client.get(LIST.format("d2")).status_code == 204


def test_guessing_tokens_is_slow_and_right_ones_pass(client, card):
    from walletpass import cards

    limit(wrong_token_per_minute=2)
    path = f"/apple/v1/passes/pass.example.luna/{card.serial_number}"
    assert [client.get(path).status_code for _ in range(4)] == [401, 401, 429, 429]
    with database.reading():
        right = {"Authorization": f"ApplePass {cards.authentication_token(card)}"}
    assert client.get(path, headers=right).status_code == 200


def test_the_log_and_the_download_have_their_limits(client, card):
    limit(device_log_per_minute=1, download_per_minute=1)
    assert [client.post("/apple/v1/log", json={"logs": []}).status_code for _ in range(2)] == [200, 429]
    path = f"/c/luna/{card.link}/card.pkpass"
    assert [client.get(path).status_code for _ in range(2)] == [200, 429]


def test_zero_is_no_limit(client):
    limit(device_list_per_minute=0)
    assert {client.get(LIST.format("d1")).status_code for _ in range(300)} == {204}


def test_a_complaint_is_read_counted_and_cleaned(client, luna):
    line = (
        "[2026-11-22 20:15:00 +0000] Get pass task (for device 0123456789abcdef0123456789abcdef, pass type pass.example.luna, serial number s1, "
        "if-modified-since (null); with web service url https://x) encountered error: Unexpected response code 500"
    )
    other = line.replace("s1", "s2").replace("20:15", "20:16")
    service = "[x] Web service error for pass.example.luna (https://x): the tag remained the same"
    client.post("/apple/v1/log", json={"logs": [line, other, service, "hello"]})
    client.post("/apple/v1/log", json={"logs": [line]})
    with database.reading() as session:
        found = {(row.program_id, row.task, row.message): row.count for row in session.exec(select(AppleLog)).all()}
    assert found == {
        ("luna", "fetch", "Unexpected response code 500"): 3,
        ("luna", "service", "the tag remained the same"): 1,
        ("unknown", "other", "hello"): 1,
    }


def test_a_flood_of_complaints_keeps_the_newest(client, luna, monkeypatch):
    monkeypatch.setattr(complaints, "MOST", 5)
    for batch in range(4):
        client.post("/apple/v1/log", json={"logs": [f"complaint {batch} {number}" for number in range(10)]})
    with database.reading() as session:
        rows = session.exec(select(AppleLog.message)).all()
    assert len(rows) == 5
    assert all(row.startswith("complaint 3") for row in rows)


def test_the_real_server_says_retry_after(tmp_path):
    from walletpass.config import Settings
    from walletpass.migrations import schema

    config.use(Settings(secret_keys="1:" + "5e" * 32, database_url=f"sqlite:///{tmp_path}/x.sqlite", device_log_per_minute=1))
    database.bind(config.current().database_url)
    schema.upgrade()
    client = make_app().test_client()
    client.post("/apple/v1/log", json={"logs": []})
    answer = client.post("/apple/v1/log", json={"logs": []})
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many")
    assert int(answer.headers["Retry-After"]) > 0
    database.unbind()
