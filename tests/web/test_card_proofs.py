"""The guest's own proofs on the card's page."""

from dataclasses import replace

import pytest

from tests.cast import make_app
from tests.identification.phone import Phone
from tests.tills import program_header, signed_in
from walletpass import cards, config, database, identification
from walletpass.guests import Guest


@pytest.fixture
def phone_at_home(house):
    config.use(replace(config.current(), base_url="https://cards.luna.example"))
    return make_app().test_client()


def page_of(house):
    return f"/c/luna/{house.ana.link}"


def set_pin(client, house, pin, current=""):
    answer = client.post(f"{page_of(house)}/pin", data={"pin": pin, "current": current})
    assert answer.status_code == 303
    return answer.location.partition("pin=")[2].partition("&")[0].partition("#")[0]


def pin_hash(house):
    with database.reading() as session:
        return session.get_one(Guest, (house.id, house.ana.guest_id)).pin_hash


def test_the_first_pin_is_set_and_changed_by_the_one_before(phone_at_home, house):
    assert "Choose a PIN" in phone_at_home.get(page_of(house)).text
    assert set_pin(phone_at_home, house, "8317") == "set"
    page = phone_at_home.get(f"{page_of(house)}?pin=set").text
    assert "Your PIN is set" in page
    assert "The PIN that you have now" in page
    assert "8317" not in page
    before = pin_hash(house)
    assert set_pin(phone_at_home, house, "2604") == "wrong"
    assert pin_hash(house) == before
    assert set_pin(phone_at_home, house, "2604", "8317") == "set"
    assert pin_hash(house) != before


@pytest.mark.parametrize("pin", ["", "831", "8317261", "83a7", "1234", "4321", "0000", "777777", "7890", "٨٣١٧"])
def test_what_is_no_pin_and_what_everybody_guesses_is_refused(phone_at_home, house, pin):
    assert set_pin(phone_at_home, house, pin) == "weak"
    assert pin_hash(house) == ""


def test_the_pin_cannot_be_guessed_through_the_page_and_the_till_is_not_shut_by_it(phone_at_home, house):
    assert set_pin(phone_at_home, house, "8317") == "set"
    assert [set_pin(phone_at_home, house, "2604", f"{number:04d}") for number in range(7)] == ["wrong"] * 5 + ["locked"] * 2
    assert set_pin(phone_at_home, house, "2604", "8317") == "locked"
    config.use(replace(config.current(), base_url="http://127.0.0.1:8000"))
    till = signed_in(make_app(), house)
    body = {"card": house.ana.id, "kind": "pin", "code": "8317"}
    assert till.post("/api/v1/second-factor/verify", json=body, headers=program_header()).status_code == 200


def test_the_code_that_a_till_waits_for_stands_on_the_page_until_it_ends(phone_at_home, house):
    assert "Read this out" not in phone_at_home.get(page_of(house)).text
    with database.transaction() as session:
        card = cards.get(session, house.id, house.ana.id)
        identification.start(session, card, "till:x", "card_code")
        code = card.shown["confirm"]
    page = phone_at_home.get(page_of(house)).text
    assert "Read this out at the till" in page
    assert f"{code[:3]} {code[3:]}" in page


def test_a_phone_makes_a_key_confirms_and_the_till_goes_on(phone_at_home, house):
    ana = Phone()
    base = f"{page_of(house)}/passkey"
    assert 'id="passkey-confirm" type="button" hidden' in phone_at_home.get(page_of(house)).text
    assert phone_at_home.post(f"{base}/ask").status_code == 422
    assert phone_at_home.post(f"{base}/keep", data=ana.make(phone_at_home.post(f"{base}/make").text)).status_code == 200
    assert 'id="passkey-confirm" type="button">' in phone_at_home.get(page_of(house)).text
    with database.reading() as session:
        card = cards.get(session, house.id, house.ana.id)
        assert identification.waits(session, card, "till") == ""
    answer = ana.confirm(phone_at_home.post(f"{base}/ask").text)
    assert phone_at_home.post(f"{base}/confirm", data=answer).status_code == 200
    assert phone_at_home.post(f"{base}/confirm", data=answer).status_code == 422
    with database.reading() as session:
        assert identification.waits(session, card, "till") == "passkey"


def test_there_is_no_cookie_and_no_other_way_in(phone_at_home, house):
    for answer in (phone_at_home.get(page_of(house)), phone_at_home.post(f"{page_of(house)}/passkey/make")):
        assert "Set-Cookie" not in answer.headers
    for path in ("pin", "passkey/make", "passkey/keep", "passkey/ask", "passkey/confirm"):
        assert phone_at_home.post(f"/c/luna/{'x' * 22}/{path}").status_code == 404
        assert phone_at_home.post(f"/c/sova/{house.ana.link}/{path}").status_code == 404
        assert phone_at_home.get(f"{page_of(house)}/{path}").status_code == 405


def test_somebody_who_knocks_again_and_again_is_told_to_wait(phone_at_home, house):
    told = [phone_at_home.post(f"{page_of(house)}/passkey/make").status_code for _ in range(40)]
    assert told[:30] == [200] * 30
    assert 429 in told


def test_under_a_number_instead_of_a_name_no_keys_are_offered(house):
    client = make_app().test_client()
    assert 'id="passkey"' not in client.get(page_of(house), base_url="http://127.0.0.1:8000").text
    assert client.post(f"{page_of(house)}/passkey/make", base_url="http://127.0.0.1:8000").status_code == 404
    assert 'id="passkey"' in client.get(page_of(house), base_url="http://localhost:8000").text


def test_a_card_that_has_ended_offers_nothing(phone_at_home, house):
    with database.transaction() as session:
        cards.void(session, cards.get(session, house.id, house.ana.id))
    assert 'id="proofs"' not in phone_at_home.get(page_of(house)).text
