"""Each way to know a guest: the card that it finds, what it proves, and one refusal for everything that is nobody's."""

import pytest
from sqlmodel import col, update

from tests.api.till import everything
from tests.cast import issue_card, join_guest, open_house
from tests.identification.cast import bind, code_of, identify
from tests.rotating import rotating, shown
from walletpass import cards, database, identification
from walletpass.cards import Card
from walletpass.errors import ManyGuests, NotAllowed, NotOurCode, TooMany
from walletpass.guests import Guest
from walletpass.identification import Strength
from walletpass.programs import Program

FOREIGN = {
    "an EAN-13": "4006381333931",
    "an EAN-8": "96385074",
    "an address": "https://luna.example/c/luna/12345678",
    "a Wi-Fi code": "WIFI:T:WPA;S:Luna guests;P:12345678;;",
    "a contact": "BEGIN:VCARD\nFN:Ana\nEND:VCARD",
    "a forged code": "1" * 57,
    "a chip of somebody": "04A224B2C15E80",
    "a bank's stripe": ";4000001234567899=25121011000012300000?",
    "a token of some app": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
    "nothing": " ",
    "too much": "1" * 5_000,
    "a boarding pass": "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100",
}


def found(house, text, kind=""):
    seen = identify(house, text, kind)
    return seen.card.id, seen.way, seen.strength


def rules(house, **values):
    with database.transaction() as session:
        session.execute(update(Program).where(col(Program.id) == house.id).values(**values))


def test_what_stands_on_the_card_opens_it_and_proves_as_much_as_a_photograph(house):
    ana = house.ana
    assert found(house, code_of(ana)) == (ana.id, "code", Strength.SHOWN)
    assert found(house, f"]Q3{code_of(ana)}\n") == (ana.id, "code", Strength.SHOWN)
    for number in (ana.number, f"{ana.number[:4]} {ana.number[4:]}", f"{ana.number[:4]}-{ana.number[4:]}", f"]C1{ana.number}"):
        assert found(house, number) == (ana.id, "number", Strength.NAMED)
    assert found(house, ana.id) == (ana.id, "id", Strength.NAMED)
    assert found(house, f"ж{ana.number}=99121010000,") == (ana.id, "stripe", Strength.SHOWN)


def test_a_code_that_changes_proves_the_guest_once(house):
    card = rotating(house)
    code = shown(card)
    assert found(house, code) == (card.id, "changing_code", Strength.PROVED)
    with pytest.raises(cards.rotation.CodeUsed):
        identify(house, code)


def test_a_typing_error_in_a_number_is_nobodys(house):
    number = house.ana.number
    for place in range(8):
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        with pytest.raises(NotOurCode):
            identify(house, wrong)


@pytest.mark.parametrize(
    "text",
    [
        "+49 151 23456789",
        "0151/234 567 89",
        "(0151) 23456789",
        "0049 151 23456789",
        "+4915123456789",
        "01 51 - 23 45 67 89",
        "0151.23456789",
    ],
)
def test_a_phone_number_in_any_form_names_the_guest(house, text):
    assert found(house, text) == (house.ana.id, "phone", Strength.NAMED)


def test_a_phone_number_is_read_as_it_is_dialled_in_the_country(house):
    with database.transaction() as session:
        kyiv = issue_card(session, house.program, "Olena", "+380 67 123 45 67")
    rules(house, country="UA")
    assert found(house, "067 123-45-67")[0] == kyiv.id
    assert found(house, "+380671234567")[0] == kyiv.id


def test_of_several_guests_with_one_number_the_one_who_proved_it_is_meant(house):
    with database.transaction() as session:
        guest = join_guest(session, house.program, "Ana Maria Bondarenko")
        second = cards.issue(session, guest)
    with pytest.raises(ManyGuests) as refused:
        identify(house, "0151 23456789")
    assert refused.value.details["choices"] == [
        {"card": second.id, "name": "Ana B.", "number": f"•••• {second.number[-4:]}"},
        {"card": house.ana.id, "name": "Ana", "number": f"•••• {house.ana.number[-4:]}"},
    ]
    with database.transaction() as session:
        session.get_one(Guest, (house.id, guest.id)).verified_at = database.now()
    assert found(house, "0151 23456789")[0] == second.id


