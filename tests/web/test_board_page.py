"""The hostess's board and its set-up: who sees them, what they carry, and what a manager changes."""

import re
from datetime import timedelta
from html import unescape

import pytest

from tests.cast import PINS, make_app, open_house
from tests.tills import program_header, signed_in, till_browser
from walletpass import cards, database, hostess, programs, staff
from walletpass.api.auth import staff_cookie
from walletpass.database import now
from walletpass.hostess import Wish

BOARD, RULES = "/t/luna/board", "/t/luna/board/rules"


def elena(app):
    """The hostess, at a till of her own."""
    browser, till = till_browser(app)
    with database.transaction() as session:
        hired = staff.hire(session, "luna", name="Elena", role="hostess", pin="4680")
    browser.set_cookie(staff_cookie("luna"), staff.sign_in(till, hired.id, "4680"))
    return browser, hired


def fields(page):
    """What a browser would send of the form of the sentences."""
    form = page[page.index('id="order"') : page.index("</form>")]
    sent = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        attribute = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        if attribute.get("type") != "checkbox" or re.search(r"\schecked(?=[\s>])", tag):
            sent.setdefault(attribute["name"], []).append(unescape(attribute.get("value", "")))
    return sent


def occasions():
    with database.reading() as session:
        return hostess.occasions(session, "luna")


def test_whoever_is_signed_in_on_a_till_sees_the_board_and_nobody_else(house):
    app = make_app()
    for name in PINS:
        page = signed_in(app, house, name).get(BOARD)
        assert page.status_code == 200
        assert "At the door" in page.text
    assert app.test_client().get(BOARD).location == "/t/luna"
    assert app.test_client().get("/t/nowhere/board").status_code == 404


def test_a_hostess_lands_on_the_board_and_a_cashier_at_the_till(house):
    app = make_app()
    browser, hired = elena(app)
    assert browser.post("/t/luna/sign-in", data={"staff_id": hired.id, "pin": "4680"}).location == BOARD
    other, _till = till_browser(app)
    assert other.post("/t/luna/sign-in", data={"staff_id": house.bruno.id, "pin": PINS["Bruno"]}).location == "/t/luna"
    assert f'href="{BOARD}"' in other.get("/t/luna").text
    page = browser.get(BOARD).text
    assert RULES not in page
    assert browser.get(RULES).status_code == 403


def test_a_till_of_no_venue_chooses_among_several_and_never_a_foreign_one(house):
    with database.transaction() as session:
        second = programs.add_venue(session, programs.get(session, "luna"), "Luna am See")
    foreign = open_house("sova").venue
    browser = signed_in(make_app(), house)
    page = browser.get(BOARD).text
    assert "Luna am See" in page
    assert "board/board.js" not in page
    page = browser.get(BOARD, query_string={"venue": second.id}).text
    assert f'data-venue="{second.id}"' in page
    for wrong in (foreign.id, "x" * 300, "<script>"):
        assert browser.get(BOARD, query_string={"venue": wrong}).status_code == 404


def test_names_and_notes_reach_the_board_as_data_and_never_in_its_page(house):
    evil = "<img src=x onerror=alert(1)>"
    with database.transaction() as session:
        program = programs.get(session, "luna")
        hostess.book(session, program, house.venue.id, "b1", Wish(at=now() + timedelta(hours=1), party=2, name=evil, notes=evil))
        hostess.note(session, cards.get(session, "luna", house.ana.id), evil)
        staff.hire(session, "luna", name=evil, role="cashier", pin="1478")
    browser = signed_in(make_app(), house, "Clara")
    page = browser.get(BOARD).text
    assert evil not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert browser.get("/api/v1/board", headers=program_header()).content_type == "application/json"
    answer = browser.post(RULES, data={**fields(browser.get(RULES).text), "words-vip-en": f'"{evil}', "action": "order"})
    assert answer.status_code == 303
    assert evil not in browser.get(RULES).text


def test_sentences_are_put_in_another_order_and_what_was_typed_is_kept(house):
    clara = signed_in(make_app(), house, "Clara")
    sent = {**fields(clara.get(RULES).text), "words-absence-uk": "Давно не бачились, {name}!", "days-absence": "30"}
    answer = clara.post(RULES, data={**sent, "action": "up-absence"})
    assert answer.location == f"{RULES}?done=up#said-absence"
    first = occasions()[0]
    assert (first.kind, first.days, first.words) == ("absence", 30, {"uk": "Давно не бачились, {name}!"})
    sent = fields(clara.get(RULES).text)
    del sent["active-review"]
    clara.post(RULES, data={**sent, "action": "order"})
    assert [one.active for one in occasions()][:3] == [True, False, True]
    assert "The board speaks like this from now on." in clara.get(f"{RULES}?done=order").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"words-vip-en": "{password}"}, "in braces only the words that stand beside it"),
        ({"words-vip-en": "x" * 161}, "160 letters at most"),
        ({"days-absence": "soon"}, "a whole number of days"),
        ({"days-absence": "9999"}, "a whole number of days"),
    ],
    ids=str,
)
def test_a_sentence_that_does_not_fit_changes_nothing_and_stays_as_it_was_typed(house, typed, said):
    clara = signed_in(make_app(), house, "Clara")
    before = occasions()
    answer = clara.post(RULES, data={**fields(clara.get(RULES).text), **typed, "action": "order"})
    assert answer.status_code == 422
    assert said in unescape(answer.text)
    assert unescape(answer.text).count(next(iter(typed.values()))) == 1
    assert occasions() == before


