"""The page of a coat ticket: what hangs where, the way into the wallet, and nothing of a guest's."""

import io
import json
import re
import zipfile

import pytest

from tests.cast import issue_ticket, make_app, open_house
from tests.web.test_card_page import IN_APPS, PHONES, WALLETS, address, buttons, look, read_qr
from walletpass import cards, database


@pytest.fixture
def house(db):
    """Luna with cards in both wallets."""
    return open_house(google_issuer_id="3388000000000000001")


@pytest.fixture
def ticket(house):
    return issue_ticket(house, coat="A17, A18", items="1 coat, 1 bag", venue="Luna am Park")


@pytest.fixture
def phone(house):
    return make_app().test_client()


def void(card):
    with database.transaction() as session:
        cards.void(session, cards.get(session, card.program_id, card.id))


@pytest.mark.parametrize(
    ("in_hand", "order"), [("iphone", ["apple", "google"]), ("android", ["google", "apple"]), ("desktop", ["apple", "google"])]
)
def test_the_phones_own_wallet_comes_first(phone, ticket, in_hand, order):
    page = look(phone, ticket, PHONES[in_hand]).text
    assert [text for text, _, _ in buttons(page)] == [WALLETS[name] for name in order]


def test_it_says_what_hangs_where_and_shows_the_counter_a_code(phone, ticket):
    page = look(phone, ticket).text
    for said in ("A17, A18", "1 coat, 1 bag", "Luna am Park", f"{ticket.number[:4]} {ticket.number[4:]}", "Your coat ticket is ready"):
        assert said in page
    assert re.search(r"<dt>Hook</dt>\s*<dd>A17, A18</dd>", page)
    svg = phone.get(f"{address(ticket)}/code.svg").text
    assert read_qr(svg).text == cards.card_code("luna", ticket.key_id, ticket.token)


def test_there_is_nothing_of_points_surveys_or_proofs(phone, ticket):
    page = look(phone, ticket).text
    assert not [word for word in ("oints", "PIN", "survey", "<form", "passkey", "prove") if word in page]


def test_a_ticket_is_read_in_the_language_of_its_guest(phone, ticket):
    for language, said in (("uk", "Ваш гардеробний квиток готовий"), ("ru", "Ваш гардеробный билет готов")):
        assert said in phone.get(f"{address(ticket)}?lang={language}").text


def test_a_ticket_that_is_over_says_so_and_opens_nothing(phone, ticket):
    void(ticket)
    page = look(phone, ticket, PHONES["iphone"]).text
    assert "This ticket is over" in page
    assert buttons(page) == []
    assert "code.svg" not in page
    assert ticket.number[:4] not in page


def test_a_message_of_the_restaurant_stands_above_the_ticket(phone, house):
    kept = issue_ticket(house, message="Your coat waits for you in the cloakroom.")
    page = look(phone, kept).text
    assert "Your coat waits for you in the cloakroom." in page
    assert "Nothing hangs here at this moment" in page


def test_a_browser_inside_another_app_shows_the_address_in_place_of_the_buttons(phone, ticket):
    page = look(phone, ticket, IN_APPS[0]).text
    assert buttons(page) == []
    assert cards.web_url(ticket) in page


@pytest.mark.parametrize("deed", ["prove", "ask", "pin", "survey", "passkey/make", "passkey/ask"])
def test_what_is_a_guest_s_is_not_done_with_a_ticket(phone, ticket, deed):
    answer = phone.post(f"{address(ticket)}/{deed}", data={"score": "9", "code": "123456", "pin": "4711", "check": "x"})
    assert answer.status_code == 404


def test_a_friend_with_a_ticket_s_link_refers_nobody(phone, ticket):
    form = {"name": "Eva", "phone": "+49 151 5550001", "consent": "yes"}
    answer = phone.post(f"/j/luna-table?ref={ticket.link}", data=form)
    assert answer.status_code == 303


def test_the_hook_is_found_also_when_the_restaurant_has_taken_a_design_without_tickets(phone, ticket, monkeypatch):
    monkeypatch.setattr("walletpass.web.ticket_page.can_be_drawn", lambda program: False)
    page = look(phone, ticket, PHONES["iphone"]).text
    assert "A17, A18" in page
    assert buttons(page) == []


def test_the_pass_of_a_ticket_is_a_generic_one(phone, ticket):
    answer = phone.get(f"{address(ticket)}/card.pkpass")
    assert (answer.status_code, answer.mimetype) == (200, "application/vnd.apple.pkpass")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as package:
        content, files = json.loads(package.read("pass.json")), package.namelist()
    assert content["generic"]["primaryFields"] == [{"key": "hook", "value": "A17, A18", "label": "lbl_hook", "changeMessage": "chg_hook"}]
    assert content["description"] == "txt_ticket"
    assert {"thumbnail.png", "thumbnail@2x.png", "thumbnail@3x.png"} <= set(files)
    assert not [name for name in files if name.startswith("strip")]
