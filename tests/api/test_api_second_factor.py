"""Points are spent by what was shown up to a limit, and above it by who the guest is: every factor, every way around it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from sqlmodel import col, select, update

from tests.api.till import error, everything, post
from tests.cast import House, issue_card, make_app, open_house
from tests.codes.phonebook import another, newest_code, reachable
from tests.identification.cast import App, bind, code_of
from tests.tills import program_header, signed_in
from walletpass import cards, database, identification
from walletpass.api import proving
from walletpass.cards import Card
from walletpass.guests import Guest
from walletpass.identification import Confirmation, FactorTries, once, pins, proofs
from walletpass.ledger import Entry
from walletpass.programs import Program

PIN, PHONE = "8317", "+49 151 23456789"
REASON = "I know her for years"


@pytest.fixture
def house(db) -> House:
    """Ana has 10,000 points; 2,000 of them are spent in a day without a question."""
    made = open_house(max_amount=10_000_000)
    app = make_app()
    answer = post(app.test_client(), "earn", {"card": made.ana.number, "amount": 100_000}, {"Authorization": f"Bearer {made.api_key}"})
    assert answer.get_json()["balance"]["points"] == 10_000
    return made


@pytest.fixture
def app(house):
    return make_app()


@pytest.fixture
def bearer(house):
    return {"Authorization": f"Bearer {house.api_key}"}


@pytest.fixture
def till(app, house):
    return signed_in(app, house)


HEADER = program_header()


def look(client, text, headers=HEADER, kind=None):
    answer = client.post("/api/v1/identify", json={"text": text, **({"kind": kind} if kind else {})}, headers=headers)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def redeem(client, card, points, headers=HEADER, **more):
    return post(client, "redeem", {"card": card, "amount": 100_000, "points": points, **more}, headers)


def start(client, card, kind, headers=HEADER):
    return client.post("/api/v1/second-factor/start", json={"card": card, "kind": kind}, headers=headers)


def verify(client, card, kind, code="", headers=HEADER):
    return client.post("/api/v1/second-factor/verify", json={"card": card, "kind": kind, "code": code}, headers=headers)


def refused(answer, status, code):
    assert (answer.status_code, error(answer)["code"]) == (status, code), error(answer)
    return error(answer)


def proven(answer):
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()["proof"]


def with_pin(house):
    with database.reading() as session:
        card = cards.get(session, house.id, house.ana.id)
    pins.set_pin(card, PIN)


def on_the_card(house):
    with database.reading() as session:
        return cards.get(session, house.id, house.ana.id).shown.get("confirm")


def says_yes(house):
    """Ana taps on her own phone."""
    with database.transaction() as session:
        identification.confirm(session, cards.get(session, house.id, house.ana.id), "passkey")


# --- the ordinary evening ------------------------------------------------------------------------


@pytest.mark.parametrize("shown", ["code", "number"])
def test_a_scan_or_a_typed_number_pays_a_part_without_another_step(till, house, shown):
    seen = look(till, code_of(house.ana) if shown == "code" else house.ana.number)
    assert (seen["redeeming"]["needs"], seen["redeeming"]["above"]) == ("nothing", 2_000)
    assert redeem(till, seen["card"]["id"], 2_000, proof=seen["redeeming"]["proof"]).status_code == 200


def test_a_scan_at_the_order_still_pays_at_the_bill(till, house):
    with time_machine.travel(database.now(), tick=False) as clock:
        seen = look(till, code_of(house.ana))
        clock.shift(3 * 3600)
        assert redeem(till, seen["card"]["id"], 500, proof=seen["redeeming"]["proof"]).status_code == 200


def test_more_than_the_limit_asks_for_the_guest_and_says_how(till, house):
    with_pin(house)
    seen = look(till, code_of(house.ana))
    before = everything()
    for more in ({"proof": seen["redeeming"]["proof"]}, {}):
        card = seen["card"]["id"] if more else code_of(house.ana)
        told = refused(redeem(till, card, 2_001, **more), 403, "second_factor_needed")
        assert (told["factors"], told["above"]) == (["card_code", "pin"], 2_000)
    assert everything() == before


def test_nobody_is_asked_for_a_proof_of_what_cannot_be_paid(till, house):
    with_pin(house)
    before = everything()
    assert refused(redeem(till, code_of(house.ana), 99_000), 409, "insufficient_balance")["available"] == 10_000
    assert refused(redeem(till, code_of(house.ana), 9_000, amount=10_000), 422, "above_cap")["maximum"] == 5_000
    assert everything() == before


def test_the_limit_is_of_a_day_whatever_it_is_split_into(till, house):
    code = code_of(house.ana)
    assert redeem(till, code, 1_500).status_code == 200
    assert look(till, code)["redeeming"]["above"] == 500
    assert refused(redeem(till, code, 501), 403, "second_factor_needed")["above"] == 500
    paid = redeem(till, code, 500).get_json()["entry"]["id"]
    assert look(till, code)["redeeming"]["needs"] == "proof"
    # What was given back was not spent.
    assert post(till, "undo", {"entry": paid, "reason": "wrong table"}, HEADER).status_code == 200
    assert look(till, code)["redeeming"]["above"] == 500
    with time_machine.travel(database.now().timestamp() + 86_401, tick=False):
        fresh = signed_in(make_app(), house)
        assert look(fresh, code)["redeeming"]["above"] == 2_000


def test_zero_always_asks(till, house):
    with database.transaction() as session:
        session.execute(update(Program).where(col(Program.id) == house.id).values(second_factor_above=0))
    for text in (code_of(house.ana), house.ana.number):
        assert look(till, text)["redeeming"]["needs"] == "proof"
        refused(redeem(till, text, 1), 403, "second_factor_needed")


@pytest.mark.parametrize("who", ["till", "POS"])
def test_a_phone_number_or_an_id_alone_earns_and_spends_nothing(till, app, house, bearer, who):
    client, headers = (till, HEADER) if who == "till" else (app.test_client(), bearer)
    for text in (PHONE, "0151 23456789", house.ana.id):
        redeeming = look(client, text, headers)["redeeming"]
        assert (redeeming["needs"], redeeming["proof"], redeeming["above"]) == ("proof", "", 0)
        refused(redeem(client, text, 1, headers), 403, "second_factor_needed")
        refused(redeem(client, text, 1, headers, reason=REASON), 403, "second_factor_needed")
        assert post(client, "earn", {"card": text, "amount": 100}, headers).status_code == 200


def test_a_ring_and_a_plastic_card_pay_as_a_code_does(till, house):
    bind(house.ana, "04A224B2C15E80", "ring")
    bind(house.ana, ";6301123412341234=991?", "stripe")
    for text in ("04a224b2c15e80", ";6301123412341234=991?"):
        assert redeem(till, text, 100).status_code == 200
        refused(redeem(till, text, 2_000), 403, "second_factor_needed")


def test_an_apps_signed_word_pays_any_sum_once(till, house):
    token = App(house).token(house.ana.id)
    seen = look(till, token)
    assert seen["redeeming"]["needs"] == "nothing"
    proof = seen["redeeming"]["proof"]
    refused(till.post("/api/v1/identify", json={"text": token}, headers=HEADER), 409, "code_used")
    assert redeem(till, house.ana.id, 5_000, proof=proof).status_code == 200
    refused(redeem(till, house.ana.id, 3_000, proof=proof), 403, "second_factor_needed")


def test_a_manager_says_why_and_a_key_never_may(app, house, bearer):
    clara = signed_in(app, house, "Clara")
    assert look(clara, PHONE)["redeeming"]["needs"] == "reason"
    refused(redeem(clara, house.ana.id, 3_000), 422, "reason_needed")
    assert redeem(clara, house.ana.id, 3_000, reason=REASON).status_code == 200
    with database.reading() as session:
        entry = session.exec(select(Entry).where(col(Entry.type) == "redeem")).one()
    assert (entry.staff_id, entry.reason) == (house.clara.id, REASON)
    refused(redeem(app.test_client(), house.ana.id, 3_000, bearer, reason=REASON), 403, "second_factor_needed")


# --- the factors ---------------------------------------------------------------------------------


def test_the_code_on_the_card_is_read_out_and_then_leaves_the_card(till, house):
    begun = start(till, PHONE, "card_code").get_json()
    assert (begun["kind"], begun["sent_to"]) == ("card_code", "")
    code = on_the_card(house)
    assert len(code) == 6
    proof = proven(verify(till, house.ana.id, "card_code", f"{code[:3]} {code[3:]}"))
    assert on_the_card(house) is None
    # A repeated request after a lost answer gets the same right: one redemption.
    again = proven(verify(till, house.ana.id, "card_code", code))
    assert redeem(till, house.ana.id, 5_000, proof=proof).status_code == 200
    refused(redeem(till, house.ana.id, 100, proof=again), 403, "second_factor_needed")


def test_a_code_nobody_read_out_leaves_the_card_by_itself(till, house):
    start(till, house.ana.id, "card_code")
    code = on_the_card(house)
    with time_machine.travel(database.now().timestamp() + 301, tick=False):
        with database.transaction() as session:
            assert identification.sweep(session) == 1
            assert identification.sweep(session) == 0
        assert on_the_card(house) is None
        refused(verify(till, house.ana.id, "card_code", code), 422, "wrong_factor")


def test_a_new_code_ends_the_one_before_and_belongs_to_who_asked(till, app, house):
    other = signed_in(app, house, "Clara")
    start(till, house.ana.id, "card_code")
    first = on_the_card(house)
    start(other, house.ana.id, "card_code")
    second = on_the_card(house)
    assert first != second
    for client, code in ((till, first), (till, second), (other, first)):
        refused(verify(client, house.ana.id, "card_code", code), 422, "wrong_factor")
    assert proven(verify(other, house.ana.id, "card_code", second))


def test_a_code_by_sms_goes_to_the_number_on_file(till, house):
    refused(start(till, house.ana.id, "sms"), 409, "conflict")
    with reachable():
        assert "sms" in look(till, PHONE)["redeeming"]["factors"]
        begun = start(till, PHONE, "sms").get_json()
        assert begun["sent_to"] == "+49 ••••••••• 89"
        code = newest_code()
        refused(verify(till, house.ana.id, "sms", another(code)), 422, "wrong_factor")
        proof = proven(verify(till, house.ana.id, "sms", code))
        assert redeem(till, house.ana.id, 5_000, proof=proof).status_code == 200
        refused(verify(till, house.ana.id, "sms", code), 422, "wrong_factor")


def test_a_pin_pays_and_is_clear_text_nowhere(till, house):
    refused(start(till, house.ana.id, "pin"), 409, "conflict")
    with_pin(house)
    assert start(till, house.ana.id, "pin").get_json()["expires_at"] is None
    proof = proven(verify(till, house.ana.id, "pin", PIN))
    assert redeem(till, house.ana.id, 5_000, proof=proof).status_code == 200
    with database.reading() as session:
        assert session.get_one(Guest, (house.id, house.ana.guest_id)).pin_hash.startswith("$argon2id$")


def test_a_yes_on_the_guests_own_phone_needs_no_typing_at_the_till(till, house):
    seen = look(till, code_of(house.ana))
    refused(verify(till, house.ana.id, "passkey"), 422, "wrong_factor")
    says_yes(house)
    assert look(till, code_of(house.ana))["redeeming"]["above"] > 10_000
    assert redeem(till, seen["card"]["id"], 5_000, proof=seen["redeeming"]["proof"]).status_code == 200
    refused(redeem(till, seen["card"]["id"], 3_000, proof=seen["redeeming"]["proof"]), 403, "second_factor_needed")


def test_a_refused_redemption_leaves_the_yes_and_the_proof_good(till, house):
    says_yes(house)
    assert redeem(till, house.ana.id, 10_001).status_code == 409
    proof = proven(verify(till, house.ana.id, "passkey"))
    assert redeem(till, house.ana.id, 10_001, proof=proof).status_code == 409
    assert redeem(till, house.ana.id, 5_000, proof=proof).status_code == 200
    refused(redeem(till, house.ana.id, 1), 403, "second_factor_needed")


def test_a_yes_is_for_one_till_for_five_minutes(till, app, house):
    other = signed_in(app, house, "Bruno")
    says_yes(house)
    proven(verify(till, house.ana.id, "passkey"))
    refused(verify(other, house.ana.id, "passkey"), 422, "wrong_factor")
    refused(redeem(other, house.ana.id, 5_000), 403, "second_factor_needed")
    with time_machine.travel(database.now().timestamp() + 301, tick=False):
        refused(redeem(till, house.ana.id, 5_000), 403, "second_factor_needed")


def test_a_proof_is_of_no_use_to_another_till_key_or_card_nor_later(till, app, house, bearer):
    with_pin(house)
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Boris", "+49 151 11112222")
    post(till, "earn", {"card": friend.number, "amount": 100_000}, HEADER)
    proof = proven(verify(till, house.ana.id, "pin", PIN))
    refused(redeem(signed_in(app, house), house.ana.id, 5_000, proof=proof), 403, "second_factor_needed")
    refused(redeem(app.test_client(), house.ana.id, 5_000, bearer, proof=proof), 403, "second_factor_needed")
    refused(redeem(till, friend.id, 5_000, proof=proof), 403, "second_factor_needed")
    with time_machine.travel(database.now().timestamp() + 301, tick=False):
        refused(redeem(till, house.ana.id, 5_000, proof=proof), 403, "second_factor_needed")


def test_no_flipped_letter_of_a_weak_proof_makes_a_strong_one(till, house):
    weak = look(till, code_of(house.ana))["redeeming"]["proof"]
    assert ".code.2." in weak
    for forged in (
        weak.replace(".code.2.", ".code.3."),
        weak.replace(".code.2.", ".pin.3."),
        weak + ".",
        "." * 5,
        "1.9.pin.x.y.z",
        "é" * 5,
    ):
        refused(redeem(till, house.ana.id, 5_000, proof=forged), 403, "second_factor_needed")
    with database.reading() as session:
        card = cards.get(session, house.id, house.ana.id)
    for place in range(len(weak)):
        wrong = weak[:place] + ("A" if weak[place] != "A" else "B") + weak[place + 1 :]
        assert proofs.read(card, f"till:{'x' * 26}", wrong) is None


# --- guessing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pin", "card_code"])
def test_after_five_wrong_ones_the_right_one_is_refused_too_and_only_here(till, app, house, kind):
    with_pin(house)
    other = signed_in(app, house, "Clara")

    def right(client):
        if kind == "pin":
            return PIN
        start(client, house.ana.id, kind)
        return on_the_card(house)

    with time_machine.travel(database.now(), tick=False) as clock:
        code = right(till)
        wrong = another(code) if kind == "card_code" else "0000"
        for _ in range(5):
            refused(verify(till, house.ana.id, kind, wrong), 422, "wrong_factor")
        assert refused(verify(till, house.ana.id, kind, code), 409, "factor_locked")["until"].endswith("Z")
        # A new code is no new count, and the guest is not shut out elsewhere.
        assert refused(verify(till, house.ana.id, kind, right(till)), 409, "factor_locked")
        assert proven(verify(other, house.ana.id, kind, right(other)))
        clock.shift(1_800)
        assert proven(verify(till, house.ana.id, kind, right(till)))


def test_a_hundred_guesses_at_once_are_looked_at_five_times(app, house, bearer, monkeypatch):
    with_pin(house)
    looked = []
    monkeypatch.setattr(pins, "_verify", lambda kept, pin: looked.append(pin) and False)
    ready = Barrier(100)

    def guess(number):
        client = app.test_client()
        ready.wait(60)
        return verify(client, house.ana.id, "pin", f"{number:04d}", bearer).status_code

    with ThreadPoolExecutor(100) as pool:
        told = list(pool.map(guess, range(100)))
    assert (len(looked), told.count(422)) == (5, 5)
    assert set(told) <= {422, 409, 503}
    with database.reading() as session:
        assert session.exec(select(FactorTries)).one().count == 5


def test_a_right_pin_forgives_the_wrong_ones_before(till, house):
    with_pin(house)
    for _ in range(3):
        for _ in range(4):
            refused(verify(till, house.ana.id, "pin", "0000"), 422, "wrong_factor")
        assert proven(verify(till, house.ana.id, "pin", PIN))


def test_codes_are_not_sent_to_a_card_again_and_again(till, app, house):
    other = signed_in(app, house, "Clara")
    told = [start(client, house.ana.id, "card_code").status_code for client in (till, other) * 4]
    assert told == [200] * 6 + [429] * 2


def test_a_manager_clears_a_forgotten_pin_and_nobody_else(till, app, house, bearer):
    with_pin(house)
    body = {"card": house.ana.number, "kind": "pin"}
    for client, headers in ((till, HEADER), (app.test_client(), bearer)):
        refused(client.post("/api/v1/second-factor/clear", json=body, headers=headers), 403, "not_allowed")
    clara = signed_in(app, house, "Clara")
    assert [clara.post("/api/v1/second-factor/clear", json=body, headers=HEADER).get_json()["cleared"] for _ in range(2)] == [True, False]
    refused(verify(till, house.ana.id, "pin", PIN), 422, "wrong_factor")
    assert "pin" not in look(till, PHONE)["redeeming"]["factors"]


# --- one proof, two tills ------------------------------------------------------------------------


def at_once(work, count=4):
    ready = Barrier(count)

    def one(number):
        ready.wait(30)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(one, range(count)))


def spends_with_one_proof(app, house, bearer):
    with_pin(house)
    proof = proven(verify(app.test_client(), house.ana.id, "pin", PIN, bearer))
    return at_once(lambda _: redeem(app.test_client(), house.ana.id, 2_001, bearer, proof=proof).status_code)


def test_of_four_requests_with_one_proof_one_gets_the_points(app, house, bearer):
    assert spends_with_one_proof(app, house, bearer) == [200, 403, 403, 403]


def test_without_the_note_that_a_proof_was_used_all_four_get_them(app, house, bearer, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(once, "spend", lambda *args: True)
    assert spends_with_one_proof(app, house, bearer) == [200] * 4


def spends_within_the_limit(app, house, bearer):
    return at_once(lambda _: redeem(app.test_client(), code_of(house.ana), 1_500, bearer).status_code)


def test_of_four_tills_within_the_limit_one_gets_the_points(app, house, bearer):
    assert spends_within_the_limit(app, house, bearer) == [200, 403, 403, 403]


def test_tills_that_do_not_line_up_spend_more_than_the_limit(postgresql, monkeypatch):
    """The negative control: all have looked at what was spent before one spends."""
    house = open_house(max_amount=10_000_000)
    app, bearer = make_app(), {"Authorization": f"Bearer {house.api_key}"}
    post(app.test_client(), "earn", {"card": house.ana.number, "amount": 100_000}, bearer)
    meeting, look_before = Barrier(4), proving.spent_within_a_day

    def look_together(*args):
        found = look_before(*args)
        meeting.wait(30)
        return found

    monkeypatch.setattr(proving, "spent_within_a_day", look_together)
    monkeypatch.setattr(identification, "line_up", lambda *args: None)
    assert spends_within_the_limit(app, house, bearer) == [200] * 4


def takes_up_one_yes(app, house):
    says_yes(house)
    tills = [signed_in(app, house) for _ in range(4)]
    return at_once(lambda number: redeem(tills[number], house.ana.id, 2_001).status_code)


def test_of_four_tills_with_one_yes_one_gets_the_points(app, house):
    assert takes_up_one_yes(app, house) == [200, 403, 403, 403]
    with database.reading() as session:
        assert session.exec(select(Confirmation)).one().taken_by != ""


def test_other_restaurants_cards_cannot_be_started_or_verified(till, house):
    sova = open_house("sova")
    for card in (sova.ana.id, sova.ana.number, code_of(sova.ana)):
        refused(start(till, card, "card_code"), 404, "not_our_code")
        refused(verify(till, card, "pin", PIN), 404, "not_our_code")
    with database.reading() as session:
        assert session.get_one(Card, ("sova", sova.ana.id)).shown.get("confirm") is None
