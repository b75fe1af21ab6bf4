"""A guest asks for a card: one screen, three fields, no cookie."""

import hashlib
import html
import io
import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import func, select

from tests.cast import make_app
from walletpass import database
from walletpass.cards import Card
from walletpass.guests import Consent, Guest

JOIN = "/j/luna-table"
SOUND = {"name": "Bea Costa", "phone": "0151 5550001", "consent": "yes"}
LANGUAGES = {"en": ("Get my card", "I agree that"), "uk": ("Отримати картку", "Я погоджуюся"), "ru": ("Получить карту", "Я соглаш")}


def count(model):
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(model)).one()


def newest(model):
    with database.reading() as session:
        return session.exec(select(model).order_by(model.id.desc())).first()


def consent_shown(page):
    tick = re.search(r'name="consent".*?<span>(.*?)</span>', page, re.DOTALL)
    return html.unescape(tick.group(1))


def statements(work):
    """What the database was asked, without values."""
    asked = []

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    event.listen(database.engine(), "before_cursor_execute", note)
    try:
        answer = work()
    finally:
        event.remove(database.engine(), "before_cursor_execute", note)
    return answer, asked


def test_a_join_makes_a_guest_and_a_card_and_leads_to_it(house):
    client = make_app().test_client()
    answer = client.post(JOIN, data=SOUND)
    card, guest = newest(Card), newest(Guest)
    assert answer.status_code == 303
    assert answer.location == f"/c/luna/{card.link}"
    assert (guest.name, guest.phone, guest.channel_code) == ("Bea Costa", "+491515550001", "luna-table")
    assert card.guest_id == guest.id
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "Bea Costa" in page.text


def test_neither_the_page_nor_the_join_nor_the_card_sets_a_cookie(client):
    answers = [client.get(JOIN), client.post(JOIN, data={}), client.post(JOIN, data=SOUND)]
    answers.append(client.get(answers[-1].location))
    assert [answer.headers.getlist("Set-Cookie") for answer in answers] == [[]] * 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_phones_language(client, language):
    page = client.get(JOIN, headers={"Accept-Language": f"{language}-XX,{language};q=0.9,en;q=0.5"}).text
    button, consent = LANGUAGES[language]
    assert f'<html lang="{language}">' in page
    assert button in page
    assert consent in consent_shown(page)


@pytest.mark.parametrize("header", ["de", "", "*", "xx;q=abc", ",,,;;q=", "en" * 4000, "\xff"])
def test_a_language_that_is_none_of_ours_is_english(client, header):
    assert '<html lang="en">' in client.get(JOIN, headers={"Accept-Language": header}).text


def test_a_language_chosen_by_hand_wins_and_goes_along(client):
    assert '<html lang="ru">' in client.get(f"{JOIN}?lang=ru", headers={"Accept-Language": "uk"}).text
    answer = client.post(f"{JOIN}?lang=ru", data={**SOUND, "language": "ru"}, headers={"Accept-Language": "uk"})
    assert answer.location.endswith("?lang=ru")
    assert newest(Guest).language == "ru"


@pytest.mark.parametrize("lang", ["../../etc", "xx", "\x00", "<b>", "uk" * 500])
def test_a_language_made_up_is_ignored(client, lang):
    assert '<html lang="en">' in client.get(JOIN, query_string={"lang": lang}).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_proof_of_consent_is_the_text_that_was_shown(client, language):
    page = client.get(JOIN, headers={"Accept-Language": language}).text
    hidden = re.search(r'name="language" value="(\w+)"', page).group(1)
    # Another phone's language in the post does not matter: the screen said which text it showed.
    client.post(JOIN, data={**SOUND, "language": hidden}, headers={"Accept-Language": "de"})
    proof = newest(Consent)
    assert proof.language == language
    assert proof.guest_id == newest(Guest).id
    assert proof.text_hash == hashlib.sha256(consent_shown(page).encode()).hexdigest()


def test_a_known_and_an_unknown_number_get_the_same_answer(house):
    client = make_app().test_client()
    client.post(JOIN, data=SOUND)
    (unknown, asked_first), (known, asked_again) = (
        statements(lambda phone=phone: client.post(JOIN, data={**SOUND, "phone": phone})) for phone in ("0151 5550002", "0151 5550002")
    )
    assert asked_first == asked_again
    assert (unknown.status_code, known.status_code) == (303, 303)
    assert len(unknown.location) == len(known.location)
    assert unknown.location != known.location
    assert unknown.text.replace(unknown.location, "") == known.text.replace(known.location, "")
    assert sorted(unknown.headers.keys()) == sorted(known.headers.keys())


