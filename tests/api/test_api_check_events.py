"""Signed events of a point of sale."""

import json
from datetime import timedelta

import pytest
import time_machine

from tests.api.till import error, everything
from tests.cast import open_house
from walletpass import database, signatures, staff
from walletpass.database import now

URL = "/api/v1/webhooks/checks"
LINES = [{"amount": 600, "name": "Borscht", "sku": "soup"}, {"amount": 400, "name": "Beer", "sku": "beer", "drink": True}]


class Pos:
    def __init__(self, client, program_id):
        with database.transaction() as session:
            source, self.secret = staff.add_source(session, program_id, "The till in the hall")
        self.client, self.source, self.name, self.number = client, source, f"{program_id}/{source.id}", 0

    def send(self, kind, check_id="A1", *, event=None, at=None, secret=None, source=None, body=None, headers=None, **members):
        self.number += 1
        told = {"id": event or f"e{self.number}", "type": f"check.{kind}", "check_id": check_id, **members}
        raw = json.dumps(told).encode() if body is None else body
        stamp = int(now().timestamp()) if at is None else at
        signed = {
            "Walletpass-Source": source or self.name,
            "Walletpass-Signature": signatures.sign([secret or self.secret], raw, stamp),
            **(headers or {}),
        }
        return self.client.post(URL, data=raw, headers=signed, content_type="application/json")

    def done(self, kind, check_id="A1", **members):
        answer = self.send(kind, check_id, **members)
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()


@pytest.fixture
def pos(client, luna):
    return Pos(client, luna.id)


def refused(pos, status, code, *args, **members):
    before = everything()
    answer = pos.send(*args, **members)
    assert (answer.status_code, error(answer)["code"]) == (status, code), answer.get_json()
    assert everything() == before
    return answer


def test_an_evening_by_events(pos, luna):
    pos.done("opened", place="7", waiter="Olena")
    assert pos.done("lines", lines=LINES)["positions"] == [1, 2]
    pos.done("guest", card=luna.ana.number)
    pos.done("guest", card=None)
    pos.done("guest", card=luna.ana.number)
    pos.done("billed")
    assert pos.done("closed", discount=100)["points"] == 90
    assert pos.done("refunded", positions=[2], reason="flat")["amount"] == 360
    assert pos.done("voided", reason="all of it")["check"]["state"] == "refunded"


def test_a_simple_system_sends_the_last_event_alone(pos, luna):
    done = pos.done("closed", lines=LINES, card=luna.ana.number, waiter="Olena", place="7")
    assert (done["points"], done["positions"], done["check"]["state"]) == (100, [1, 2], "closed")
    assert pos.done("closed", "A2", amount=2_000, card=luna.ana.number)["points"] == 200


def test_events_that_overtake_the_opening_open_the_check(pos, luna):
    pos.done("lines", lines=LINES, place="7")
    refused(pos, 409, "conflict", "opened")
    pos.done("billed", "A2")


def test_an_event_counts_once_and_its_second_answer_is_the_first(pos, luna):
    first = pos.send("closed", event="e9", lines=LINES, card=luna.ana.number)
    before = everything()
    with time_machine.travel(now() + timedelta(hours=30)):
        again = pos.send("closed", event="e9", lines=LINES, card=luna.ana.number)
    assert (again.status_code, again.data, again.headers["Idempotent-Replay"]) == (200, first.data, "true")
    assert everything() == before
    told = error(pos.send("closed", "A2", event="e9", amount=5))
    assert (told["status"], told["code"]) == (422, "key_reused")
    assert "Another event came with this id before." in told["detail"]
    assert everything() == before


def test_two_sources_may_number_their_events_alike(pos, client, luna):
    pos.done("opened", "A1", event="e1")
    Pos(client, luna.id).done("opened", "A2", event="e1")


