"""A card whose phone shows a code that changes: whoever has only a photograph of the other one earns for its guest, and spends nothing."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import pytest
import time_machine
from sqlmodel import col, select

from tests.api.till import error, everything, post
from tests.cast import House, make_app, open_house
from tests.rotating import rotating, shown
from tests.tills import program_header, signed_in
from walletpass import cards, database, doorman, google, staff
from walletpass.identification import once
from walletpass.ledger import Entry

NOON = 1_795_000_020
REASON = "the guest's phone is broken"


@pytest.fixture
def house(db) -> House:
    return open_house()


@pytest.fixture
def app(house):
    return make_app()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def bearer(house):
    return {"Authorization": f"Bearer {house.api_key}"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as frozen:
        yield frozen


@pytest.fixture
def card(house, client, bearer):
    """Ana's card, with 1,000 points on it."""
    assert post(client, "earn", {"card": house.ana.number, "amount": 10_000}, bearer).status_code == 200
    return rotating(house)


def look(client, headers, code):
    return client.post("/api/v1/guests/by-code", json={"code": code}, headers=headers)


def redeem(client, headers, code, **more):
    return post(client, "redeem", {"card": code, "amount": 2_000, "points": 100, **more}, headers)


def asks(client, headers, code):
    """What spending needs, and whether this look is a proof."""
    redeeming = look(client, headers, code).get_json()["redeeming"]
    return redeeming["needs"], bool(redeeming["proof"])


def refused(answer, status, code):
    assert (answer.status_code, error(answer)["code"]) == (status, code)
    return error(answer)["detail"]


def test_a_visit_is_one_scan_then_points_pay_and_the_check_earns(app, house, card):
    till, header = signed_in(app, house), program_header()
    seen = look(till, header, shown(card)).get_json()
    assert seen["redeeming"]["needs"] == "nothing"
    paid = redeem(till, header, seen["card"]["id"], check_id="A1", proof=seen["redeeming"]["proof"])
    assert (paid.status_code, paid.get_json()["balance"]["points"]) == (200, 900)
    earned = post(till, "earn", {"card": seen["card"]["id"], "amount": 2_000, "check_id": "A1"}, header)
    assert (earned.status_code, earned.get_json()["entry"]["points"]) == (200, 190)


def test_the_code_itself_pays_in_one_request(client, bearer, card):
    assert redeem(client, bearer, shown(card)).status_code == 200


@pytest.mark.parametrize("who", ["Bruno", "POS"])
def test_the_other_code_the_number_and_the_id_spend_nothing_and_say_what_to_do(app, house, bearer, card, who):
    client, headers = (signed_in(app, house), program_header()) if who == "Bruno" else (app.test_client(), bearer)
    before = everything()
    for text in (cards.card_code(house.id, card.key_id, card.token), card.number, card.id):
        sentence = refused(redeem(client, headers, text), 403, "changing_code_needed")
        assert sentence == "Ask the guest to open the card in Google Wallet and scan the code that changes."
        refused(redeem(client, headers, text, reason=REASON), 403, "changing_code_needed")
        assert asks(client, headers, text) == ("proof", False)
    assert everything() == before


def test_they_still_earn(client, bearer, house, card):
    for text in (cards.card_code(house.id, card.key_id, card.token), card.number, card.id):
        assert post(client, "earn", {"card": text, "amount": 100}, bearer).status_code == 200


def test_a_code_is_good_once_whatever_it_is_shown_for(client, bearer, card, clock):
    code = shown(card)
    assert look(client, bearer, code).status_code == 200
    before = everything()
    for answer in (look(client, bearer, code), redeem(client, bearer, code), post(client, "earn", {"card": code, "amount": 100}, bearer)):
        assert refused(answer, 409, "code_used").startswith("This code was used already. Wait for the next one")
    assert everything() == before
    clock.shift(30)
    assert redeem(client, bearer, shown(card)).status_code == 200


def test_a_photograph_of_a_minute_ago_is_refused(client, bearer, card, clock):
    code = shown(card)
    clock.shift(90)
    assert "Scan the one that the phone shows now" in refused(redeem(client, bearer, code), 409, "code_expired")