def test_tables_are_kept_given_with_a_reason_and_released(house):
    clara = signed_in(make_app(), house, "Clara")
    week = {"weekday": list("0123456"), "tables": "2", "action": "keep"}
    assert clara.post(RULES, data={**week, "begins": "19:00", "ends": "01:30"}).status_code == 303
    with database.reading() as session:
        [kept] = hostess.every_kept(session, "luna")
    assert (kept.begins, kept.ends, kept.venue_id) == (19 * 60, 25 * 60 + 30, house.venue.id)
    assert "19:00 – 01:30" in clara.get(RULES).text
    for wrong in (
        {"begins": "", "ends": "22:00"},
        {"begins": "19:00", "ends": "22:00", "tables": "many"},
        {"begins": "24:00", "ends": "1"},
    ):
        assert clara.post(RULES, data={**week, **wrong}).status_code == 422
    assert clara.post(RULES, data={"begins": "19:00", "ends": "22:00", "tables": "2", "action": "keep"}).status_code == 422
    assert clara.post(RULES, data={"kept_id": kept.id, "action": "release"}).status_code == 303
    with database.reading() as session:
        assert hostess.every_kept(session, "luna") == []
    assert clara.post(RULES, data={"kept_id": "01", "action": "release"}).status_code == 404
    assert clara.post(RULES, data={"action": "burn"}).status_code == 422


def test_only_managers_set_the_board_up(house):
    app = make_app()
    bruno = signed_in(app, house, "Bruno")
    for action in ("order", "up-vip", "keep", "release", "book"):
        assert bruno.post(RULES, data={"action": action}).status_code == 403
        assert app.test_client().post(RULES, data={"action": action}).status_code == 401
    assert bruno.get(RULES).status_code == 403


def book_at(address):
    with database.transaction() as session:
        programs.change(session, programs.get(session, "luna"), booking_page=address)


def test_from_the_card_a_guest_books_without_typing_anything_again(house):
    client = make_app().test_client()
    link = f"/c/luna/{house.ana.link}"
    assert "Book a table" not in client.get(link).text
    assert client.get(f"{link}/book").status_code == 404
    book_at("https://book.example/luna?n={name}&t={phone}&p={party}&w={notes}")
    with database.transaction() as session:
        wish = Wish(at=now() + timedelta(hours=1), party=5, name="Ana", phone="+49 151 23456789", notes="Quiet & by the window #3")
        hostess.book(session, programs.get(session, "luna"), house.venue.id, "b1", wish)
    page = client.get(link).text
    assert f'href="{link}/book"' in page
    assert "15123456789" not in page
    answer = client.get(f"{link}/book")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "no-store")
    assert answer.location == "https://book.example/luna?n=Ana&t=%2B4915123456789&p=5&w=Quiet%20%26%20by%20the%20window%20%233"


def test_a_card_that_is_nobody_s_or_no_longer_valid_books_nothing(house):
    book_at("https://book.example/")
    client = make_app().test_client()
    assert client.get("/c/luna/nobody/book").status_code == 404
    with database.transaction() as session:
        cards.void(session, cards.get(session, "luna", house.ana.id))
    assert client.get(f"/c/luna/{house.ana.link}/book").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "https://{name}.example/",
        "https://x{phone}",
        "https://x.example/{pin}",
        "https://x.example/{name!r}",
        "https://x.example/{",
        "x" * 301,
    ],
)
def test_a_booking_page_is_a_site_with_known_places_behind_its_name(house, address):
    clara = signed_in(make_app(), house, "Clara")
    answer = clara.post(RULES, data={"action": "book", "booking_page": address})
    assert answer.status_code == 422
    assert "An address begins with https://" in unescape(answer.text)
    with database.reading() as session:
        assert programs.get(session, "luna").booking_page == ""


def test_a_manager_says_where_guests_book(house):
    clara = signed_in(make_app(), house, "Clara")
    assert clara.post(RULES, data={"action": "book", "booking_page": " https://luna.example/book?name={name} "}).status_code == 303
    with database.reading() as session:
        assert programs.get(session, "luna").booking_page == "https://luna.example/book?name={name}"