@time_machine.travel("2026-03-02T20:15:00Z", tick=False)
def test_whatever_does_not_fit_is_one_plain_401_and_nothing_is_written(pos, client, luna):
    sova = Pos(client, open_house("sova").id)
    stamp, body = int(now().timestamp()), b'{"id": "e1", "type": "check.opened", "check_id": "A1"}'
    right = signatures.sign([pos.secret], body, stamp)
    answers = [
        refused(pos, 401, "wrong_signature", "opened", secret="whsec_other"),
        refused(pos, 401, "wrong_signature", "opened", secret=sova.secret),
        refused(pos, 401, "wrong_signature", "opened", source=sova.name),
        refused(pos, 401, "wrong_signature", "opened", source=f"sova/{pos.source.id}"),
        refused(pos, 401, "wrong_signature", "opened", source="luna/nobody"),
        refused(pos, 401, "wrong_signature", "opened", source="luna"),
        refused(pos, 401, "wrong_signature", "opened", source="x" * 5_000),
        refused(pos, 401, "wrong_signature", "opened", at=stamp - 301),
        refused(pos, 401, "wrong_signature", "opened", at=stamp + 301),
        refused(pos, 401, "wrong_signature", "opened", headers={"Walletpass-Signature": right}),
        refused(pos, 401, "wrong_signature", "opened", headers={"Walletpass-Signature": ""}),
        refused(pos, 401, "wrong_signature", "opened", headers={"Walletpass-Signature": "t=1,v1=\u00e4"}),
        refused(pos, 401, "wrong_signature", "opened", headers={"Walletpass-Source": ""}),
        refused(pos, 401, "wrong_signature", "opened", secret="whsec_other", body=b"[" * 9_000),
    ]
    assert len({answer.data for answer in answers}) == 1
    assert client.post(URL, data=body, headers={"Authorization": f"Bearer {luna.api_key}"}).status_code == 401
    fits = client.post(
        URL, data=body, headers={"Walletpass-Source": pos.name, "Walletpass-Signature": right}, content_type="application/json"
    )
    assert fits.status_code == 200


def test_a_revoked_source_is_refused(pos, luna):
    with database.transaction() as session:
        staff.revoke_source(session, luna.id, pos.source.id)
    refused(pos, 401, "wrong_signature", "opened")


def test_a_copy_of_the_database_does_not_give_the_secret_away(pos, luna):
    assert pos.secret not in str(everything())


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "paid"}, {"kind": "lines"}, {"kind": "lines", "lines": []}, {"kind": "opened", "amount": 5}, {"kind": "guest"},
        {"kind": "voided"}, {"kind": "refunded", "reason": "why", "lines": LINES}, {"kind": "closed", "amount": -5},
        {"kind": "closed", "amount": 1.5}, {"kind": "closed", "amount": 2**63}, {"kind": "opened", "event": "a b"},
        {"kind": "opened", "check_id": "x" * 65}, {"kind": "opened", "at_": "yesterday"}, {"kind": "opened", "extra": 1},
    ],
    ids=str,
)  # fmt: skip
def test_events_that_cannot_be_are_malformed(pos, luna, members):
    refused(pos, 422, "malformed", members.pop("kind"), **members)


@pytest.mark.parametrize("body", [b"", b"null", b"[1]", b"{", b'{"id": "\xff"}', b"[" * 50_000], ids=lambda body: str(body[:12]))
def test_a_signed_body_that_is_no_event_is_refused(pos, luna, body):
    before = everything()
    answer = pos.send("opened", body=body)
    assert 400 <= answer.status_code < 500
    error(answer)
    assert everything() == before


def test_what_is_too_old_or_has_not_happened_is_history_or_a_wrong_clock(pos, luna):
    late = now() - timedelta(hours=luna.program.late_hours, minutes=1)
    for moment in (late, now() + timedelta(minutes=6)):
        before = everything()
        body = json.dumps({"id": "e1", "type": "check.closed", "check_id": "A1", "amount": 5, "at": moment.isoformat()}).encode()
        assert error(pos.send("closed", body=body))["code"] == "malformed"
        assert everything() == before
    hour_ago = (now() - timedelta(hours=1)).replace(microsecond=0)
    body = {"id": "e1", "type": "check.closed", "check_id": "A1", "amount": 500, "card": luna.ana.number, "at": hour_ago.isoformat()}
    done = pos.send("closed", body=json.dumps(body).encode()).get_json()
    assert done["check"]["closed_at"] == done["entries"][0]["at"] == hour_ago.isoformat().replace("+00:00", "Z")


def test_a_card_that_is_none_is_not_ours_and_the_event_may_come_again(pos, luna):
    pos.done("opened")
    refused(pos, 404, "not_our_code", "guest", event="e7", card="24899841")
    pos.done("guest", event="e7", card=luna.ana.number)
    refused(pos, 404, "not_found", "voided", "Z9", reason="never was")
