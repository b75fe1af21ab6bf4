"""The code that changes: whose it is, how long it is good, and that it is good once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from sqlmodel import col, update

from tests.cast import issue_card, open_house
from tests.rotating import rotating, shown
from walletpass import cards, config, database
from walletpass.cards import Card, rotation
from walletpass.cards.codes import NOT_OURS
from walletpass.errors import CodeExpired, CodeUsed, ConfigurationError, NotOurCode
from walletpass.programs import Program

NOON = 1_795_000_020
RFC_KEY = b"12345678901234567890"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as frozen:
        yield frozen


@pytest.fixture
def card(house):
    return rotating(house)


def read(card, code):
    with database.transaction() as session:
        return cards.find(session, card.program_id, code).id


@pytest.mark.parametrize(
    ("moment", "digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_digits_are_those_of_rfc_6238(moment, digits):
    assert rotation.totp(RFC_KEY, moment // rotation.STEP_SECONDS) == digits


def test_the_code_is_49_digits_and_finds_its_card(card):
    code = shown(card)
    assert (len(code), code.isdigit(), code[:2]) == (49, True, "21")
    assert read(card, code) == card.id


def test_a_scanner_s_blanks_and_dashes_are_forgiven(card):
    code = shown(card)
    assert read(card, f" {code[:8]} {code[8:20]}-{code[20:]} ") == card.id


@pytest.mark.parametrize("later", [-30, 0, 30])
def test_a_phone_whose_clock_is_half_a_minute_off_is_understood(card, later):
    assert read(card, shown(card, later=later)) == card.id


@pytest.mark.parametrize("later", [-3600, -60, 60, 3600])
def test_a_code_of_another_minute_has_run_out(card, later):
    with pytest.raises(CodeExpired, match="Scan the one that the phone shows now"):
        read(card, shown(card, later=later))


def test_a_code_is_good_until_the_end_of_the_step_after_its_own(card, clock):
    code = shown(card)
    clock.shift(60)
    with pytest.raises(CodeExpired):
        read(card, code)
    clock.shift(-1)
    assert read(card, code) == card.id


def test_a_code_is_good_once_and_the_next_one_again(card, clock):
    code = shown(card)
    read(card, code)
    with pytest.raises(CodeUsed, match="Wait for the next one"):
        read(card, code)
    clock.shift(30)
    with pytest.raises(CodeUsed):
        read(card, code)
    assert read(card, shown(card)) == card.id


def test_a_photograph_of_the_code_before_is_used_up_too(card):
    before, now = shown(card, later=-30), shown(card)
    read(card, now)
    with pytest.raises(CodeUsed):
        read(card, before)


def test_a_code_that_was_read_in_a_refused_request_is_still_good(card):
    code = shown(card)
    with database.transaction() as session:
        cards.find(session, card.program_id, code)
        session.rollback()
    assert read(card, code) == card.id


def test_a_server_whose_clock_was_a_day_ahead_shuts_no_card(card, clock):
    clock.shift(86_400)
    read(card, shown(card))
    clock.shift(-86_400)
    assert read(card, shown(card)) == card.id


def test_every_changed_digit_is_refused(card):
    code = shown(card)
    for place, digit in enumerate(code):
        with pytest.raises((NotOurCode, CodeExpired)):
            read(card, code[:place] + str((int(digit) + 1) % 10) + code[place + 1 :])


def test_a_card_without_a_key_has_no_such_code(house):
    card = house.ana
    with pytest.raises(NotOurCode, match=NOT_OURS):
        read(card, f"{rotation.prefix(card)}{rotation.totp(bytes(20), NOON // 30)}")


def test_another_restaurant_s_code_is_not_ours(card):
    sova = open_house("sova")
    with pytest.raises(NotOurCode, match=NOT_OURS):
        read(sova.ana, shown(card))


def test_a_voided_card_s_code_is_not_ours(card):
    with database.transaction() as session:
        cards.void(session, cards.get(session, card.program_id, card.id))
    with pytest.raises(NotOurCode, match=NOT_OURS):
        read(card, shown(card))


def test_the_key_stands_sealed_in_the_row_and_opens_in_no_other(house, card):
    key = rotation.key_of(card)
    assert (len(key), key) == (40, key.upper())
    assert key.lower() not in card.rotation_key.lower()
    with database.transaction() as session:
        boris = issue_card(session, house.program, "Boris", "+49 151 1111111")
        session.exec(update(Card).where(col(Card.id) == boris.id).values(rotation_key=card.rotation_key))
    with database.reading() as session, pytest.raises(ConfigurationError, match="belongs to another row"):
        rotation.key_of(cards.get(session, house.id, boris.id))


def test_a_program_without_changing_codes_gives_no_key(house):
    with database.transaction() as session:
        card = cards.get(session, house.id, house.ana.id)
        rotation.begin(session, card, house.program)
    assert rotation.key_of(card) == ""


def test_the_key_is_made_once_though_eight_workers_want_one(house, db):
    with database.transaction() as session:
        session.exec(update(Program).values(rotating_codes=True))
    start = threading.Barrier(8)

    def begin(_):
        with database.reading() as session:
            card, program = cards.get(session, house.id, house.ana.id), session.get_one(Program, house.id)
        start.wait(30)
        with database.transaction() as session:
            rotation.begin(session, session.merge(card, load=False), program)
            return rotation.key_of(session.get_one(Card, (house.id, card.id)))

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(begin, range(8)))
    with database.reading() as session:
        assert keys == {rotation.key_of(cards.get(session, house.id, house.ana.id))}


def at_eight_tills(card):
    """One code held to eight tills at one moment: the tills that took it."""
    code, start = shown(card), threading.Barrier(8)

    def till(_):
        start.wait(30)
        try:
            return read(card, code)
        except CodeUsed:
            return None

    with ThreadPoolExecutor(8) as pool:
        return [taken for taken in pool.map(till, range(8)) if taken]


def test_of_eight_tills_that_read_one_code_one_wins(card):
    assert at_eight_tills(card) == [card.id]


def test_without_the_condition_in_the_statement_several_tills_take_it(card, monkeypatch):
    """The negative control: looked at first and written afterwards, the code is good more than once."""
    looked, writing = threading.Barrier(8), database.transaction

    def use_up(session, card, step):
        last = session.get_one(Card, (card.program_id, card.id)).rotation_step
        looked.wait(30)
        with writing() as other:
            other.exec(update(Card).where(col(Card.id) == card.id).values(rotation_step=step))
        return last < step

    monkeypatch.setattr(rotation, "_use_up", use_up)
    monkeypatch.setattr(database, "transaction", database.reading)
    assert len(at_eight_tills(card)) > 1


def test_a_proof_is_for_this_card_this_person_and_five_minutes(house, card, clock):
    with database.transaction() as session:
        boris = issue_card(session, house.program, "Boris", "+49 151 1111111")
    proof = rotation.prove(card, "till:1:bruno")
    assert rotation.is_proof(card, "till:1:bruno", proof)
    assert not rotation.is_proof(card, "till:1:clara", proof)
    assert not rotation.is_proof(boris, "till:1:bruno", proof)
    clock.shift(299)
    assert rotation.is_proof(card, "till:1:bruno", proof)
    clock.shift(1)
    assert not rotation.is_proof(card, "till:1:bruno", proof)


def test_a_proof_that_was_changed_proves_nothing(card):
    proof = rotation.prove(card, "a")
    key, until, step, signature = proof.split(".")
    forgeries = ("", ".", "...", "1", f"{key}.{int(until) + 60}.{step}.{signature}", f"{key}.{until}.{int(step) + 1}.{signature}")
    for forged in (*forgeries, f"9.{until}.{step}.{signature}", f"{key}.{until}.{step}.é", f"{key}.²..", f"{key}.{until}.{signature}"):
        assert not rotation.is_proof(card, "a", forged)


def test_a_proof_outlives_a_new_key_in_front_of_the_ring(card):
    proof = rotation.prove(card, "a")
    config.use(config.Settings(**{**vars(config.current()), "secret_keys": "2:" + "7a" * 32 + "," + config.current().secret_keys}))
    assert rotation.is_proof(card, "a", proof)


def test_two_codes_that_are_read_in_one_second_give_two_proofs(card):
    proofs = []
    for later in (0, 30):
        with database.transaction() as session:
            proofs.append(rotation.prove(cards.find(session, card.program_id, shown(card, later=later)), "a"))
    assert proofs[0] != proofs[1]
    assert all(rotation.is_proof(card, "a", proof) for proof in proofs)
