"""The digits in the QR code and under it."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import open_house
from walletpass import cards, config, database
from walletpass.cards.codes import CODE_DIGITS, NOT_OURS, new_number, read_card_code
from walletpass.errors import NotFound, NotOurCode

OLD, NEW = "1:" + "5e" * 32, "2:" + "7a" * 32


def code(card):
    return cards.card_code(card.program_id, card.key_id, card.token)


def found(program_id, text):
    with database.reading() as session:
        return cards.find_by_code(session, program_id, text).id


def refused(program_id, text):
    with database.reading() as session, pytest.raises(NotOurCode) as error:
        cards.find_by_code(session, program_id, text)
    return error.value.message


def keys(ring):
    config.use(replace(config.current(), secret_keys=ring))


def test_a_card_is_found_by_its_code_and_its_number(house):
    assert len(code(house.ana)) == CODE_DIGITS
    assert found(house.id, code(house.ana)) == house.ana.id
    assert found(house.id, house.ana.number) == house.ana.id


def test_blanks_and_dashes_are_forgiven(luna):
    number = luna.ana.number
    for typed in (f"{number[:4]} {number[4:]}", f" {number[:4]}-{number[4:]} ", f"{number[:4]}\u00a0{number[4:]}"):
        assert found(luna.id, typed) == luna.ana.id


def test_every_changed_digit_of_a_code_is_refused_with_the_same_sentence(luna):
    whole = code(luna.ana)
    forged = [
        whole[:place] + digit + whole[place + 1 :]
        for place, digit in itertools.product(range(CODE_DIGITS), "0123456789")
        if digit != whole[place]
    ]
    assert len(forged) == 9 * CODE_DIGITS
    assert {refused(luna.id, text) for text in forged} == {NOT_OURS}


def test_a_changed_digit_with_its_check_digit_mended_is_refused_too(luna):
    body = code(luna.ana)[:-1]
    for place in range(len(body)):
        changed = body[:place] + str((int(body[place]) + 1) % 10) + body[place + 1 :]
        assert refused(luna.id, changed + cards.check_digit(changed)) == NOT_OURS


def test_a_card_of_another_restaurant_is_not_ours(luna):
    sova = open_house("sova")
    assert refused(luna.id, code(sova.ana)) == NOT_OURS
    assert refused(luna.id, sova.ana.number) == NOT_OURS


def test_a_card_s_token_signed_by_another_restaurant_is_not_ours(luna):
    open_house("sova")
    assert refused(luna.id, cards.card_code("sova", luna.ana.key_id, luna.ana.token)) == NOT_OURS


def test_a_voided_card_is_refused_like_a_forged_one(luna):
    with database.transaction() as session:
        cards.void(session, cards.get(session, luna.id, luna.ana.id))
    for text in (code(luna.ana), luna.ana.number):
        assert refused(luna.id, text) == NOT_OURS
    with database.reading() as session, pytest.raises(NotOurCode, match="not one of our cards"):
        cards.find(session, luna.id, luna.ana.id)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "00000000",
        "12345678901234",
        "x" * 57,
        "1" * 57,
        "9" * 57,
        "١" * 57,
        "1" * 56 + "²",
        "https://example.com/1",
        "\0" * 57,
        "\ud800" * 8,
    ],
)
def test_what_is_no_code_at_all_is_refused_with_the_same_sentence(luna, text):
    assert refused(luna.id, text) == NOT_OURS


def test_a_signed_token_above_128_bits_is_refused(luna):
    assert refused(luna.id, cards.card_code(luna.id, "1", "f" * 33)) == NOT_OURS
    with pytest.raises(NotOurCode):
        read_card_code(luna.id, cards.card_code(luna.id, "1", f"{2**128:x}"))


def test_after_a_key_is_added_old_codes_and_new_ones_are_good(luna):
    old = code(luna.ana)
    keys(f"{NEW},{OLD}")
    assert found(luna.id, old) == luna.ana.id
    sova = open_house("sova")
    assert sova.ana.key_id == "2"
    assert code(sova.ana)[1] == "2"
    assert found("sova", code(sova.ana)) == sova.ana.id


def test_a_retired_key_s_codes_are_refused(luna):
    old = code(luna.ana)
    keys(NEW)
    assert refused(luna.id, old) == NOT_OURS
    assert found(luna.id, luna.ana.number) == luna.ana.id


def test_a_key_id_with_another_key_behind_it_opens_nothing(luna):
    old = code(luna.ana)
    keys("1:" + "11" * 32)
    assert refused(luna.id, old) == NOT_OURS


@given(st.text("0123456789", min_size=1, max_size=60), st.data())
def test_the_check_digit_finds_every_single_mistyped_digit(body, data):
    whole = body + cards.check_digit(body)
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != whole[place]]))
    wrong = whole[:place] + other + whole[place + 1 :]
    assert cards.check_digit(wrong[:-1]) != wrong[-1]


@pytest.mark.parametrize(("body", "digit"), [("7992739871", "3"), ("0000000", "0"), ("453914880343646", "7")])
def test_the_check_digit_is_luhn_s(body, digit):
    assert cards.check_digit(body) == digit


def test_new_numbers_are_eight_digits_that_check():
    numbers = {new_number() for _ in range(500)}
    assert len(numbers) > 450
    assert all(cards.is_card_number(number) and number[0] != "0" for number in numbers)


def test_links_serials_and_ids_of_another_restaurant_open_nothing(luna):
    sova = open_house("sova")
    with database.reading() as session:
        assert cards.by_serial(session, luna.id, sova.ana.serial_number) is None
        for look in (cards.get, cards.by_link):
            with pytest.raises(NotFound):
                look(session, luna.id, sova.ana.id if look is cards.get else sova.ana.link)
        with pytest.raises(NotOurCode):
            cards.find(session, luna.id, sova.ana.id)
