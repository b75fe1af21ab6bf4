"""One request for every way to say who stands there, searching at the till, and things that are bound to guests."""

import re
from types import SimpleNamespace

import pytest
from sqlmodel import col, select, update

from tests.api.till import error, everything, post
from tests.cast import issue_card, make_app, open_house
from tests.identification.cast import code_of
from tests.rotating import rotating, shown
from tests.tills import program_header, signed_in
from walletpass import database, doorman
from walletpass.guests import Consent, Guest
from walletpass.identification import BoundToken
from walletpass.ledger import Key
from walletpass.programs import Program

HEADER = program_header()
CHIP = "04:A2:24:B2:C1:5E:80"


@pytest.fixture
def app(house):
    return make_app()


@pytest.fixture
def bearer(house):
    return {"Authorization": f"Bearer {house.api_key}"}


@pytest.fixture
def till(app, house):
    return signed_in(app, house)


@pytest.fixture
def time_stands(monkeypatch):
    monkeypatch.setattr(doorman, "time", SimpleNamespace(monotonic=lambda: 1_000.0))


def identify(client, text, headers=HEADER, **more):
    return client.post("/api/v1/identify", json={"text": text, **more}, headers=headers)


def search(client, text, headers=HEADER):
    return client.get("/api/v1/guests", query_string={"search": text}, headers=headers)


def refused(answer, status, code):
    assert (answer.status_code, error(answer)["code"]) == (status, code), error(answer)
    return error(answer)


def names(answer):
    assert answer.status_code == 200, answer.get_json()
    return [one["name"] for one in answer.get_json()["guests"]]


def rules(house, **values):
    with database.transaction() as session:
        session.execute(update(Program).where(col(Program.id) == house.id).values(**values))


# --- who is it -----------------------------------------------------------------------------------


def test_the_guest_view_is_the_same_as_by_code(till, house):
    old = till.post("/api/v1/guests/by-code", json={"code": house.ana.number}, headers=HEADER).get_json()
    new = identify(till, house.ana.number).get_json()
    assert (old["redeeming"].pop("proof"), new["redeeming"].pop("proof")) != ("", "")
    assert old == new


def test_every_way_opens_the_same_guest(till, house):
    assert bind(till, house, CHIP, "nfc").status_code == 200
    for text in (code_of(house.ana), house.ana.number, house.ana.id, "0151 23456789", "04Ф224И2С15У80", f"ж{house.ana.number}=9912,"):
        assert identify(till, text).get_json()["card"]["id"] == house.ana.id


def test_a_code_that_changes_is_used_up_by_it(till, house):
    card = rotating(house)
    code = shown(card)
    assert identify(till, code).get_json()["redeeming"]["needs"] == "nothing"
    refused(identify(till, code), 409, "code_used")


def test_several_guests_of_one_number_are_a_choice_that_gives_nothing_away(till, house):
    with database.transaction() as session:
        second = issue_card(session, house.program, "Ana Bondarenko")
    told = refused(identify(till, "+49 151 23456789"), 409, "many_guests")
    assert [choice["name"] for choice in told["choices"]] == ["Ana B.", "Ana"]
    assert second.number not in str(told)
    assert "23456789" not in str(told)
    chosen = identify(till, told["choices"][0]["card"]).get_json()
    assert (chosen["card"]["id"], chosen["redeeming"]["needs"]) == (second.id, "proof")


def test_waiters_see_a_masked_phone(till, house):
    seen = identify(till, "+49 151 23456789")
    assert seen.get_json()["guest"]["masked_phone"] == "+49 ••••••••• 89"
    assert "23456789" not in seen.text


@pytest.mark.parametrize("text", ["4006381333931", "https://a.example", "WIFI:S:x;;", CHIP, "+49 151 00000000", "1" * 57, " "])
def test_what_is_not_ours_gets_one_answer_and_nothing_is_stored(till, house, text):
    before = everything()
    answer = identify(till, text)
    assert refused(answer, 404, "not_our_code")["detail"] == "This is not one of our cards."
    assert everything() == before


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": 1}, {"text": "x", "kind": "face"}, {"text": "x" * 4_097}, {"text": "x", "a": 1}]
)
def test_other_shapes_are_malformed(till, body):
    refused(till.post("/api/v1/identify", json=body, headers=HEADER), 422, "malformed")


