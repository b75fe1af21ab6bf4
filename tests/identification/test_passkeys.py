"""A guest's face or finger: what their phone signs is taken once, for their card, and nothing else is."""

import json

import pytest
import time_machine
from sqlmodel import select

from tests.cast import issue_card
from tests.identification.phone import PRESENT, Phone
from walletpass import cards, config, database, identification
from walletpass.errors import Conflict, WrongFactor
from walletpass.identification import Passkey
from walletpass.identification.passkeys import MOST, Site

room = identification.passkeys
SITE = Site("cards.luna.example", "https://cards.luna.example")


def ask(house, card=None, make=False):
    with database.reading() as session:
        card = cards.get(session, house.id, (card or house.ana).id)
        return room.begin_making(session, house.program, card, SITE) if make else room.begin_confirming(session, card, SITE)


def give(house, answer, card=None, make=False, site=SITE):
    with database.transaction() as session:
        card = cards.get(session, house.id, (card or house.ana).id)
        return (room.finish_making if make else room.finish_confirming)(session, card, site, answer)


@pytest.fixture
def phone(house):
    """Ana's, which has made its key."""
    made = Phone()
    give(house, made.make(ask(house, make=True)), make=True)
    return made


def test_a_phone_makes_a_key_and_confirms_again_and_again(house, phone):
    for turn in (1, 2):
        assert give(house, phone.confirm(ask(house))).sign_count == turn


def test_nothing_of_the_guest_leaves_and_nothing_of_the_face_is_kept(house, phone):
    options = json.loads(ask(house, make=True))
    assert house.ana.guest_id not in json.dumps(options)
    assert "Ana" not in json.dumps(options)
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    with database.reading() as session:
        (row,) = session.exec(select(Passkey)).all()
    assert set(row.model_dump()) == {
        "program_id", "id", "card_id", "credential_hash", "credential_id", "public_key", "sign_count", "created_at", "used_at"
    }  # fmt: skip


def test_an_answer_is_good_once(house, phone):
    answer = phone.confirm(ask(house))
    give(house, answer)
    with pytest.raises(WrongFactor):
        give(house, answer)
    made = Phone()
    answer = made.make(ask(house, make=True))
    give(house, answer, make=True)
    with pytest.raises(WrongFactor):
        give(house, answer, make=True)


def test_a_challenge_is_of_one_card_one_purpose_and_five_minutes(house, phone):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Boris", "+49 151 11112222")
    theirs = Phone()
    give(house, theirs.make(ask(house, friend, make=True)), friend, make=True)
    for answer, card in (
        (phone.confirm(ask(house)), friend),
        (theirs.confirm(ask(house, friend)), None),
        (theirs.confirm(ask(house)), None),
        (phone.confirm(ask(house, friend)), None),
    ):
        with pytest.raises(WrongFactor):
            give(house, answer, card)
    options = ask(house, make=True)
    with pytest.raises(WrongFactor):
        give(house, phone.confirm(json.dumps({**json.loads(options), "rpId": SITE.host})))
    with time_machine.travel(database.now(), tick=False) as clock:
        answer = phone.confirm(ask(house))
        clock.shift(300)
        with pytest.raises(WrongFactor):
            give(house, answer)


def test_another_page_another_key_a_copied_key_and_no_finger_are_refused(house, phone):
    evil = Phone("https://cards.luna.example.evil.example")
    evil.id, evil.key = phone.id, phone.key
    stranger = Phone()
    stranger.id = phone.id
    for one in (evil, stranger, Phone()):
        with pytest.raises(WrongFactor):
            give(house, one.confirm(ask(house)))
    phone.count = 10
    give(house, phone.confirm(ask(house)))
    phone.count = 5
    with pytest.raises(WrongFactor):
        give(house, phone.confirm(ask(house)))
    phone.count, phone.flags = 20, PRESENT
    with pytest.raises(WrongFactor):
        give(house, phone.confirm(ask(house)))
    phone.flags |= 4
    assert give(house, phone.confirm(ask(house))).sign_count == 22


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "null", "x", '{"response": 1}', '{"rawId": "é", "response": {"clientDataJSON": "e30"}}', "[" * 9_000]
)
def test_anything_else_is_refused(house, phone, answer):
    for make in (True, False):
        with pytest.raises((WrongFactor, RecursionError)):
            give(house, answer, make=make)


def test_a_challenge_of_our_own_making_is_told_from_one_that_is_not(house, phone):
    options = json.loads(ask(house))
    for place in range(len(options["challenge"]) - 1):
        letter = "A" if options["challenge"][place] != "A" else "B"
        changed = {**options, "challenge": options["challenge"][:place] + letter + options["challenge"][place + 1 :]}
        with pytest.raises(WrongFactor):
            give(house, phone.confirm(json.dumps(changed)))


def test_a_new_key_of_the_ring_does_not_disturb_who_is_confirming(house, phone):
    answer = phone.confirm(ask(house))
    before = config.current()
    config.use(type(before)(**{**before.__dict__, "secret_keys": f"2:{'7f' * 32},{before.secret_keys}"}))
    give(house, answer)


def test_a_card_has_some_phones_and_they_can_be_taken_off(house, phone):
    for _ in range(MOST - 1):
        give(house, Phone().make(ask(house, make=True)), make=True)
    with pytest.raises(Conflict):
        ask(house, make=True)
    with database.transaction() as session:
        card = cards.get(session, house.id, house.ana.id)
        assert room.take_off(session, card) == MOST
    with pytest.raises(WrongFactor):
        ask(house)


def test_the_key_of_one_card_is_no_key_of_another(house, phone):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Boris", "+49 151 11112222")
    with pytest.raises(WrongFactor):
        give(house, phone.make(ask(house, friend, make=True)), friend, make=True)
