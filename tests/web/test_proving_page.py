"""The card's page asks for the code, gives the old card back, and tells nobody anything."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import func, select

from tests.cast import make_app, open_house
from tests.codes.phonebook import another, code_of, letters, newest_code, reachable
from tests.web.test_join_page import SOUND, count, newest, statements
from walletpass import cards, database, guests, programs
from walletpass.cards import Card
from walletpass.codes import Code
from walletpass.database import now, transaction
from walletpass.guests import Guest
from walletpass.ledger import Bill, Origin, balance, earn
from walletpass.messages import Message

JOIN = "/j/luna-table"
BEA = "+491515550001"


@pytest.fixture
def luna(db):
    with reachable():
        yield open_house()


@pytest.fixture
def phone(luna):
    return make_app().test_client()


def join(browser, **changes):
    """The address of the new card's page."""
    answer = browser.post(JOIN, data={**SOUND, **changes})
    assert answer.status_code == 303, answer.text
    return answer.location


def code_for(path):
    with database.reading() as session:
        card = cards.by_link(session, "luna", path.partition("?")[0].split("/")[3])
        return code_of(programs.get(session, "luna"), "join", card.id)


def type_in(phone, path, code, **more):
    return phone.post(f"{path}/prove", data={"code": code}, **more)


def proved(browser, **changes):
    path = join(browser, **changes)
    assert type_in(browser, path, code_for(path)).status_code == 303
    return path


def give(path, points):
    with transaction() as session:
        card = cards.by_link(session, "luna", path.split("/")[3])
        earn(session, programs.get(session, "luna"), card, Bill.of(f"check-{path}", points * 10), Origin("api"))
        cards.show(session, card, points=balance(session, "luna", card.id).points)


def plain(page):
    """A page without what is this card's own."""
    return re.sub(r"/c/luna/[\w-]{22}|\d{4} \d{4}|address\">[^<]*", "*", page)


def test_a_join_sends_a_code_and_the_page_asks_for_it(phone):
    path = join(phone)
    page = phone.get(path).text
    assert len(letters(BEA)) == 1
    assert "Type the code we sent to +49 ··· 001" in page
    assert 'autocomplete="one-time-code"' in page
    assert re.search("You can ask for another code in [0-9]+ seconds.", page)
    assert newest_code(BEA) not in page


@pytest.mark.parametrize(("language", "words"), [("en", "is your code for your card"), ("uk", "код картки"), ("ru", "код карты")])
def test_the_code_speaks_the_phone_s_language(phone, language, words):
    phone.post(JOIN, data=SOUND, headers={"Accept-Language": language})
    assert words in letters(BEA)[0]


def test_the_typed_code_brings_back_the_old_card_with_its_points(phone):
    old = proved(phone)
    give(old, 123)
    new = join(phone, name="Bea")
    assert 'class="balance">0<' in phone.get(new).text
    answer = type_in(phone, new, code_for(new))
    assert (answer.status_code, answer.location) == (303, f"{old}?said=proved")
    page = phone.get(answer.location).text
    assert re.search(r'class="balance">123<', page)
    assert "is yours, and so is this card" in page
    assert 'name="code"' not in page


def test_the_new_card_s_page_leads_to_the_old_one_from_then_on(phone):
    old = proved(phone)
    new = join(phone)
    type_in(phone, new, code_for(new))
    answer = phone.get(f"{new}?lang=uk")
    assert (answer.status_code, answer.location) == (303, f"{old}?lang=uk")
    assert phone.post(f"{new}/ask").location == old


def test_a_chosen_language_goes_along(phone):
    path = join(phone)
    page = phone.get(f"{path}?lang=ru").text
    assert f"{path}/prove?lang=ru" in page
    answer = phone.post(f"{path}/prove?lang=ru", data={"code": code_for(path), "language": "ru"})
    assert answer.location == f"{path}?lang=ru&said=proved"


def test_a_wrong_code_says_so_and_how_many_tries_are_left(phone):
    path = join(phone)
    wrong = another(code_for(path))
    pages = [type_in(phone, path, wrong) for _ in range(3)]
    assert [page.status_code for page in pages] == [422] * 3
    assert "You have 2 more tries." in pages[0].text
    assert "You have one more try." in pages[1].text
    assert 'id="code-wrong"' in pages[0].text
    assert "Please ask for a new one." in pages[2].text
    assert 'name="code"' not in pages[2].text
    assert type_in(phone, path, code_for(path)).status_code == 422