def test_a_refused_redemption_does_not_use_the_code_up(client, bearer, card):
    code = shown(card)
    assert redeem(client, bearer, code, points=1_001).status_code == 409
    assert redeem(client, bearer, code, amount=100).status_code == 422
    assert redeem(client, bearer, code).status_code == 200


def test_a_repeated_request_gets_its_answer_though_the_code_has_changed(client, bearer, card, clock):
    body = {"card": shown(card), "amount": 2_000, "points": 100}
    first = post(client, "redeem", body, bearer, key="k1")
    clock.shift(3_600)
    again = post(client, "redeem", body, bearer, key="k1")
    assert (again.status_code, again.data) == (200, first.data)


def test_of_two_tills_with_one_code_one_gets_the_points(app, house, bearer, card):
    code, start = shown(card), Barrier(2)

    def till(_):
        start.wait(30)
        return redeem(app.test_client(), bearer, code)

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(till, range(2)), key=lambda answer: answer.status_code)
    assert answers[0].status_code == 200
    refused(answers[1], 409, "code_used")


def test_a_proof_is_of_no_use_to_somebody_else_or_later(app, house, client, bearer, card, clock):
    till, header = signed_in(app, house), program_header()
    proof = look(till, header, shown(card)).get_json()["redeeming"]["proof"]
    with database.transaction() as session:
        other = {"Authorization": f"Bearer {staff.make_api_key(session, house.id, 'Test POS')}"}
    for headers in (bearer, other):
        refused(redeem(client, headers, card.id, proof=proof), 403, "changing_code_needed")
    refused(redeem(signed_in(app, house), header, card.id, proof=proof), 403, "changing_code_needed")
    clock.shift(300)
    refused(redeem(till, header, card.id, proof=proof), 403, "changing_code_needed")


def test_a_manager_may_spend_them_without_it_and_says_why(app, house, card):
    clara, header = signed_in(app, house, "Clara"), program_header()
    assert asks(clara, header, card.number) == ("reason", False)
    refused(redeem(clara, header, card.id), 422, "reason_needed")
    assert redeem(clara, header, card.id, reason=REASON).status_code == 200
    with database.reading() as session:
        entry = session.exec(select(Entry).where(col(Entry.type) == "redeem")).one()
    assert (entry.staff_id, entry.reason) == (house.clara.id, REASON)


def test_a_card_that_is_not_in_google_wallet_pays_as_ever(client, bearer, house, card):
    with database.transaction() as session:
        cards.take_off(session, cards.get(session, house.id, card.id), "google")
    assert asks(client, bearer, card.number) == ("nothing", True)
    assert redeem(client, bearer, card.number).status_code == 200


def test_a_guest_who_took_the_card_out_of_google_wallet_pays_by_the_other_code(client, bearer, house, card):
    refused(redeem(client, bearer, card.number), 403, "changing_code_needed")
    with database.transaction() as session:
        row = session.get_one(google.GoogleObject, (house.id, card.id))
        row.saved, row.removed_at = False, database.now()
    assert asks(client, bearer, card.number) == ("nothing", True)
    assert redeem(client, bearer, card.number).status_code == 200


def test_a_program_that_gives_changing_codes_up_takes_the_other_ones_again(client, bearer, house, card):
    with database.transaction() as session:
        session.get_one(type(house.program), house.id).rotating_codes = False
    assert redeem(client, bearer, card.number).status_code == 200
    assert redeem(client, bearer, shown(card)).status_code == 200


@pytest.mark.parametrize("proof", ["x" * 81, 1, None])
def test_a_proof_of_another_shape_is_malformed(client, bearer, card, proof):
    refused(redeem(client, bearer, card.id, proof=proof), 422, "malformed")


def test_a_guest_who_only_pressed_the_button_pays_by_the_other_code(client, bearer, house):
    assert post(client, "earn", {"card": house.ana.number, "amount": 10_000}, bearer).status_code == 200
    card = rotating(house, saved=False)
    assert asks(client, bearer, card.number) == ("nothing", True)
    assert redeem(client, bearer, card.number).status_code == 200
    with database.transaction() as session:
        session.get_one(google.GoogleObject, (house.id, card.id)).saved = True
    refused(redeem(client, bearer, card.number), 403, "changing_code_needed")


