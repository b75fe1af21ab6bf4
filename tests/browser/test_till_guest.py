"""A guest with a check on the till's screen: points that cannot be taken, a phone's width, an undone check, an Android phone."""

import re
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import col, select

from tests.browser.conftest import watched
from tests.browser.walks import earn, join_on_the_android, sign_in
from tests.demo import Demo, wait_for
from walletpass import config, database
from walletpass.cards import Card
from walletpass.google import GoogleObject

CLOCK = re.compile(r"^Sent to Google \d\d:\d\d( [AP]M)?$")


def show(till: Page, number: str) -> None:
    till.fill("#number", number)
    till.locator("#number").press("Enter")
    expect(till.locator("#guest-name")).to_be_visible()


@pytest.fixture
def sent(page: Page) -> list[str]:
    """What the page asked the server to write."""
    paths: list[str] = []
    page.on("request", lambda request: paths.append(request.url.rpartition("/")[2]) if request.method == "POST" else None)
    return paths


def test_too_many_points_are_told_in_red_and_promise_nothing(demo: Demo, page: Page, sent: list[str]) -> None:
    number = demo.card_with(945)
    sign_in(page, demo, "Bruno")
    show(page, number)
    with page.expect_response("**/quote"):
        page.fill("#amount", "10")
        page.fill("#points", "900")
    expect(page.locator("#redeem-hint")).to_have_text("At most 500 points.")
    red = page.locator("#amount-wrong").evaluate("one => getComputedStyle(one).color")
    expect(page.locator("#redeem-hint")).to_have_css("color", red)
    for place in ("points-pay", "guest-pays", "earns"):
        expect(page.locator(f"#{place}")).to_have_text("–")
    expect(page.locator("#confirm")).to_have_text("At most 500 points.")
    expect(page.locator("#confirm")).to_have_attribute("aria-disabled", "true")
    page.locator("#confirm").dispatch_event("click")
    expect(page.locator("#points")).to_be_focused()
    assert not {"redeem", "earn"} & set(sent)
    page.click("#points-all")
    expect(page.locator("#guest-pays")).to_have_text("€5.00")
    expect(page.locator("#redeem-hint")).to_have_text("at most 500 points = €5.00")
    expect(page.locator("#confirm")).to_have_attribute("aria-disabled", "false")
    page.click("#confirm")
    expect(page.locator("#done-points")).to_have_text("495")


def test_what_a_guest_likes_and_sent_back_is_one_tap_away(demo: Demo, page: Page) -> None:
    number, check = demo.card_with(0), uuid.uuid4().hex
    lines = [{"amount": 1_400, "sku": "soup", "name": "Borscht"}, {"amount": 900, "quantity": 2, "sku": "beer", "name": "Stout"}]
    assert demo.api("checks", {"check_id": check, "card": number, "lines": lines}).status_code == 200
    assert demo.api(f"checks/{check}/close", {}).status_code == 200
    sign_in(page, demo, "Bruno")
    show(page, number)
    expect(page.locator("#before-facts")).to_be_hidden()
    page.locator("#before summary").click()
    expect(page.locator("#before-facts")).to_contain_text("Borscht, 2 × Stout")
    # Another guest has other habits, and none of these.
    page.click("#not-this-guest")
    show(page, demo.card_with(0, name="Ben Roth"))
    page.locator("#before summary").click()
    expect(page.locator("#before-say")).not_to_be_empty()
    expect(page.locator("#before-facts")).to_be_empty()


def test_points_that_are_no_number_promise_nothing_either(demo: Demo, page: Page) -> None:
    number = demo.card_with(945)
    sign_in(page, demo, "Bruno")
    show(page, number)
    page.fill("#amount", "10")
    page.fill("#points", "1x")
    expect(page.locator("#redeem-hint")).to_have_text("At most 500 points.")
    expect(page.locator("#guest-pays")).to_have_text("–")
    expect(page.locator("#confirm")).to_have_attribute("aria-disabled", "true")


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
@pytest.mark.parametrize("size", [(360, 740), (390, 844)])
def test_on_a_phone_the_price_and_the_maximum_are_in_sight(demo: Demo, browser: Browser, size: tuple[int, int], language: str) -> None:
    number = demo.card_with(945)
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-US")
    till = watched(context)
    sign_in(till, demo, "Bruno")
    till.goto(f"{demo.program()['till_url']}?lang={language}")
    show(till, number)
    till.fill("#amount", "10")
    till.fill("#points", "300")
    for place in ("points", "points-all", "points-pay", "guest-pays", "earns", "confirm"):
        assert till.locator(f"#{place}").evaluate(IN_FRONT), f"#{place} is covered or out of sight"
    till.evaluate("scrollTo(0, 0)")
    for place in ("points-pay", "guest-pays", "earns", "confirm"):
        assert till.locator(f"#{place}").evaluate(IN_FRONT), f"#{place} is covered or out of sight before scrolling"
    assert till.evaluate("document.documentElement.scrollWidth") <= size[0]
    context.close()


# Whether all four corners and the middle of an element are what a finger there would touch.
IN_FRONT = """one => {
  const {left, right, top, bottom} = one.getBoundingClientRect();
  const places = [[(left + right) / 2, (top + bottom) / 2], [left + 8, top + 4], [right - 8, top + 4], [left + 8, bottom - 4], [right - 8, bottom - 4]];
  return places.every(([x, y]) => one.contains(document.elementFromPoint(x, y)));
}"""


def test_an_undone_check_is_called_undone(demo: Demo, page: Page) -> None:
    number = demo.card_with(945)
    sign_in(page, demo, "Bruno")
    show(page, number)
    earn(page, "10")
    expect(page.locator("#done-title")).to_have_text("Ana Bondarenko now has")
    page.click("#done-undo")
    page.get_by_label("Wrong amount").check()
    page.click("#undo-confirm")
    expect(page.locator("#done-title")).to_have_text("Undone. Ana Bondarenko now has")
    expect(page.locator("#done-points")).to_have_text("945")
    expect(page.locator("#done-undo")).to_be_hidden()


@pytest.fixture
def android(demo: Demo, browser: Browser) -> Iterator[Card]:
    """A guest who saved the card on an Android phone; Google has told us so."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    phones = watched(context)
    phones.goto(demo.sandbox)
    join_on_the_android(phones)
    database.bind(config.use(config.load(demo.environment())).database_url)
    yield wait_for(newest_saved)
    database.unbind()
    context.close()


def newest_saved() -> Card | None:
    held = select(Card).join(GoogleObject, (col(GoogleObject.program_id) == Card.program_id) & (col(GoogleObject.card_id) == Card.id))
    with database.reading() as session:
        found = session.exec(held.where(col(GoogleObject.saved)).order_by(col(Card.created_at).desc())).first()
        session.expunge_all()
        return found


def test_the_till_says_what_google_was_sent_and_not_what_an_android_phone_shows(demo: Demo, page: Page, android: Card) -> None:
    sign_in(page, demo, "Bruno")
    show(page, android.number)
    expect(page.locator("#phone-shows")).to_have_text(CLOCK)
    earn(page, "10")
    expect(page.locator("#done-card")).to_have_text(CLOCK, timeout=20_000)
    page.click("#next-guest")
    with database.transaction() as session:
        row = session.get_one(GoogleObject, (android.program_id, android.id))
        row.saved, row.removed_at = False, row.pushed_at.replace(year=2025, month=11, day=22, hour=12)
    show(page, android.number)
    expect(page.locator("#phone-shows")).to_have_text("Removed from Google Wallet on Nov 22")
