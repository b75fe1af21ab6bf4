"""Whose number it is, when several say that it is theirs."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import func, select

from tests.cast import CONSENT, join_guest, open_house
from tests.codes.phonebook import at_once
from walletpass import database, guests
from walletpass.database import now, transaction
from walletpass.errors import Malformed
from walletpass.guests import Consent, Guest

ANA = "+4915123456789"


def names(house, phone=ANA):
    with database.reading() as session:
        return [guest.name for guest in guests.by_phone(session, house.id, phone)]


def on_the_number(house, *people):
    """So many guests on one number, the first the oldest."""
    with transaction() as session:
        found = [join_guest(session, house.program, name, "+49 151 5550001") for name in people]
        for age, guest in enumerate(reversed(found)):
            guest.created_at = now() - timedelta(minutes=age)
        return found


def test_who_proved_it_comes_first_and_then_who_is_known_longest(house):
    _, _, third, _ = on_the_number(house, "One", "Two", "Three", "Four")
    assert names(house, "+491515550001") == ["One", "Two", "Three", "Four"]
    with transaction() as session:
        assert guests.verify(session, session.merge(third))
    assert names(house, "+491515550001") == ["Three", "One", "Two", "Four"]


def test_nobody_who_turned_out_to_be_another_or_was_erased_is_found(house):
    one, two, three = on_the_number(house, "One", "Two", "Three")
    with transaction() as session:
        guests.merge(session, session.merge(two), session.merge(one))
        session.merge(three).erased_at = now()
    assert names(house, "+491515550001") == ["One"]


def test_a_number_of_another_restaurant_is_unknown(house):
    open_house("sova")
    with database.reading() as session:
        assert [guest.program_id for guest in guests.by_phone(session, "sova", ANA)] == ["sova"]
        assert guests.known(session, "sova", ANA).program_id == "sova"


@pytest.mark.parametrize("typed", [ANA, "0151 23456789", "+49 (151) 234-567-89", "0049 151 23456789"])
def test_a_number_is_known_however_it_is_typed(house, typed):
    with database.reading() as session:
        assert guests.known(session, "luna", guests.clean_phone(typed, "DE")).name == "Ana"


def test_a_number_that_a_stranger_typed_is_nobody_s_until_it_is_proved(house):
    number = "+4915166600004"
    with transaction() as session:
        stranger = guests.register(session, house.program, name="X", phone=number, language="en", consent=None, vouched=False)
    with transaction() as session:
        assert guests.known(session, "luna", number) is None
        assert guests.known_phones(session, "luna", [number, ANA]) == {ANA}
        assert guests.verify(session, session.merge(stranger))
        assert guests.known(session, "luna", number).id == stranger.id
        assert guests.known_phones(session, "luna", [number]) == {number}


def test_an_unknown_number_is_nobody(house):
    with database.reading() as session:
        assert guests.known(session, "luna", "+4915199999999") is None
        assert guests.known(session, "luna", "") is None


def test_guests_without_a_number_are_not_one_guest(house):
    with transaction() as session:
        session.add(Guest(program_id="luna", name="A", phone=""))
        session.add(Guest(program_id="luna", name="B", phone=""))
        session.flush()
        assert guests.by_phone(session, "luna", "") == []


@pytest.mark.parametrize("typed", ["12345", "1234567", "0151 2345", "+49 110", "+380 50 123", "110", "+1 555 12"])
def test_a_number_that_nobody_can_have_is_refused(typed):
    with pytest.raises(Malformed, match="phone number"):
        guests.clean_phone(typed, "DE")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("030 5550 1234", "+493055501234"),
        ("+49 1500 1234567", "+4915001234567"),
        ("+380 43 1234567", "+380431234567"),
        ("+47 22 12 34 56", "+4722123456"),
    ],
)
def test_a_landline_and_a_number_newer_than_the_list_of_numbers_are_taken(typed, kept):
    assert guests.clean_phone(typed, "DE") == kept


@pytest.mark.parametrize(
    ("phone", "shown"), [(ANA, "+49 ··· 789"), ("+380501234567", "+380 ··· 567"), ("+29022345", "+290 ··· 5"), ("", "")]
)
def test_a_masked_number_is_known_by_its_owner_only(phone, shown):
    assert guests.masked(phone) == shown


def test_a_till_s_number_gets_the_name_and_the_consent_of_who_proves_it(house):
    with transaction() as session:
        known = Guest(program_id="luna", name="", phone="+491515550001", language="en")
        session.add(known)
        session.flush()
        joined = guests.register(
            session, house.program, name="Bea", phone="+491515550001", language="uk", consent=CONSENT, channel_code="luna-table"
        )
        guests.merge(session, joined, known)
        assert (known.name, known.language, known.channel_code, joined.merged_into) == ("Bea", "uk", "luna-table", known.id)
        proofs = session.exec(select(Consent.guest_id).where(Consent.text_hash != "")).all()
        assert proofs.count(known.id) == proofs.count(joined.id) == 1


def test_a_name_that_is_known_stays(house):
    one, two = on_the_number(house, "Bea Costa", "B.")
    with transaction() as session:
        guests.merge(session, session.merge(two), session.merge(one))
    assert names(house, "+491515550001") == ["Bea Costa"]


def verified():
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(Guest).where(Guest.verified_at.is_not(None))).one()


def prove_all_at_once(people):
    def prove(number):
        with transaction() as session:
            return guests.verify(session, session.merge(people[number]))

    return at_once(len(people), prove)


def test_of_forty_who_prove_one_number_at_once_one_has_it(house):
    people = on_the_number(house, *(f"Guest {number}" for number in range(40)))
    assert prove_all_at_once(people).count(True) == 1
    assert verified() == 1


def test_without_the_index_all_of_them_would_have_it(house):
    """The control: what decides above is the unique index."""
    with transaction() as session:
        session.execute(text("DROP INDEX uq_guest_verified"))
    try:
        people = on_the_number(house, *(f"Guest {number}" for number in range(40)))
        assert prove_all_at_once(people).count(True) == 40
    finally:
        with transaction() as session:
            session.execute(text("UPDATE guest SET verified_at = NULL"))
            session.execute(text("CREATE UNIQUE INDEX uq_guest_verified ON guest (program_id, phone) WHERE verified_at IS NOT NULL"))