def test_a_proof_is_good_for_one_key_though_labels_are_the_same(app, house, bearer, card):
    with database.transaction() as session:
        namesake = {"Authorization": f"Bearer {staff.make_api_key(session, house.id, 'Test POS')}"}
    client = app.test_client()
    proof = look(client, bearer, shown(card)).get_json()["redeeming"]["proof"]
    refused(redeem(client, namesake, card.id, proof=proof), 403, "changing_code_needed")
    assert redeem(client, bearer, card.id, proof=proof).status_code == 200


def test_a_scan_pays_once_and_the_same_request_again_has_the_same_answer(client, bearer, card, clock):
    body = {"card": card.id, "amount": 2_000, "points": 100, "proof": look(client, bearer, shown(card)).get_json()["redeeming"]["proof"]}
    first = post(client, "redeem", body, bearer, key="k1")
    assert first.status_code == 200
    before = everything()
    for more in ({}, {"check_id": "A2"}, {"amount": 1_000}):
        assert "on this scan already" in refused(post(client, "redeem", body | more, bearer), 403, "changing_code_needed")
    again = post(client, "redeem", body, bearer, key="k1")
    assert (again.status_code, again.data, everything()) == (200, first.data, before)
    clock.shift(30)
    body["proof"] = look(client, bearer, shown(card)).get_json()["redeeming"]["proof"]
    assert post(client, "redeem", body, bearer).status_code == 200


def test_a_refused_redemption_leaves_the_scan_good(client, bearer, card):
    proof = look(client, bearer, shown(card)).get_json()["redeeming"]["proof"]
    assert redeem(client, bearer, card.id, proof=proof, points=1_001).status_code == 409
    assert redeem(client, bearer, card.id, proof=proof).status_code == 200


def at_once(app, headers, card, proof):
    """One scan, four requests with keys of their own: their codes, sorted."""
    start = Barrier(4)

    def till(_):
        start.wait(30)
        return redeem(app.test_client(), headers, card.id, proof=proof).status_code

    with ThreadPoolExecutor(4) as pool:
        return sorted(pool.map(till, range(4)))


def test_of_four_requests_with_one_scan_one_gets_the_points(app, bearer, card):
    proof = look(app.test_client(), bearer, shown(card)).get_json()["redeeming"]["proof"]
    assert at_once(app, bearer, card, proof) == [200, 403, 403, 403]


def test_without_the_note_that_a_scan_has_paid_all_four_get_them(app, bearer, card, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(once, "spend", lambda *args: True)
    proof = look(app.test_client(), bearer, shown(card)).get_json()["redeeming"]["proof"]
    assert at_once(app, bearer, card, proof) == [200] * 4


def wrong(card):
    """A code of the card with other digits at its end."""
    code = shown(card)
    return code[:-1] + str((int(code[-1]) + 1) % 10)


@pytest.mark.parametrize("door", ["look", "earn", "redeem"])
def test_whoever_guesses_at_a_card_is_told_to_wait_also_when_the_guess_is_right(app, house, bearer, card, door, time_stands):
    client = app.test_client()

    def guess(code, headers=bearer):
        if door == "look":
            return look(client, headers, code)
        return redeem(client, headers, code) if door == "redeem" else post(client, "earn", {"card": code, "amount": 100}, headers)

    for _ in range(30):
        refused(guess(wrong(card)), 409, "code_expired")
    before = everything()
    for code in (wrong(card), shown(card)):
        answer = guess(code)
        refused(answer, 429, "too_many")
        assert int(answer.headers["Retry-After"]) in (2, 3)
    assert everything() == before
    assert look(client, bearer, card.number).status_code == 200
    till = signed_in(app, house)
    assert look(till, program_header(), shown(card)).status_code == 200


@pytest.fixture
def time_stands(monkeypatch):
    """For the doorman too, however slow the machine is."""
    moment = doorman.time.monotonic()
    monkeypatch.setattr(doorman, "time", SimpleNamespace(monotonic=lambda: moment))