def test_another_code_can_be_had_after_a_while(phone):
    with time_machine.travel(now(), tick=False) as clock:
        path = join(phone)
        early = phone.post(f"{path}/ask")
        assert (early.status_code, len(letters(BEA))) == (429, 1)
        assert "You can ask for another code in 30 seconds." in early.text
        clock.shift(timedelta(seconds=31))
        assert phone.post(f"{path}/ask").location == path
        assert type_in(phone, path, code_for(path)).status_code == 303


def test_too_many_codes_say_when_to_try_again(phone):
    with time_machine.travel(now(), tick=False) as clock:
        path = join(phone)
        for _ in range(2):
            clock.shift(timedelta(seconds=60))
            phone.post(f"{path}/ask")
        clock.shift(timedelta(seconds=60))
        page = phone.post(f"{path}/ask")
        assert page.status_code == 429
        assert "You can ask for another code in 7 minutes." in page.text
        assert 'data-wait="420"' in page.text


def test_without_a_gateway_nobody_is_asked_for_a_code(phone):
    with reachable(sms_url=""):
        path = join(phone)
        assert 'name="code"' not in phone.get(path).text
        assert phone.post(f"{path}/ask").status_code == 503
    assert count(Message) == 0


def test_a_code_that_ended_is_offered_again(phone):
    with time_machine.travel(now(), tick=False) as clock:
        path = join(phone)
        clock.shift(timedelta(minutes=6))
        page = phone.get(path).text
        assert "Is +49 ··· 001 your number?" in page
        assert "Send me a code" in page
        assert 'name="code"' not in page


def test_welcome_points_are_promised_and_given(db):
    with reachable():
        open_house(welcome_points=50)
        phone = make_app().test_client()
        path = join(phone)
        assert "It gives you 50 points once" in phone.get(path).text
        answer = type_in(phone, path, code_for(path))
        assert re.search(r'class="balance">50<', phone.get(answer.location).text)


def test_no_answer_sets_a_cookie(phone):
    path = join(phone)
    answers = [phone.get(path), type_in(phone, path, "1"), phone.post(f"{path}/ask"), type_in(phone, path, code_for(path))]
    assert [answer.headers.getlist("Set-Cookie") for answer in answers] == [[]] * 4


@pytest.mark.parametrize("code", ["", "\x00", "x" * 5000, "{{7*7}}", "<script>alert(1)</script>", "１２３４５６"])
def test_nonsense_is_a_wrong_code_and_never_shown(phone, code):
    answer = type_in(phone, join(phone), code)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "49" not in re.findall(r'value="([^"]*)"', answer.text)


# ---- who sent the guest


@pytest.mark.parametrize("by", ["number", "spaced", "link"])
def test_who_sent_a_new_guest_is_kept(phone, luna, by):
    number = luna.ana.number
    ref = {"number": number, "spaced": f"{number[:4]} {number[4:]}", "link": luna.ana.link}[by]
    assert phone.post(JOIN, query_string={"ref": ref}, data=SOUND).status_code == 303
    assert newest(Guest).referred_by == luna.ana.id


@pytest.mark.parametrize("ref", ["", "nobody", "12345678", "x" * 22, "%00", "é" * 22, "1" * 3000])
def test_nonsense_in_the_place_of_who_sent_a_guest_is_nobody(phone, ref):
    assert phone.post(f"{JOIN}?ref={ref}", data=SOUND).status_code == 303
    assert newest(Guest).referred_by == ""


def test_a_card_of_another_restaurant_sends_nobody(phone):
    sova = open_house("sova")
    phone.post(f"{JOIN}?ref={sova.ana.link}", data=SOUND)
    assert newest(Guest).referred_by == ""


def test_the_language_links_keep_who_sent_the_guest(phone, luna):
    page = phone.get(f"{JOIN}?ref={luna.ana.number}").text
    assert f'href="?lang=uk&amp;ref={luna.ana.number}"' in page


# ---- an attacker


def tries():
    """How often the code that was sent last has been looked at."""
    with database.reading() as session:
        return session.exec(select(Code.tries)).one()


