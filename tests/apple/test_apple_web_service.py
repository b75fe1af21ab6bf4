"""Apple's web service, call by call, as a phone makes them."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from threading import Barrier
from zipfile import ZipFile

import pytest
from sqlmodel import select
from structlog.testing import capture_logs
from werkzeug.http import http_date, parse_date

from walletpass import cards, database
from walletpass.apple import AppleDevice, Registration, hand_over, registrations
from walletpass.apple.registrations import MOST_DEVICES
from walletpass.cards.face import authentication_token
from walletpass.cards.models import UpdateTag

pytestmark = pytest.mark.filterwarnings("error")

DEVICE, TOKEN = "0123456789abcdef0123456789abcdef", "ab" * 32
LIST = f"/apple/v1/devices/{DEVICE}/registrations/pass.example.luna"


def auth(card, scheme="ApplePass"):
    return {"Authorization": f"{scheme} {authentication_token(card)}"}


def registration(card, device=DEVICE):
    return f"/apple/v1/devices/{device}/registrations/pass.example.luna/{card.serial_number}"


def register(client, card, token=TOKEN, device=DEVICE):
    return client.post(registration(card, device), json={"pushToken": token}, headers=auth(card))


def rows(model):
    with database.reading() as session:
        return session.exec(select(model)).all()


def wallets(card):
    with database.reading() as session:
        return cards.get(session, card.program_id, card.id).wallets


def get_pass(client, card, **headers):
    return client.get(f"/apple/v1/passes/pass.example.luna/{card.serial_number}", headers={**auth(card), **headers})


def test_the_first_registration_is_201_and_the_second_200(client, card):
    assert register(client, card).status_code == 201
    assert register(client, card).status_code == 200
    assert len(rows(Registration)) == 1
    assert wallets(card) == ["apple"]


def test_a_push_token_is_replaced(client, card):
    register(client, card)
    before = rows(AppleDevice)[0].updated_at
    assert register(client, card, "cd" * 32).status_code == 200
    device = rows(AppleDevice)[0]
    assert device.push_token == "cd" * 32
    assert device.updated_at > before


def test_two_devices_and_two_cards_register_each_for_itself(client, issue):
    ana, bruno = issue("Ana"), issue("Bruno")
    assert [register(client, card, device=device).status_code for card in (ana, bruno) for device in ("a" * 32, "b" * 32)] == [201] * 4
    assert len(rows(AppleDevice)) == 2


def test_a_registration_in_parallel_is_one_row(client, card):
    ready = Barrier(8)

    def one(_):
        ready.wait()
        return register(client.application.test_client(), card).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(one, range(8)))
    assert codes == [200] * 7 + [201]
    assert len(rows(Registration)) == 1


def test_a_card_keeps_its_newest_devices(client, card):
    for number in range(MOST_DEVICES + 2):
        assert register(client, card, device=f"device{number:02}").status_code == 201
    assert sorted(row.device_id for row in rows(Registration)) == [f"device{number:02}" for number in range(2, MOST_DEVICES + 2)]
    assert len(rows(AppleDevice)) == MOST_DEVICES


def test_unknown_serials_and_wrong_tokens_get_the_same_401(client, card, issue):
    other = issue("Bruno")
    answers = [
        call(url, headers=headers, **body)
        for url, headers in (
            (registration(card), {}),
            (registration(card), {"Authorization": "ApplePass"}),
            (registration(card), {"Authorization": "ApplePass " + "x" * 43}),
            (registration(card), {"Authorization": "ApplePass caf\u00e9"}),
            (registration(card), auth(other)),
            (registration(card), auth(card, "Bearer")),
            (registration(card).replace(card.serial_number, "unknown"), auth(card)),
            (registration(card).replace(card.serial_number, "%00"), auth(card)),
            (registration(card).replace(card.serial_number, "unknown"), {"Authorization": "ApplePass " + "-" * 43}),
            (registration(card).replace("pass.example.luna", "pass.example.sova"), auth(card)),
        )
        for call, body in ((client.post, {"json": {"pushToken": TOKEN}}), (client.delete, {}))
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.data for answer in answers}) == 1
    assert rows(Registration) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"{}", b'{"pushToken":7}', b'{"pushToken":""}', b'{"pushToken":"../../x"}', b"[" * 4000,
     b'{"pushToken":"%s"}' % (b"a" * 256), b'{"pushToken":"aa","more":"%s"}' % (b"x" * 5000), b"\xff"],
)  # fmt: skip
def test_a_malformed_registration_is_400(client, card, body):
    assert client.post(registration(card), data=body, headers=auth(card)).status_code == 400
    assert rows(Registration) == []


def test_unknown_keys_in_the_body_are_accepted(client, card):
    answer = client.post(registration(card), json={"pushToken": TOKEN, "new": [1]}, headers=auth(card))
    assert answer.status_code == 201


@pytest.mark.parametrize("device", ["x" * 65, "a b", "a%00b", "caf\u00e9"])
def test_a_device_id_that_cannot_be_one_is_400(client, card, device):
    assert register(client, card, device=device).status_code == 400


def test_unregistering_twice_is_200_twice_and_takes_the_card_off_the_wallet(client, card):
    register(client, card)
    assert [client.delete(registration(card), headers=auth(card)).status_code for _ in range(2)] == [200, 200]
    assert rows(Registration) == rows(AppleDevice) == []
    assert wallets(card) == []


def test_a_card_stays_on_the_wallet_while_another_device_has_it(client, card, issue):
    register(client, card)
    register(client, card, device="other")
    register(client, issue("Bruno"))
    client.delete(registration(card), headers=auth(card))
    assert wallets(card) == ["apple"]
    assert len(rows(AppleDevice)) == 2


def test_the_list_needs_no_token_and_gives_all_without_a_tag(client, issue):
    mine = [issue("Ana"), issue("Bruno")]
    issue("Clara")
    for card in mine:
        register(client, card)
    answer = client.get(LIST)
    assert answer.status_code == 200
    assert sorted(answer.json["serialNumbers"]) == sorted(card.serial_number for card in mine)
    assert answer.json["lastUpdated"] == str(max(card.tag for card in mine))


def test_the_list_after_a_tag_has_only_what_changed(client, issue, show):
    ana, bruno = issue("Ana"), issue("Bruno")
    register(client, ana)
    register(client, bruno)
    tag = client.get(LIST).json["lastUpdated"]
    nothing = client.get(LIST, query_string={"passesUpdatedSince": tag})
    assert (nothing.status_code, nothing.data) == (204, b"")
    changed = show(ana, points=10)
    answer = client.get(LIST, query_string={"passesUpdatedSince": tag})
    assert answer.json == {"serialNumbers": [ana.serial_number], "lastUpdated": str(changed.tag)}
    assert int(answer.json["lastUpdated"]) > int(tag)


def test_two_changes_in_one_second_are_both_reported(client, issue, show):
    ana, bruno = issue("Ana"), issue("Bruno")
    register(client, ana)
    register(client, bruno)
    tag = client.get(LIST).json["lastUpdated"]
    for card, points in ((ana, 1), (bruno, 1), (ana, 2)):
        show(card, points=points)
        answer = client.get(LIST, query_string={"passesUpdatedSince": tag}).json
        assert answer["serialNumbers"] == [card.serial_number]
        assert int(answer["lastUpdated"]) > int(tag)
        tag = answer["lastUpdated"]


@pytest.mark.parametrize("tag", ["", "x", "-1", "1.5", "9" * 19, "999999", "\u0663", "2026-11-22T19:30:00Z"])
def test_a_tag_we_never_gave_means_all(client, card, tag):
    register(client, card)
    assert client.get(LIST, query_string={"passesUpdatedSince": tag}).json["serialNumbers"] == [card.serial_number]


def test_a_phone_that_is_ahead_of_a_restored_backup_gets_all(client, card, show):
    register(client, card)
    tag = show(card, points=1).tag
    with database.transaction() as session:
        session.get_one(UpdateTag, "luna").value = tag - 1
    assert client.get(LIST, query_string={"passesUpdatedSince": str(tag)}).status_code == 200


def test_an_unknown_device_or_pass_type_has_nothing(client, card):
    register(client, card)
    for url in (LIST.replace(DEVICE, "unknown"), LIST.replace("luna", "sova"), LIST.replace(DEVICE, "a%00")):
        assert client.get(url).status_code == 204


def test_the_pass_comes_whole_with_its_date(client, card):
    answer = get_pass(client, card)
    assert answer.status_code == 200
    assert answer.content_type == "application/vnd.apple.pkpass"
    assert answer.headers["Last-Modified"] == http_date(card.changed_at)
    assert answer.headers["Cache-Control"] == "no-store"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.data.startswith(b"PK\3\4")


def test_the_pass_is_304_exactly_until_it_changes(client, card, show):
    first = get_pass(client, card).headers["Last-Modified"]
    unchanged = get_pass(client, card, **{"If-Modified-Since": first})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    second_before = http_date(parse_date(first) - timedelta(seconds=1))
    assert get_pass(client, card, **{"If-Modified-Since": second_before}).status_code == 200
    show(card, points=5)
    changed = get_pass(client, card, **{"If-Modified-Since": first})
    assert changed.status_code == 200
    assert parse_date(changed.headers["Last-Modified"]) > parse_date(first)


@pytest.mark.parametrize("date", ["(null)", "", "yesterday", "1763839800"])
def test_a_date_that_is_none_gets_the_pass(client, card, date):
    assert get_pass(client, card, **{"If-Modified-Since": date}).status_code == 200


def test_head_has_the_headers_of_get(client, card):
    url = f"/apple/v1/passes/pass.example.luna/{card.serial_number}"
    head, full = client.head(url, headers=auth(card)), client.get(url, headers=auth(card))
    assert (head.status_code, head.data) == (200, b"")
    assert {**head.headers, "Date": ""} == {**full.headers, "Date": ""}


def test_the_pass_of_a_wrong_token_is_401(client, card, issue):
    assert get_pass(client, card, **auth(issue("Bruno"))).status_code == 401
    assert client.get("/apple/v1/passes/pass.example.luna/unknown", headers=auth(card)).status_code == 401


def test_without_a_certificate_the_pass_is_503_with_its_cause_and_304_still_works(client, card, certs):
    date = get_pass(client, card).headers["Last-Modified"]
    (certs / "pass.key").chmod(0o644)
    answer = get_pass(client, card)
    assert answer.status_code == 503
    assert answer.json["error"]["code"] == "certificate"
    assert "chmod 600" in answer.json["error"]["message"]
    assert get_pass(client, card, **{"If-Modified-Since": date}).status_code == 304


def test_a_log_is_written_down_cleaned_and_cut(client):
    line = f"[2026] Get pass task (for device {DEVICE}, pass type p)\r\n\x1b[31mforged\u202e"
    with capture_logs() as logs:
        answer = client.post("/apple/v1/log", json={"logs": [line, 7, "x" * 5000, *["more"] * 100]})
    assert answer.status_code == 200
    assert logs[0]["line"] == "Get pass task (for device ..., pass type p)[31mforged"
    assert len(logs[1]["line"]) == 300
    assert len(logs) < 60


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"logs":"x"}', b'{"logs":null}', b"[" * 60_000, b"\xff\xfe"])
def test_a_log_is_always_answered_with_200(client, body):
    assert client.post("/apple/v1/log", data=body).status_code == 200


@pytest.mark.parametrize("size", [64 * 1024 + 1, 300 * 1024])
def test_an_oversize_log_is_not_read(client, size):
    with capture_logs() as logs:
        answer = client.post("/apple/v1/log", data=json.dumps({"logs": ["x" * size]}))
    assert answer.status_code == 200
    assert [entry["line"] for entry in logs] == ["(a log too long to keep)"]


def test_the_download_is_the_same_pass(client, card):
    answer = client.get(f"/c/luna/{card.link}/card.pkpass")
    assert answer.status_code == 200
    assert answer.data == get_pass(client, card).data
    assert answer.content_type == "application/vnd.apple.pkpass"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["Cache-Control"] == "no-store"
    assert parse_date(answer.headers["Last-Modified"]) <= datetime.now(UTC)
    assert client.head(f"/c/luna/{card.link}/card.pkpass").headers["Content-Length"] == str(len(answer.data))


@pytest.mark.parametrize("url", ["/c/luna/unknown/card.pkpass", "/c/nobody/unknown/card.pkpass", "/c/luna/a%00b/card.pkpass"])
def test_an_unknown_link_is_404(client, url):
    assert client.get(url).status_code == 404


def test_a_download_without_a_certificate_is_503_with_its_cause(client, card, certs):
    (certs / "wwdr.pem").unlink()
    answer = client.get(f"/c/luna/{card.link}/card.pkpass")
    assert answer.status_code == 503
    assert "luna/wwdr.pem is missing" in answer.json["error"]["message"]


def test_a_date_that_is_not_this_cards_own_gets_the_card(client, card):
    """One of the future, or from before a backup was restored, must not keep a phone on what it has."""
    path = f"/apple/v1/passes/pass.example.luna/{card.serial_number}"
    with database.reading():
        right = {"Authorization": f"ApplePass {cards.authentication_token(card)}"}
    own = client.get(path, headers=right).headers["Last-Modified"]
    for date, status in ((own, 304), ("Sun, 06 Nov 2050 08:49:37 GMT", 200), ("Sun, 06 Nov 1994 08:49:37 GMT", 200), ("soon", 200)):
        assert client.get(path, headers={**right, "If-Modified-Since": date}).status_code == status


def test_a_lost_phone_is_given_the_end_of_its_pass_and_nothing_of_the_new_one(client, card):
    register(client, card)
    with database.transaction() as session:
        held = cards.get(session, card.program_id, card.id)
        left = cards.reissue(session, held)
        hand_over(session, held, left)
    with database.reading() as session:
        new = cards.get(session, card.program_id, card.id)
        assert registrations.listeners(session, card.program_id, [card.id]) == []
        assert [one.device_id for one in registrations.listeners(session, card.program_id, [left.id])] == [DEVICE]
    listed = client.get(LIST).get_json()
    assert listed["serialNumbers"] == [card.serial_number]
    ended = pass_json(get_pass(client, card))
    assert (ended["serialNumber"], ended["voided"], "Ana" in json.dumps(ended)) == (card.serial_number, True, False)
    assert client.get(f"/apple/v1/passes/pass.example.luna/{new.serial_number}", headers=auth(card)).status_code == 401
    assert "voided" not in pass_json(get_pass(client, new))


def pass_json(answer):
    assert answer.status_code == 200, answer.text
    with ZipFile(BytesIO(answer.data)) as archive:
        return json.loads(archive.read("pass.json"))