@pytest.mark.parametrize("door", ["identify", "by-code", "earn", "redeem"])
def test_a_stolen_key_cannot_ask_for_number_after_number(app, house, bearer, time_stands, door):
    client = app.test_client()

    def ask(number):
        if door == "identify":
            return identify(client, number, bearer)
        if door == "by-code":
            return client.post("/api/v1/guests/by-code", json={"code": number}, headers=bearer)
        return post(client, door, {"card": number, "amount": 100, **({"points": 1} if door == "redeem" else {})}, bearer)

    for number in range(30):
        refused(ask(f"+49 151 {30_000_000 + number}"), 404, "not_our_code")
    before = everything()
    for number in ("+49 151 23456789", "+49 151 99999999"):
        answer = ask(number)
        refused(answer, 429, "too_many")
        assert int(answer.headers["Retry-After"]) > 0
    assert everything() == before
    # Cards are found as ever, and another till looks numbers up.
    assert identify(client, house.ana.number, bearer).status_code == 200
    assert identify(signed_in(app, house), "+49 151 23456789").status_code == 200


# --- searching -----------------------------------------------------------------------------------


@pytest.fixture
def guests(house):
    with database.transaction() as session:
        for name, phone in (
            ("Ганна Бондаренко", "+49 151 11112222"),
            ("Hans O'Neil-Weiß", "+49 30 5550123"),
            ("100% Anton_x", "+380671234567"),
        ):
            issue_card(session, house.program, name, phone)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ana", ["Ana"]), ("Ан", []), ("ганна", ["Ганна Бондаренко"]), ("бонд", ["Ганна Бондаренко"]), ("БОНД", ["Ганна Бондаренко"]),
        ("o'n", ["Hans O'Neil-Weiß"]), ("hans", ["Hans O'Neil-Weiß"]), ("anton_", ["100% Anton_x"]), ("an%n", []), ("100%", "short"),
        ("1111", ["Ганна Бондаренко"]), ("0151 1111", ["Ганна Бондаренко"]), ("+49 151", ["Ганна Бондаренко", "Ana"]), ("030 555", ["Hans O'Neil-Weiß"]),
        ("a", "short"), ("151", "short"), ("  ", "short"), ("%%%%%", "short"), ("____a", []),
    ],
)  # fmt: skip
def test_guests_are_found_by_a_part_of_name_or_number(till, guests, text, found):
    answer = search(till, text)
    if found == "short":
        refused(answer, 422, "malformed")
    else:
        assert names(answer) == found


def test_phones_and_numbers_are_masked_and_eight_are_enough(till, house):
    with database.transaction() as session:
        for number in range(12):
            issue_card(session, house.program, f"Ana {number}", f"+49 151 7777{number:04d}")
    answer = search(till, "ana")
    assert len(names(answer)) == 8
    assert {one["masked_phone"][:5] for one in answer.get_json()["guests"]} == {"+49 •"}
    assert not re.search(r"151\W*7777", answer.text)
    assert all(one["number"].startswith("•••• ") for one in answer.get_json()["guests"])


def test_searching_is_for_people_at_a_till_of_this_restaurant(till, app, house, bearer, guests):
    refused(search(app.test_client(), "ana", bearer), 403, "not_allowed")
    refused(search(app.test_client(), "ana", {}), 401, "sign_in_required")
    sova = open_house("sova")
    with database.transaction() as session:
        issue_card(session, sova.program, "Zoe", "+49 151 5555666")
    assert names(search(till, "zoe")) == []
    with database.transaction() as session:
        session.get_one(Guest, (house.id, house.ana.guest_id)).erased_at = database.now()
    assert names(search(till, "ana")) == []


def test_searching_is_off_with_looking_up_phones_and_has_its_limit(till, house, time_stands):
    for _ in range(60):
        assert search(till, "ana").status_code == 200
    refused(search(till, "ana"), 429, "too_many")
    rules(house, phone_lookup=False)
    refused(search(signed_in(make_app(), house), "ana"), 403, "not_allowed")