def test_every_join_makes_a_new_card(client):
    before = count(Card)
    links = {client.post(JOIN, data=SOUND).location for _ in range(3)}
    assert len(links) == 3
    assert count(Card) == before + 3


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Please tell us your name"),
        ("name", "\u200b", "Please tell us your name"),
        ("name", "A" * 10_240, "Please tell us your name"),
        ("phone", "", "Please give a phone number"),
        ("phone", "110", "Please give a phone number"),
        ("phone", "+49" + "1" * 15, "Please give a phone number"),
        ("consent", "", "Please tick this"),
    ],
)
def test_a_bad_field_gets_its_sentence_and_nothing_is_written(client, field, value, sentence):
    before = count(Guest), count(Card), count(Consent)
    answer = client.post(JOIN, data={**SOUND, field: value})
    assert answer.status_code == 422
    beside = re.search(rf'id="{field}-wrong">(.*?)<', answer.text)
    assert sentence in beside.group(1)
    assert answer.text.count('class="wrong"') == 1
    assert (count(Guest), count(Card), count(Consent)) == before


def test_what_was_typed_stays_in_the_form_as_text(client):
    answer = client.post(JOIN, data={"name": '"><script>alert(1)</script>', "phone": "'><img src=x>", "consent": "yes"})
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "<img src=x>" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert re.search(r'name="consent" value="yes" required checked', answer.text)


def test_no_field_at_all_gets_three_sentences(client):
    answer = client.post(JOIN)
    assert answer.status_code == 422
    assert answer.text.count('class="wrong"') == 3


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("code", ["nobody", "LUNA-TABLE", "luna-table ", "%00", "%F0%9F%98%80", "x" * 3000, "%FF", "..%2f"])
def test_an_unknown_invitation_is_a_page_that_says_so(client, method, code):
    answer = getattr(client, method)(f"/j/{code}", data=SOUND if method == "post" else None)
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "ask the staff" in answer.text


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain"])
def test_a_body_over_the_limit_is_refused(client, kind):
    before = count(Guest)
    body = b"--b\r\nContent-Disposition: form-data; name=name\r\n\r\n" + b"A" * 300_000 + b"\r\n--b--"
    answer = client.post(JOIN, data=body if "multipart" in kind else b"name=" + b"A" * 300_000, content_type=kind)
    assert answer.status_code == 413
    assert answer.mimetype == "text/html"
    assert count(Guest) == before


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"name=Ana%00&phone=%00&consent=yes", "application/x-www-form-urlencoded"),
        (b"name=%FF%FE&phone=%C3%28&consent=%80", "application/x-www-form-urlencoded"),
        (b"name[]=Ana&phone[]=0151&consent[]=yes", "application/x-www-form-urlencoded"),
        (b"=&&&;==%%%zz", "application/x-www-form-urlencoded; charset=utf-16"),
        (b'{"name": "Ana"}', "application/json"),
        (b"--b\r\nbroken", "multipart/form-data; boundary=b"),
        (b"no boundary", "multipart/form-data"),
        (b"\x00\xff" * 100, "application/octet-stream"),
        (b"&".join(b"a%d=" % n for n in range(5000)), "application/x-www-form-urlencoded"),
    ],
)
def test_a_broken_body_is_refused_and_writes_nothing(house, body, kind):
    before = count(Guest)
    answer = make_app().test_client().post(JOIN, data=body, content_type=kind)
    assert 400 <= answer.status_code < 500
    assert count(Guest) == before


def test_a_file_in_place_of_a_name_is_no_name(client):
    answer = client.post(JOIN, data={**SOUND, "name": (io.BytesIO(b"Ana"), "ana.txt")}, content_type="multipart/form-data")
    assert answer.status_code == 422


def test_a_zero_byte_in_a_name_is_taken_out(house):
    assert make_app().test_client().post(JOIN, data={**SOUND, "name": "A\x00na"}).status_code == 303
    assert newest(Guest).name == "Ana"


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=120), phone=st.text("+0123456789 -()ab\x00", max_size=30), consent=st.sampled_from(["", "yes", "\x00"]))
@example("{{ 7 * 7 }}%s", "+4915123456789", "yes")
@example("\U0001f600A", "+4915123456789", "\x00")
def test_whatever_is_typed_the_guest_gets_a_card_or_a_sentence(client, name, phone, consent):
    before = count(Guest)
    answer = client.post(JOIN, data={"name": name, "phone": phone, "consent": consent})
    assert answer.status_code in (303, 422)
    assert count(Guest) == before + (answer.status_code == 303)
    if answer.status_code == 303:
        assert client.get(answer.location).status_code == 200
