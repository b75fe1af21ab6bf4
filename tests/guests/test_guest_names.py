"""Names and phone numbers as people, and attackers, type them."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from walletpass.errors import Malformed
from walletpass.guests import clean_name, clean_phone

ANY_TEXT = st.text(st.characters(codec=None), max_size=400)
UNSEEN = {"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"}


@settings(deadline=None, max_examples=200)
@given(ANY_TEXT)
@example("\ud800")
@example("\x00")
@example("e\u200d\u0301")
@example("\u3164\u115f")
@example("A" * 10_240)
def test_any_text_is_a_clean_name_or_a_plain_refusal(text):
    try:
        name = clean_name(text)
    except Malformed:
        return
    assert 0 < len(name) <= 80
    assert unicodedata.is_normalized("NFC", name)
    assert not any(unicodedata.category(char) in UNSEEN for char in name)
    assert name == " ".join(name.split())
    assert clean_name(name) == name
    name.encode()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ana\t Maria\r\nCosta ", "Ana Maria Costa"),
        ("Ana\rMaria", "Ana Maria"),
        ("Ana\u202eanA", "AnaanA"),
        ("\u2066Ana\u2069", "Ana"),
        ("A\u200bn\u200da\ufeff", "Ana"),
        ("A\u0000na\u001b[31m", "Ana[31m"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("Zoe\u200d\u0308", "Zo\u00eb"),
        ("Іван О'Коннор-Шевчук", "Іван О'Коннор-Шевчук"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("%s %(name)s {0}", "%s %(name)s {0}"),
    ],
)
def test_a_name_keeps_its_letters_and_loses_what_cannot_be_seen(typed, kept):
    assert clean_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u200b", "\x00", "...", "\u3164", "\u115f\u1160", "\u2800", "\U0001f600"])
def test_a_name_without_a_letter_is_none(typed):
    with pytest.raises(Malformed, match="tell us your name"):
        clean_name(typed)


@pytest.mark.parametrize("typed", ["A" * 81, "A" * 10_240, "\u0958" * 80, "A" + "\u200b" * 10_240])
def test_a_name_too_long_for_the_card_is_refused(typed):
    with pytest.raises(Malformed, match="shorter name"):
        clean_name(typed)


def test_eighty_letters_are_a_name():
    assert clean_name(" " + "ї" * 80 + "\u200b") == "ї" * 80


@settings(deadline=None, max_examples=150)
@given(st.one_of(ANY_TEXT, st.text("+0123456789 ()-./;=extphon\u0660\uff11", max_size=60)), st.sampled_from(["DE", "UA", "US", "IT"]))
@example("+49" + "1" * 15, "DE")
@example("110", "DE")
@example("\ud800" * 5, "DE")
def test_any_text_is_a_phone_in_e164_or_a_plain_refusal(text, country):
    try:
        phone = clean_phone(text, country)
    except Malformed:
        return
    assert phone[0] == "+"
    assert phone[1:].isascii()
    assert phone[1:].isdigit()
    assert len(phone) <= 16
    assert clean_phone(phone, country) == phone


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("0151 234 567 89", "DE", "+4915123456789"),
        ("+49 (151) 234-567-89", "UA", "+4915123456789"),
        ("0049 151 23456789", "DE", "+4915123456789"),
        ("050 123 45 67", "UA", "+380501234567"),
        ("\u0660\u0661\u0665\u0661 23456789", "DE", "+4915123456789"),
        ("\uff10\uff11\uff15\uff11 23456789\u200f", "DE", "+4915123456789"),
    ],
)
def test_a_number_is_read_as_dialled_in_the_country(typed, country, kept):
    assert clean_phone(typed, country) == kept


@pytest.mark.parametrize("typed", ["", "phone", "110", "12", "+", "+999 1234567", "0151 23456789 ext. 5", "+49" + "1" * 15, "1" * 10_240])
def test_what_nobody_can_dial_from_abroad_is_no_number(typed):
    with pytest.raises(Malformed):
        clean_phone(typed, "DE")