def test_guests_who_left_and_cards_that_ended_are_not_found_by_phone(house):
    with database.transaction() as session:
        session.get_one(Guest, (house.id, house.ana.guest_id)).erased_at = database.now()
    with pytest.raises(NotOurCode):
        identify(house, "0151 23456789")
    with database.transaction() as session:
        session.get_one(Guest, (house.id, house.ana.guest_id)).erased_at = None
        cards.void(session, cards.get(session, house.id, house.ana.id))
    with pytest.raises(NotOurCode):
        identify(house, "0151 23456789")


def test_a_card_that_went_up_in_another_opens_that_one(house):
    with database.transaction() as session:
        other = issue_card(session, house.program, "Ana", "+49 151 11112222")
    bind(other, "04A224B2C15E80")
    with database.transaction() as session:
        session.execute(update(Card).where(col(Card.id) == other.id).values(merged_into=house.ana.id))
    assert found(house, "04A224B2C15E80")[0] == house.ana.id


def test_a_program_may_switch_phones_off(house):
    rules(house, phone_lookup=False)
    for text, kind in (("+49 151 23456789", ""), ("0151 23456789", "phone")):
        with pytest.raises(NotAllowed):
            identify(house, text, kind)
    # A product's code looks like a number that is dialled here; it is nobody's as ever.
    with pytest.raises(NotOurCode):
        identify(house, FOREIGN["an EAN-13"])
    assert found(house, house.ana.number)[0] == house.ana.id


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_not_ours_is_refused_in_one_sentence_and_nothing_is_stored(house, name):
    before = everything()
    with pytest.raises(NotOurCode) as refused:
        identify(house, FOREIGN[name])
    assert refused.value.message == "This is not one of our cards."
    assert everything() == before


def test_another_restaurants_card_token_and_guest_are_not_ours(house):
    sova = open_house("sova")
    bind(sova.ana, "04A224B2C15E80")
    with database.transaction() as session:
        stranger = issue_card(session, sova.program, "Olena", "+49 151 99998888")
    for text in (code_of(sova.ana), sova.ana.number, sova.ana.id, "04A224B2C15E80", "+49 151 99998888"):
        with pytest.raises(NotOurCode):
            identify(house, text)
    assert identify(sova, "04A224B2C15E80").card.id == sova.ana.id
    assert identify(sova, "+49 151 99998888").card.id == stranger.id


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        ("0049 151 23456789", True), ("0049151", True), ("+49 151 23456789", True), ("0151 23456789", True), ("6789", True),
        ("0043 151 23456789", False), ("00151", False),
    ],
)  # fmt: skip
def test_a_number_is_searched_for_as_people_dial_it(luna, typed, finds):
    with database.reading() as session:
        found = identification.search(session, luna.program, typed)
    assert [one.card for one in found] == [luna.ana.id] * finds


def test_the_last_digits_are_found_though_they_begin_like_a_call_abroad(luna):
    with database.transaction() as session:
        other = issue_card(session, luna.program, "Bea", "+49 151 12340049")
        assert [one.card for one in identification.search(session, luna.program, "0049")] == [other.id]


def test_only_the_way_that_was_asked_for_is_tried(house):
    for kind in ("phone", "token", "app_token", "match", "code"):
        with pytest.raises(NotOurCode):
            identify(house, house.ana.number, kind)
    assert found(house, house.ana.number, "number")[0] == house.ana.id


def test_the_door_is_knocked_at_before_a_number_is_looked_up(house):
    def knock(way, what):
        raise TooMany("no", after=1)

    with database.reading() as session:
        for text in ("+49 151 23456789", "+49 151 00000000", house.ana.number):
            with pytest.raises(TooMany):
                identification.identify(session, house.program, text, knock=knock)
        assert identification.identify(session, house.program, code_of(house.ana), knock=knock).card.id == house.ana.id