# --- binding -------------------------------------------------------------------------------------


def bind(client, house, text, kind="nfc", headers=HEADER, key="", **more):
    return post(client, "tokens", {"card": code_of(house.ana), "text": text, "kind": kind, **more}, headers, key=key)


def test_a_ring_is_bound_listed_and_unbound_and_every_write_counts_once(till, house):
    first = bind(till, house, CHIP, "ring", key="k1", label="blue")
    again = bind(till, house, CHIP, "ring", key="k1", label="blue")
    assert (first.status_code, again.data, again.headers["Idempotent-Replay"]) == (200, first.data, "true")
    refused(bind(till, house, CHIP, "ring", key="k1", label="red"), 422, "key_reused")
    refused(bind(till, house, CHIP, key=None), 400, "missing_key")
    listed = till.get("/api/v1/tokens", query_string={"card": house.ana.id}, headers=HEADER).get_json()["tokens"]
    assert [(one["id"], one["kind"], one["label"]) for one in listed] == [(first.get_json()["id"], "ring", "blue")]
    assert post(till, "tokens/unbind", {"id": listed[0]["id"]}, HEADER).get_json()["unbound_at"]
    refused(identify(till, CHIP), 404, "not_our_code")
    assert till.get("/api/v1/tokens", query_string={"card": house.ana.id}, headers=HEADER).get_json() == {"tokens": []}


def test_the_answers_and_the_kept_keys_hold_no_token(till, house):
    answer = bind(till, house, CHIP)
    with database.reading() as session:
        kept = str(session.exec(select(Key)).all())
    for text in (answer.text, kept):
        assert "A224B2C1" not in text.replace(":", "")


def test_somebody_elses_ring_is_refused(till, house):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Boris", "+49 151 11112222")
    assert bind(till, house, CHIP).status_code == 200
    before = everything()
    refused(post(till, "tokens", {"card": code_of(friend), "text": CHIP, "kind": "nfc"}, HEADER), 409, "token_taken")
    assert everything() == before


def test_a_token_is_bound_to_a_card_that_is_there(till, app, house, bearer):
    for client, headers in ((till, HEADER), (app.test_client(), bearer)):
        for card in (house.ana.id, house.ana.number, "+49 151 23456789"):
            refused(post(client, "tokens", {"card": card, "text": CHIP, "kind": "nfc"}, headers), 403, "second_factor_needed")
    proof = identify(till, code_of(house.ana)).get_json()["redeeming"]["proof"]
    assert post(till, "tokens", {"card": house.ana.id, "text": CHIP, "kind": "nfc", "proof": proof}, HEADER).status_code == 200
    clara = signed_in(app, house, "Clara")
    assert post(clara, "tokens", {"card": house.ana.number, "text": "coin-17", "kind": "coin"}, HEADER).status_code == 200


def test_a_face_reader_is_bound_by_consent_and_no_face_is_kept(till, house):
    consent = {"text": "I agree that the reader at the door knows my face.", "version": "2026-11", "language": "en"}
    refused(bind(till, house, "p-81723", "match"), 422, "malformed")
    refused(bind(till, house, CHIP, "nfc", consent=consent), 422, "malformed")
    assert bind(till, house, "p-81723", "match", consent=consent).status_code == 200
    assert identify(till, "match:p-81723").get_json()["card"]["id"] == house.ana.id
    with database.reading() as session:
        rows = session.exec(select(Consent).where(col(Consent.purpose) == "biometric match")).all()
        (held,) = session.exec(select(BoundToken)).all()
    assert len(rows) == 1
    assert "p-81723" not in str(held.model_dump())


def test_another_restaurant_unbinds_nothing_here(app, till, house):
    sova = open_house("sova")
    token = bind(till, house, CHIP).get_json()["id"]
    theirs = {"Authorization": f"Bearer {sova.api_key}"}
    refused(post(app.test_client(), "tokens/unbind", {"id": token}, theirs), 404, "not_found")
    refused(app.test_client().get("/api/v1/tokens", query_string={"card": house.ana.id}, headers=theirs), 404, "not_our_code")
    assert identify(till, CHIP).status_code == 200
