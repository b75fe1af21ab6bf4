"""What guests say of themselves, and change."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from tests.cast import join_guest
from walletpass import database, guests, programs
from walletpass.errors import Malformed
from walletpass.guests import Birthday, Guest, read_birthday
from walletpass.guests.words import clean_city, clean_email

TODAY = date(2026, 11, 29)


def change(house, guest, **said):
    with database.transaction() as session:
        return guests.profile(session, programs.get(session, house.id), guests.get(session, house.id, guest), **said)


@pytest.fixture
def bea(house):
    with database.transaction() as session:
        return join_guest(session, house.program, "Bea", "+4915120000001").id


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=20) | st.from_regex(r"(?:[0-9]{4}-|--)[0-9]{2}-[0-9]{2}", fullmatch=True))
def test_any_text_is_a_birthday_or_a_plain_refusal(text):
    try:
        born = read_birthday(text, TODAY)
    except Malformed as error:
        found = error
    else:
        assert read_birthday(str(born), TODAY) == born
        assert date(born.year or 2000, born.month, born.day) <= TODAY.replace(year=TODAY.year + 1)
        return
    assert found.details["field"] == "birthday"


@pytest.mark.parametrize(("text", "born"), [("1990-05-17", Birthday(5, 17, 1990)), ("--02-29", Birthday(2, 29)), ("2024-02-29", Birthday(2, 29, 2024)), ("2026-11-29", Birthday(11, 29, 2026)), (" 1906-12-31 ", Birthday(12, 31, 1906))])  # fmt: skip
def test_a_birthday_may_be_a_leap_day_and_without_a_year(text, born):
    assert read_birthday(text, TODAY) == born


@pytest.mark.parametrize("text", ["2026-11-30", "2999-01-01", "1905-01-01", "0000-01-01", "2023-02-29", "--02-30", "1990-13-01", "1990-00-10", "90-05-17", "1990-5-17", "17.05.1990", "--5-17", "", "١٩٩٠-٠٥-١٧"])  # fmt: skip
def test_a_day_that_cannot_be_is_refused(text):
    with pytest.raises(Malformed):
        read_birthday(text, TODAY)


def test_a_new_birthday_counts_from_the_day_it_was_given(house, bea):
    first = change(house, bea, birthday="1990-05-17")
    assert first.birthday_at is not None
    with database.transaction() as session:
        session.get_one(Guest, (house.id, bea)).birthday_at -= timedelta(days=40)
    old = change(house, bea, birthday="1990-05-17", name="Beatrice").birthday_at
    assert database.now() - old > timedelta(days=39)
    for another in ("1990-05-18", "--05-18"):
        assert database.now() - change(house, bea, birthday=another).birthday_at < timedelta(minutes=1)
    gone = change(house, bea, birthday="")
    assert (gone.birth_year, gone.birth_month, gone.birth_day, gone.birthday_at) == (0, 0, 0, None)
    assert guests.birthday_of(gone) is None


def test_what_is_not_said_stays(house, bea):
    change(house, bea, email="bea@example.com", city="Köln", language="uk", birthday="--02-29")
    guest = change(house, bea, name="Beatrice")
    assert (guest.name, guest.email, guest.city, guest.language, str(guests.birthday_of(guest))) == (
        "Beatrice",
        "bea@example.com",
        "Köln",
        "uk",
        "--02-29",
    )
    assert change(house, bea, email="", city="").email == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "\u200b"), ("email", "nobody"), ("city", "x" * 81), ("language", "de"), ("language", ""), ("birthday", "soon")],
)
def test_a_wrong_value_changes_nothing_at_all(house, bea, field, value):
    said = {"name": "Other", "email": "o@example.com", "city": "Oslo", "language": "ru", "birthday": "--01-01", field: value}
    with pytest.raises(Malformed) as refused:
        change(house, bea, **said)
    assert refused.value.details["field"] == field
    with database.reading() as session:
        guest = guests.get(session, house.id, bea)
    assert (guest.name, guest.email, guest.city, guest.language, guest.birth_month) == ("Bea", "", "", "en", 0)


@pytest.mark.parametrize(("typed", "kept"), [(" Ana.B+x@Example.COM ", "ana.b+x@example.com"), ("ana@приклад.укр", "ana@приклад.укр")])
def test_an_address_is_kept_in_one_form(typed, kept):
    assert clean_email(typed) == kept


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=300) | st.emails())
def test_any_text_is_an_address_or_a_plain_refusal(text):
    try:
        email = clean_email(text)
    except Malformed:
        return
    assert email.count("@") >= 1
    assert len(email) <= 254
    assert clean_email(email) == email


@pytest.mark.parametrize(
    "typed", ["", "a", "a@", "@b.de", "a b@c.de", "a@b", "a@b..de", "a" * 250 + "@b.de", "a@b.de\nBcc: c@d.de", "\ud800@b.de"]
)
def test_what_no_mail_reaches_is_no_address(typed):
    with pytest.raises(Malformed):
        clean_email(typed)


def test_a_town_is_cleaned_as_a_name_and_may_be_nothing():
    assert clean_city(" Ки\u202eїв\t ") == "Київ"
    assert clean_city("  ") == ""


def test_guests_are_found_by_their_address_in_any_letters(house, bea):
    change(house, bea, email="bea@example.com")
    with database.reading() as session:
        assert [guest.id for guest in guests.by_email(session, house.id, "BEA@example.com")] == [bea]
        assert guests.by_email(session, "sova", "bea@example.com") == []


def test_a_number_alone_is_a_guest_without_a_name(house):
    with database.transaction() as session:
        guest = guests.register(session, house.program, name=None, phone="0151 20000002", language="en", consent=None)
        assert guest.name == ""
        assert guests.standing(session, guest) == {}
        assert [one.id for one in guests.newest(session, house.id, nameless=True)] == [guest.id]


def test_who_turned_out_to_be_somebody_else_is_not_found(house, bea):
    with database.transaction() as session:
        guest = session.get_one(Guest, (house.id, bea))
        guest.merged_into = house.ana.guest_id
    with database.reading() as session:
        assert guests.by_phone(session, house.id, "+4915120000001") == []
        assert bea not in [one.id for one in guests.page(session, house.id)]
        assert len(session.exec(select(Guest)).all()) == 2
