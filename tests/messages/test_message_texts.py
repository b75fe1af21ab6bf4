"""What stands in a message: the restaurant's name, and nothing that needs a second SMS."""

import pytest

from walletpass.messages import texts
from walletpass.programs import Program

LUNA = Program(id="luna", name="Trattoria Luna", pass_type_identifier="p", team_identifier="t")
LANGUAGES = ("en", "uk", "ru")
GSM = 160
UCS2 = 70


def every():
    for language in LANGUAGES:
        for purpose in texts.CODES:
            yield language, texts.code(LUNA, "123456", purpose, language)
        yield language, texts.invitation(LUNA, "https://cards.luna.example/j/luna-table", language)


def test_every_text_names_the_restaurant_in_every_language():
    found = [text for _, text in every()]
    assert len(set(found)) == len(found) == 12
    assert all("Trattoria Luna" in text and "{" not in text for text in found)


@pytest.mark.parametrize("purpose", texts.CODES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_fits_into_one_sms(purpose, language):
    text = texts.code(LUNA, "123456", purpose, language)
    assert text.startswith("123456 ")
    assert len(text) <= (GSM if text.isascii() else UCS2), len(text)


def test_an_unknown_language_is_english():
    assert texts.code(LUNA, "123456", "join", "de") == texts.code(LUNA, "123456", "join", "en")
    assert texts.subject(LUNA, "code", "xx") == "Your code for Trattoria Luna"


def test_a_kind_without_a_subject_has_the_restaurant_s_name():
    assert texts.subject(LUNA, "something new", "en") == "Trattoria Luna"


def test_braces_in_a_name_are_letters():
    odd = Program(id="o", name="{url} & {0}", pass_type_identifier="p", team_identifier="t")
    assert "{url} & {0}" in texts.invitation(odd, "https://x.example", "en")