def test_enumerating_shows_nothing(phone):
    """T13: the same statements, status and page for a number that is known, proved, known twice, or new."""
    proved(phone)
    join(phone, phone="+49 151 5550002")
    seen = []
    for number in (BEA, "+49 151 5550002", "+49 151 5550003"):
        before = phone.get(JOIN).text
        answer, asked = statements(lambda number=number: phone.post(JOIN, data={**SOUND, "phone": number}))
        page, shown = statements(lambda answer=answer: phone.get(answer.location))
        wrong, tried = statements(lambda answer=answer, page=page: type_in(phone, answer.location, another(code_for(answer.location))))
        seen.append((answer.status_code, asked, shown, tried, plain(page.text).replace(number[-3:], "*"), wrong.status_code, before))
    assert seen[0] == seen[1] == seen[2]


def test_who_has_the_link_alone_gets_thirty_guesses_in_a_day(phone):
    """T15: whatever is asked for in between, of a million codes thirty are looked at."""
    with time_machine.travel(now(), tick=False) as clock:
        path, looked = join(phone), 0
        end = now() + timedelta(hours=23, minutes=30)
        while now() < end:
            before = tries()
            for _ in range(4):
                assert type_in(phone, path, another(code_for(path))).status_code == 422
            looked += tries() - before
            clock.shift(timedelta(minutes=20))
            phone.post(f"{path}/ask")
        assert looked == 30


def test_a_code_typed_on_another_card_s_page_opens_nothing(phone):
    victim = join(phone)
    code = code_for(victim)
    other = join(phone, phone="+49 151 5550009")
    assert type_in(phone, other, code).status_code == 422 or code == code_for(other)
    assert type_in(phone, victim, code).status_code == 303


def test_a_used_code_is_of_no_use_to_who_reads_it_later(phone):
    path = join(phone)
    code = code_for(path)
    type_in(phone, path, code)
    again = join(phone)
    if code_for(again) != code:
        assert type_in(phone, again, code).status_code == 422


def test_a_code_of_another_restaurant_is_a_wrong_one(phone):
    open_house("sova")
    theirs = phone.post("/j/sova-table", data=SOUND).location
    ours = join(phone)
    with database.reading() as session:
        card = cards.by_link(session, "sova", theirs.split("/")[3])
        code = code_of(programs.get(session, "sova"), "join", card.id)
    assert type_in(phone, ours, code).status_code == 422 or code == code_for(ours)
    assert phone.post(theirs.replace("/c/sova/", "/c/luna/") + "/prove", data={"code": code}).status_code == 404


def test_pumping_one_number_sends_three_messages(phone):
    """T14: fifty joins are fifty cards, and three SMS."""
    with time_machine.travel(now(), tick=False):
        for _ in range(50):
            join(phone)
    assert count(Card) == 51
    assert count(Message) == 3


def test_pumping_many_numbers_ends_with_the_day_s_allowance(luna):
    with reachable(codes_per_day=7):
        phone = make_app().test_client()
        for number in range(20):
            join(phone, phone=f"+49 151 55500{number:02d}")
    assert (count(Card), count(Message)) == (21, 7)


def test_pumping_from_one_address_is_slowed_whatever_it_says_it_is(luna):
    with reachable(codes_per_minute=5):
        phone = make_app().test_client()
        for number in range(12):
            answer = phone.post(
                JOIN, data={**SOUND, "phone": f"+49 151 55500{number:02d}"}, headers={"X-Forwarded-For": f"192.0.2.{number}"}
            )
            assert answer.status_code == 303
        assert count(Message) == 5
        assert phone.post(f"{answer.location}/ask").status_code == 429
        guesses = [type_in(phone, answer.location, "123456").status_code for _ in range(7)]
        assert guesses == [422] * 5 + [429] * 2


def test_a_form_of_another_site_can_only_do_what_the_link_can(phone, luna):
    """No cookie is looked at, so there is nothing to ride on."""
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = True
    with database.reading() as session:
        before = session.exec(select(func.count()).select_from(Guest)).one()
    answer = app.test_client().post(f"/c/luna/{'x' * 22}/prove", data={"code": "123456"})
    assert answer.status_code == 404
    assert count(Guest) == before


def test_a_known_guest_is_not_told_of_who_typed_the_number(phone):
    old = proved(phone)
    for _ in range(3):
        join(phone, name="Mallory")
    assert "Mallory" not in phone.get(old).text
    with database.reading() as session:
        assert guests.by_phone(session, "luna", BEA)[0].name == "Bea Costa"
