"""A coat ticket on the screens of both phones, from the button on its page to the past."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.walks import browser_of
from tests.demo import Demo
from walletpass import cards, config, database
from walletpass.cards import Card

LATEST = 20_000  # milliseconds
NARROWEST = 320


@pytest.fixture
def counter(demo: Demo) -> Iterator[Callable[..., Card]]:
    """Give a ticket out, or change what one says; with ``over`` it ends."""
    config.use(config.load(demo.environment()))
    database.bind(demo.access["database_url"])

    def change(ticket: Card | None = None, *, over: bool = False, **shown: Any) -> Card:
        with database.transaction() as session:
            if ticket is None:
                return cards.issue_ticket(session, "luna", **shown)
            card = cards.get(session, "luna", ticket.id)
            cards.show(session, card, **shown)
            if over:
                cards.void(session, card)
            return card

    yield change
    database.unbind()


@pytest.fixture(autouse=True)
def _an_iphone_without_passes(demo: Demo) -> None:
    for held in requests.get(f"{demo.sandbox}/state", timeout=10).json()["iphone"]["passes"]:
        requests.post(f"{demo.sandbox}/iphone/delete", json={"serial": held["serial"]}, timeout=20)


def visit(page: Page, phone: str, address: str) -> None:
    page.click(f"#{phone} .views [data-view=browser]")
    page.locator(f"#{phone} .address input").fill(address)
    page.locator(f"#{phone} .address input").press("Enter")


def test_a_ticket_is_saved_by_one_tap_on_either_phone_and_follows_the_coat(demo: Demo, page: Page, counter: Callable[..., Card]) -> None:
    ticket = counter(coat="A17", items="1 coat", venue="Luna am Park")
    address = f"{demo.base}/c/luna/{ticket.link}"
    page.goto(demo.sandbox)
    visit(page, "iphone", address)
    browser_of(page, "iphone").get_by_role("link", name="Add to Apple Wallet").click()
    page.click("#iphone-add")
    visit(page, "android", address)
    browser_of(page, "android").get_by_role("link", name="Add to Google Wallet").click()
    browser_of(page, "android").locator("#save-card").click()

    apple, google = page.locator("#iphone .wallet .pass.generic"), page.locator("#android .wallet .gcard.generic")
    expect(apple.locator("[data-field=hook]")).to_have_text("A17")
    expect(apple.locator(".pass-title img")).to_be_visible()
    expect(google.locator(".gtitle")).to_contain_text("A17")
    expect(google.locator("[data-field=items]")).to_have_text("1 coat")

    counter(ticket, coat="A17, A18", items="2 coats")
    expect(apple.locator("[data-field=hook]")).to_have_text("A17, A18", timeout=LATEST)
    expect(page.locator("#iphone .banner")).to_contain_text("Your coat is on hook A17, A18")
    expect(google.locator(".gtitle")).to_contain_text("A17, A18", timeout=LATEST)

    counter(ticket, over=True, coat=None, items=None)
    expect(apple).to_have_class(re.compile("voided"), timeout=LATEST)
    expect(apple.locator(".pass-code")).to_have_count(0)
    expect(page.locator("#android .past")).to_contain_text("Used", timeout=LATEST)
    expect(google).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_ticket_fits_the_narrowest_phone_by_day_and_by_night(
    demo: Demo, page: Page, counter: Callable[..., Card], language: str, scheme: Any
) -> None:
    ticket = counter(coat="A17, A18, B3, B4, C11, C12, D104", items="7", venue="Luna am Park an der alten Brücke")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    for over in (False, True):
        if over:
            counter(ticket, over=True)
        page.goto(f"{demo.base}/c/luna/{ticket.link}?lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth") == NARROWEST
        for button in page.locator("a.button").all():
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 48
