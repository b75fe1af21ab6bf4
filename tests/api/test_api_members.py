"""Members over the API: by the phone number, once, and no more told than is there."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlmodel import func, select

from tests.api.till import error, everything, post
from tests.cast import CONSENT, make_app, open_house
from walletpass import cards, config, database, guestbook, guests
from walletpass.guestbook import Application
from walletpass.guests import ConsentGiven, Guest
from walletpass.messages import Message

PHONE = "+49 151 20000001"
TICK = {
    "purpose": "marketing",
    "version": "7",
    "language": "uk",
    "text": "Так",
    "channel": "paper",
    "given_at": "2026-01-02T03:04:05+02:00",
}


@pytest.fixture
def till(house):
    return make_app().test_client()


@pytest.fixture
def key(house):
    return {"Authorization": f"Bearer {house.api_key}"}


def count():
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(Guest)).one()


def write(client, method, path, body, headers, key):
    return client.open(f"/api/v1/{path}", method=method, json=body, headers={**headers, "Idempotency-Key": key})


def test_a_number_alone_is_a_member_with_a_card_that_earns(till, key):
    made = post(till, "members", {"phone": PHONE}, key)
    assert made.status_code == 201
    member = made.json
    assert (member["name"], member["phone"], member["marketing"], member["consents"], member["channel"]) == (
        "",
        "+4915120000001",
        False,
        [],
        "api",
    )
    assert member["card"]["link"].startswith("http://127.0.0.1:8000/c/luna/")
    assert post(till, "earn", {"card": member["card"]["code"], "amount": 1_000}, key).json["balance"]["points"] == 100
    assert till.get(f"/api/v1/members/{member['id']}", headers=key).json["card"]["points"] == 100
    assert till.get(member["card"]["link"].removeprefix("http://127.0.0.1:8000")).status_code == 200
    found = post(till, "guests/by-code", {"code": member["card"]["number"]}, key)
    assert found.json["guest"]["name"] == ""


def test_the_same_number_again_is_the_same_member(till, key):
    first = post(till, "members", {"phone": PHONE, "name": "Bea"}, key)
    again = post(till, "members", {"phone": "0151 20000001", "name": "Somebody else"}, key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert count() == 2


def test_the_same_key_gets_the_same_answer_and_another_request_none(till, key):
    first = write(till, "POST", "members", {"phone": PHONE}, key, "k1")
    again = write(till, "POST", "members", {"phone": PHONE}, key, "k1")
    assert (again.status_code, again.json, again.headers["Idempotent-Replay"]) == (201, first.json, "true")
    assert error(write(till, "POST", "members", {"phone": "+4915120000002"}, key, "k1"))["code"] == "key_reused"
    assert error(till.post("/api/v1/members", json={"phone": PHONE}, headers=key))["code"] == "missing_key"
    assert count() == 2


def test_the_web_form_and_the_api_make_the_same_guest(till, key, house):
    form = {"name": "Bea  Costa", "phone": "0151 20000001", "consent": "yes"}
    assert till.post("/j/luna-table?lang=uk", data=form).status_code == 303
    with database.reading() as session:
        (by_web,) = guests.by_phone(session, "luna", "+4915120000001")
        (proof,) = guests.consents(session, "luna", by_web.id)
    tick = {"purpose": proof.purpose, "version": proof.version, "language": "uk", "text_sha256": proof.text_hash, "channel": "web"}
    made = post(till, "members", {"phone": "0151 20000002", "name": "Bea  Costa", "language": "uk", "consents": [tick]}, key).json
    with database.reading() as session:
        by_api = guests.get(session, "luna", made["id"])
        proofs = [guests.consents(session, "luna", guest.id)[0] for guest in (by_web, by_api)]
        shown = [guestbook.card_of(session, guest).shown for guest in (by_web, by_api)]
    own = {"id", "phone", "created_at", "channel_code", "vouched"}
    assert by_web.model_dump(exclude=own) == by_api.model_dump(exclude=own)
    assert shown[0] == shown[1] == {"points": 0, "holder": "Bea Costa"}
    kept = ("purpose", "version", "language", "text_hash", "channel", "granted")
    assert len({tuple(getattr(one, name) for name in kept) for one in proofs}) == 1


def test_a_proof_of_consent_says_what_when_and_where(till, key):
    member = post(till, "members", {"phone": PHONE, "name": "Bea", "consents": [TICK]}, key).json
    assert member["marketing"] is True
    (proof,) = member["consents"]
    assert proof == {
        "purpose": "marketing", "version": "7", "language": "uk", "channel": "paper", "granted": True, "given_at": "2026-01-02T01:04:05Z",
        "text_hash": ConsentGiven("marketing", "7", "uk", "Так").text_hash,
    }  # fmt: skip


def test_a_known_member_keeps_a_new_proof_and_none_twice(till, key):
    post(till, "members", {"phone": PHONE}, key)
    for _ in range(2):
        member = post(till, "members", {"phone": PHONE, "consents": [TICK]}, key).json
    assert [proof["purpose"] for proof in member["consents"]] == ["marketing"]


def test_a_consent_is_taken_back_and_stays_written_down(till, key):
    member = post(till, "members", {"phone": PHONE, "consents": [TICK]}, key).json
    for key_of_write in ("w1", "w2"):
        changed = write(till, "PATCH", f"members/{member['id']}", {"withdraw": ["marketing"]}, key, key_of_write).json
        assert changed["marketing"] is False
    assert [(proof["granted"], proof["channel"]) for proof in changed["consents"]] == [(True, "paper"), (False, "api")]


def test_a_consent_that_was_never_given_cannot_be_taken_back(till, key):
    member = post(till, "members", {"phone": PHONE, "consents": [TICK]}, key).json
    before = everything()
    told = error(write(till, "PATCH", f"members/{member['id']}", {"city": "Kyiv", "withdraw": ["marketing", "nope"]}, key, "w1"))
    assert (told["status"], told["fields"][0]["field"]) == (422, "withdraw")
    assert "never agreed to 'nope'. Known are: marketing." in told["detail"]
    assert everything() == before


@pytest.mark.parametrize("after", ["zzz", "0" * 26, "z" * 26, "../members", "0" * 27])
def test_a_page_behind_nobody_is_refused(till, key, after):
    told = error(till.get("/api/v1/members", query_string={"after": after}, headers=key))
    assert (told["status"], told["fields"][0]["field"]) == (422, "after")


def test_a_page_behind_a_member_of_another_restaurant_is_refused(till, key):
    stranger = open_house("sova").ana.guest_id
    assert till.get(f"/api/v1/members?after={stranger}", headers=key).status_code == 422


def test_a_profile_is_finished_later_and_the_card_says_so(till, key):
    member = post(till, "members", {"phone": PHONE}, key).json
    body = {"name": "Bea", "email": "Bea@Example.com", "birthday": "--02-29", "city": "Köln", "language": "ru"}
    changed = write(till, "PATCH", f"members/{member['id']}", body, key, "p1")
    assert changed.status_code == 200
    assert {name: changed.json[name] for name in body} == {**body, "email": "bea@example.com"}
    again = write(till, "PATCH", f"members/{member['id']}", {"city": ""}, key, "p2").json
    assert (again["name"], again["city"], again["birthday"]) == ("Bea", "", "--02-29")
    with database.reading() as session:
        assert cards.get(session, "luna", member["card"]["id"]).shown["holder"] == "Bea"


WRONG = [
    {"phone": "12"}, {"phone": ""}, {"phone": PHONE, "name": "..."}, {"phone": PHONE, "name": "x" * 90}, {"phone": PHONE, "email": "x"},
    {"phone": PHONE, "birthday": "1990-02-30"}, {"phone": PHONE, "birthday": "2999-01-01"}, {"phone": PHONE, "birthday": "1850-01-01"},
    {"phone": PHONE, "birthday": "17.05.1990"}, {"phone": PHONE, "language": "de"}, {"phone": PHONE, "balance": 5}, {"phone": PHONE, "program_id": "sova"},
    {"phone": PHONE, "verified_at": "2026-01-01T00:00:00Z"}, {"phone": PHONE, "channel": "web"}, {"phone": 5}, {},
    {"phone": PHONE, "consents": [{**TICK, "text_sha256": "0" * 64}]}, {"phone": PHONE, "consents": [{**TICK, "text": None}]},
    {"phone": PHONE, "consents": [{**TICK, "given_at": "2999-01-01T00:00:00Z"}]}, {"phone": PHONE, "consents": [{**TICK, "given_at": "2026-01-01T00:00:00"}]},
    {"phone": PHONE, "consents": [{**TICK, "given_at": "0001-01-01T00:00:00+14:00"}]}, {"phone": PHONE, "consents": [TICK] * 11},
    {"phone": PHONE, "name": "\ud800"}, {"phone": "\x00" * 5},
]  # fmt: skip


@pytest.mark.parametrize("body", WRONG, ids=range(len(WRONG)))
def test_what_is_no_member_is_refused_and_nothing_is_written(till, key, body):
    before = everything()
    answer = post(till, "members", body, key)
    assert answer.status_code == 422, answer.text
    assert error(answer)["code"] == "malformed"
    assert everything() == before


def test_a_refusal_names_the_field(till, key):
    told = error(post(till, "members", {"phone": PHONE, "email": "x"}, key))
    assert told["fields"] == [{"field": "email", "fault": told["detail"]}]
    assert "field" not in told
    assert error(post(till, "members", {"phone": 5}, key))["fields"][0]["field"] == "phone"


def test_members_are_listed_page_by_page(till, key):
    for number in range(5):
        post(till, "members", {"phone": f"+4915120000{number:03d}"}, key)
    first = till.get("/api/v1/members?limit=4", headers=key).json
    rest = till.get(f"/api/v1/members?limit=4&after={first['next']}", headers=key).json
    assert rest["next"] is None
    phones = [member["phone"] for member in first["members"] + rest["members"]]
    assert phones == ["+4915123456789", *(f"+4915120000{number:03d}" for number in range(5))]
    assert [member["phone"] for member in till.get("/api/v1/members?phone=0151 20000003", headers=key).json["members"]] == [
        "+4915120000003"
    ]
    assert till.get("/api/v1/members?phone=0151 20009999", headers=key).json == {"members": [], "next": None}
    assert till.get("/api/v1/members?limit=101", headers=key).status_code == 422


def test_an_erased_member_is_gone_everywhere(till, key, house):
    gone = write(till, "DELETE", f"members/{house.ana.guest_id}", None, key, "d1")
    assert gone.json == {"id": house.ana.guest_id, "cards_ended": 1}
    assert till.get(f"/api/v1/members/{house.ana.guest_id}", headers=key).status_code == 404
    assert write(till, "PATCH", f"members/{house.ana.guest_id}", {"name": "Back"}, key, "p1").status_code == 404
    assert till.get("/api/v1/members", headers=key).json["members"] == []
    assert "Ana" not in till.get("/api/v1/members/export", headers=key).text
    assert till.delete(f"/api/v1/members/{house.ana.guest_id}", headers=key).status_code == 400


def test_the_export_comes_in_both_forms(till, key):
    assert till.get("/api/v1/members/export", headers=key).mimetype == "text/csv"
    assert till.get("/api/v1/members/export?format=ndjson", headers=key).text.count("\n") == 1
    assert till.get("/api/v1/members/export?format=exe", headers=key).status_code == 422


def test_another_restaurant_s_members_are_not_there(till, house, key):
    other = open_house("sova")
    theirs = {"Authorization": f"Bearer {other.api_key}"}
    for method, body in (("GET", None), ("PATCH", {"name": "Theirs"}), ("DELETE", None)):
        assert write(till, method, f"members/{house.ana.guest_id}", body, theirs, f"k{method}").status_code == 404
    assert [member["id"] for member in till.get("/api/v1/members", headers=theirs).json["members"]] == [other.ana.guest_id]


def test_nobody_is_told_anything_without_a_key(till, house):
    for path in ("members", "members/export", f"members/{house.ana.guest_id}"):
        assert till.get(f"/api/v1/{path}").status_code == 401


def test_a_member_whose_card_was_ended_has_none(till, key, house):
    with database.transaction() as session:
        cards.void(session, cards.get(session, "luna", house.ana.id))
    again = post(till, "members", {"phone": "+4915123456789"}, key)
    assert (again.status_code, again.json["id"], again.json["card"]) == (200, house.ana.guest_id, None)


def at_once(house, count):
    app = make_app()
    headers = {"Authorization": f"Bearer {house.api_key}"}

    def ask(number):
        with app.test_client() as client:
            return post(client, "members", {"phone": PHONE}, headers, key=f"race-{number}")

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


def test_of_many_requests_with_one_number_at_once_one_makes_the_member(house):
    answers = at_once(house, 12)
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert len({answer.json["id"] for answer in answers}) == 1
    assert count() == 2


def test_without_the_lock_the_race_makes_several(postgresql, monkeypatch):
    """The negative control of the test above; on SQLite writers follow one another anyway."""
    house = open_house()
    monkeypatch.setattr(guests, "lock_phones", lambda *_: None)
    made = set()
    for _ in range(10):
        made = {answer.json["id"] for answer in at_once(house, 12)}
        if len(made) > 1:
            break
        with database.transaction() as session:
            for guest_id in made:
                guestbook.erase(session, house.id, guest_id)
    assert len(made) > 1


def test_whoever_proved_the_number_is_the_member(house, till, key):
    with database.transaction() as session:
        guestbook.join(session, house.program, Application(PHONE, "First", consents=[CONSENT]))
        proven, _ = guestbook.join(session, house.program, Application(PHONE, "Proven", consents=[CONSENT]))
        proven.verified_at = database.now()
        session.add(proven)
    assert post(till, "members", {"phone": PHONE}, key).json["name"] == "Proven"
    assert len(till.get(f"/api/v1/members?phone={PHONE.replace('+', '%2B')}", headers=key).json["members"]) == 2


def test_a_number_that_a_stranger_typed_into_the_form_leads_to_the_stranger_in_no_way(house, till, key):
    assert till.post("/j/luna-table", data={"name": "Mallory", "phone": PHONE, "consent": "yes"}).status_code == 303
    refused = post(till, "identify", {"text": PHONE}, key)
    assert (refused.status_code, error(refused)["code"]) == (409, "unproved_number")
    assert post(till, "earn", {"card": PHONE, "amount": 10_000}, key).status_code == 409
    made = post(till, "members", {"phone": PHONE, "name": "Ana"}, key)
    assert (made.status_code, made.json["name"]) == (201, "Ana")
    assert post(till, "members", {"phone": PHONE}, key).json["id"] == made.json["id"]
    assert post(till, "identify", {"text": PHONE}, key).json["guest"]["name"] == "Ana"


def test_a_message_is_promised_only_where_one_can_be_sent(till, key):
    assert post(till, "members", {"phone": PHONE, "invite": True}, key).json["invited"] is False
    config.use(replace(config.current(), sms_url="json://127.0.0.1:9/sms/{to}"))
    assert post(till, "members", {"phone": "+4915120000002", "invite": True}, key).json["invited"] is True
    assert post(till, "members", {"phone": "+4915120000002", "invite": True}, key).json["invited"] is False
    with database.reading() as session:
        assert session.exec(select(Message.recipient)).all() == ["+4915120000002"]
