"""A guest pays with many points: a face or finger on their own phone, or a PIN that they set there; the waiter types neither."""

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from sqlmodel import col, select

from tests.browser.conftest import watched
from tests.browser.walks import sign_in
from tests.demo import Demo
from walletpass import config, database
from walletpass.cards import Card

PROGRAM, CASHIER, POINTS = "luna", "Bruno", 6_000


@pytest.fixture
def card(demo: Demo) -> Iterator[Card]:
    settings = config.use(config.load(demo.environment()))
    database.bind(settings.database_url)
    number = demo.card_with(POINTS, PROGRAM)
    with database.reading() as session:
        yield session.exec(select(Card).where(col(Card.program_id) == PROGRAM, col(Card.number) == number)).one()
    database.unbind()


@pytest.fixture
def phone(browser: Browser, demo: Demo, card: Card) -> Iterator[Page]:
    """The guest's phone on the page of the card; it has a finger that always fits. Keys are made for names, and 127.0.0.1 is none."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US")
    page = watched(context)
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    page.goto(f"{demo.base.replace('127.0.0.1', 'localhost')}/c/{PROGRAM}/{card.link}")
    yield page
    context.close()


def api(demo: Demo, path: str, body: dict[str, object]) -> requests.Response:
    headers = {"Authorization": f"Bearer {demo.program(PROGRAM)['api_key']}", "Idempotency-Key": database.new_id()}
    return requests.post(f"{demo.base}/api/v1/{path}", json=body, headers=headers, timeout=20)


def test_a_finger_on_the_guests_phone_lets_the_till_go_on(demo: Demo, page: Page, phone: Page, card: Card) -> None:
    too_much = {"card": card.number, "amount": 10_000, "points": 3_000}
    assert api(demo, "redeem", too_much).json()["code"] == "second_factor_needed"
    phone.locator("#proofs summary").click()
    expect(phone.locator("#passkey-confirm")).to_be_hidden()
    phone.click("#passkey-make")
    expect(phone.locator("#passkey-said")).to_have_text("Done. From now on this phone can confirm.")
    assert api(demo, "redeem", too_much).json()["factors"] == ["sms", "card_code", "passkey"]
    phone.click("#passkey-confirm")
    expect(phone.locator("#passkey-said")).to_have_text("Confirmed. The till can go on now, for five minutes.")
    sign_in(page, demo, CASHIER, PROGRAM)
    page.fill("#number", card.number)
    page.locator("#number").press("Enter")
    page.fill("#amount", "100.00")
    page.fill("#points", "3000")
    page.click("#confirm")
    expect(page.locator("#done-points")).to_have_text("3,700")
    assert api(demo, "redeem", too_much).json()["code"] == "second_factor_needed"


def test_a_guest_sets_a_pin_on_the_cards_page_and_pays_by_it(demo: Demo, phone: Page, card: Card) -> None:
    phone.locator("#proofs summary").click()
    phone.get_by_label("Choose a PIN").fill("1234")
    phone.get_by_role("button", name="Set my PIN").click()
    expect(phone.get_by_role("alert")).to_contain_text("not one that is guessed at once")
    phone.get_by_label("Choose a PIN").fill("8317")
    phone.get_by_role("button", name="Set my PIN").click()
    expect(phone.locator("#proofs .note.good")).to_contain_text("Your PIN is set")
    expect(phone.get_by_label("The PIN that you have now")).to_be_visible()
    proof = api(demo, "second-factor/verify", {"card": card.id, "kind": "pin", "code": "8317"}).json()["proof"]
    paid = api(demo, "redeem", {"card": card.id, "amount": 10_000, "points": 3_000, "proof": proof})
    assert paid.json()["balance"]["points"] == POINTS - 3_000


def test_the_code_on_the_card_reaches_its_page_and_pays(demo: Demo, phone: Page, card: Card) -> None:
    assert api(demo, "second-factor/start", {"card": card.id, "kind": "card_code"}).status_code == 200
    phone.reload()
    expect(phone.get_by_role("heading", name="Read this out at the till")).to_be_visible()
    code = phone.locator(".confirm-code .digits").inner_text()
    proof = api(demo, "second-factor/verify", {"card": card.id, "kind": "card_code", "code": code}).json()["proof"]
    assert api(demo, "redeem", {"card": card.id, "amount": 10_000, "points": 3_000, "proof": proof}).status_code == 200
    phone.reload()
    expect(phone.locator(".confirm-code")).to_have_count(0)
