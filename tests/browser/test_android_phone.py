"""A card's life as the Android phone of the sandbox shows it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect
from sqlmodel import select

from tests.browser.walks import join_on_the_android
from tests.demo import Demo, wait_for
from walletpass import cards, config, database
from walletpass.cards import Card

LATEST = 20_000  # milliseconds


@pytest.fixture
def show(demo: Demo) -> Iterator[Callable[..., None]]:
    """Change what the card with a number says, as a room of the product does."""
    config.use(config.load(demo.environment()))
    database.bind(demo.access["database_url"])

    def change(number: str, **values: Any) -> None:
        with database.transaction() as session:
            found = session.exec(select(Card).where(Card.program_id == "luna", Card.number == number)).one()
            cards.show(session, found, **values)

    yield change
    database.engine().dispose()


def test_a_card_is_joined_earns_gets_a_coat_and_a_message_and_is_removed(demo: Demo, page: Page, show: Callable[..., None]) -> None:
    page.goto(demo.sandbox)
    phone = page.locator("#android")
    join_on_the_android(page)
    front = phone.locator(".gcard")
    expect(front.locator("[data-field=loyaltyPoints]")).to_have_text("0")
    number = (front.locator(".gcode figcaption").text_content() or "").replace(" ", "")

    demo.earn(number, 8_450)
    # A second change of a card within five seconds waits for them to pass.
    expect(front.locator("[data-field=loyaltyPoints]")).to_have_text("845", timeout=LATEST)
    expect(phone.locator(".banner")).to_contain_text("Points: 0 → 845")

    expect(front.locator("[data-field=coat]")).to_have_count(0)
    show(number, coat="A17")
    expect(front.locator("[data-field=coat]")).to_have_text("A17", timeout=LATEST)

    show(number, coat=None, message="The truffles are here.")
    expect(front.locator("[data-field=coat]")).to_have_count(0, timeout=LATEST)
    expect(phone.locator(".callout")).to_be_visible(timeout=LATEST)
    expect(phone.locator(".banner")).not_to_contain_text("845")
    phone.locator(".callout").click()
    expect(phone.locator(".gdetails .message").first).to_contain_text("The truffles are here.")
    expect(phone.locator(".gdetails")).to_contain_text("Card number")
    expect(phone.locator(".gdetails")).to_contain_text("https://luna.example".removeprefix("https://"))

    phone.locator("[data-act=delete]").click()
    expect(phone.locator(".gcard")).to_have_count(0)
    expect(phone.locator(".empty")).to_be_visible()
    told = wait_for(
        lambda: [one for one in requests.get(f"{demo.sandbox}/google/calls", timeout=10).json()["made"] if '"del"' in one["message"]]
    )
    assert 200 <= told[-1]["status"] < 300


def test_demo_mode_is_on_the_card_and_a_removed_card_is_saved_again(demo: Demo, page: Page) -> None:
    page.goto(demo.sandbox)
    join_on_the_android(page)
    page.locator("[data-more=Google] summary").click()
    page.locator("select[data-fault=google_mode]").select_option("demo")
    expect(page.locator("#android .gcard strong")).to_contain_text("[TEST ONLY]")
    page.locator("select[data-fault=google_mode]").select_option("live")
    expect(page.locator("#android .gcard strong")).not_to_contain_text("[TEST ONLY]")
    page.locator("#android [data-act=details]").click()
    page.locator("#android [data-act=delete]").click()
    expect(page.locator("#android .empty")).to_be_visible()
    page.click("#android .views [data-view=browser]")
    page.frame_locator("iframe[name=android-browser]").locator("body").wait_for()
    join_on_the_android(page)
    expect(page.locator("#android .gcard")).to_have_count(1)
    page.locator("#android [data-act=details]").click()
    page.locator("#android [data-act=delete]").click()
    expect(page.locator("#android .gcard")).to_have_count(0)
