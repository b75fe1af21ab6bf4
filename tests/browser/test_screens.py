"""Every screen, at three widths and in three languages: nothing overflows, and axe-core finds nothing serious."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watched
from tests.browser.walks import sign_in
from tests.demo import Demo

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1440, 900)}
# Which language and scheme is looked at with which width; together all of them are seen.
LOOKS = (("phone", "uk", "light"), ("tablet", "ru", "dark"), ("desktop", "en", "light"), ("phone", "ru", "dark"))
DIALOGS = (("#done-undo", "#undo", "#undo-cancel"), ("#done-move", "#move", "#move-cancel"), ("#more-open", "#more", "#more-close"))
SERIOUS = {"serious", "critical"}


@pytest.mark.parametrize(("size", "language", "scheme"), LOOKS)
def test_guests_see_screens_that_fit_and_can_be_read(demo: Demo, browser: Browser, size: str, language: str, scheme: str) -> None:
    page = looking(browser, size, language, scheme)
    page.goto(f"{demo.base}/")
    sound(page)
    page.goto(demo.program()["join_url"])
    sound(page)
    page.locator("button.primary").click()
    expect(page.locator(".wrong")).to_have_count(3)
    sound(page)
    page.goto(demo.card_page())
    sound(page)
    # The longest page has no language of its own: a phone by day and a tablet by night are enough of it.
    long = ["/api/docs"] if (size, scheme) in (("phone", "light"), ("tablet", "dark")) else []
    for path in ("/nothing-here", "/t/luna/enrol/used", "/t/luna", *long):
        page.goto(demo.base + path)
        sound(page)


@pytest.mark.parametrize(("size", "language", "scheme"), LOOKS)
def test_staff_see_screens_that_fit_and_can_be_read(demo: Demo, browser: Browser, size: str, language: str, scheme: str) -> None:
    page = looking(browser, size, "en", scheme)
    page.goto(demo.enrol_link("luna"))
    sound(page)
    sign_in(page, demo, "Marta")
    till = f"{demo.program()['till_url']}?lang={language}"
    page.goto(till)
    sound(page)
    page.fill("#number", demo.card_with(700))
    page.locator("#number").press("Enter")
    expect(page.locator("#guest-name")).to_be_visible()
    page.fill("#amount", "25.00")
    sound(page)
    page.click("#confirm")
    expect(page.locator("#done")).to_be_visible()
    sound(page)
    for opener, dialog, closer in DIALOGS:
        page.click(opener)
        expect(page.locator(dialog)).to_be_visible()
        sound(page)
        page.click(closer)
    page.goto(f"{demo.program()['till_url']}/manage?lang={language}")
    page.locator("section.enrolment button").click()
    expect(page.locator("section.enrolment img")).to_be_visible()
    sound(page)
    for name in ("deliveries", "certificates", "design", "practice", "offline", "webhooks", "report", "late", "keys", "surveys", "checks"):
        page.goto(f"{demo.program()['till_url']}/{name}?lang={language}")
        sound(page)
    page.fill("#place", "7")
    page.locator(".opening button").click()
    page.fill("#name", "Borscht")
    page.fill("#amount", "12.50")
    page.locator(".adding button").click()
    expect(page.locator(".asking")).to_be_visible()
    sound(page)
    page.goto(till)
    page.context.set_offline(True)
    expect(page.locator("#queue-open")).to_be_visible()
    page.fill("#number", "99999997")
    page.locator("#number").press("Enter")
    expect(page.locator("#unknown")).to_be_visible()
    sound(page)
    page.fill("#unknown-amount", "12.00")
    page.locator("#unknown-amount").press("Enter")
    page.click("#queue-open")
    expect(page.locator("#queue-list .waiting")).to_be_visible()
    sound(page)
    page.click("#queue-close")
    page.context.set_offline(False)
    page.goto(till)
    page.locator("form[action*=sign-out] button").click()
    expect(page.locator("#sign-in")).to_be_visible()
    sound(page)


def test_the_form_fits_one_phone_screen_in_every_language(demo: Demo, browser: Browser) -> None:
    for language in ("en", "uk", "ru"):
        page = looking(browser, "phone", language, "light")
        page.goto(demo.program()["join_url"])
        box = page.locator("button.primary").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 844


def looking(browser: Browser, size: str, language: str, scheme: Any) -> Page:
    width, height = WIDTHS[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale={"en": "en-US", "uk": "uk-UA", "ru": "ru-RU"}[language], color_scheme=scheme,
        bypass_csp=True,
    )  # fmt: skip
    return watched(context)


# Who stands out of the window.
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
  .map((one) => `${one.tagName}#${one.id} ${one.textContent.slice(0, 40)}`).slice(0, 5)"""


def sound(page: Page) -> None:
    """Nothing sticks out sideways, nothing unlabelled or too pale; one heading of the first rank."""
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide: {page.evaluate(TOO_WIDE)}"
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    serious = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"] if one["impact"] in SERIOUS]
    assert not serious, f"{page.url}: {serious}"


def test_a_phone_shows_ordinary_names_whole_and_who_is_signed_in(demo: Demo, browser: Browser) -> None:
    page = looking(browser, "phone", "en", "light")
    link = demo.card_page(name="Jonas Hrytsenko")
    page.goto(link)
    number = page.locator(".typed").inner_text().replace(" ", "")
    demo.earn(number, 14_450)
    page.goto(link)
    expect(page.locator(".pass .balance")).to_have_text("1,445")
    name = page.locator(".pass dd", has_text="Jonas Hrytsenko")
    assert name.evaluate("one => one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight")
    sign_in(page, demo, "Marta")
    expect(page.locator("#sign-out")).to_contain_text("Marta")
    margin = page.locator(".bar").evaluate(
        "bar => bar.getBoundingClientRect().right - bar.querySelector('.buttons').getBoundingClientRect().right"
    )
    assert margin >= 12


def test_a_phone_has_paid_checks_in_rows_and_the_table_of_today_keeps_its_margin(demo: Demo, browser: Browser) -> None:
    page = looking(browser, "phone", "en", "light")
    sign_in(page, demo, "Marta")
    page.goto(f"{demo.program()['till_url']}/checks?lang=uk")
    page.fill("#place", "Велика тераса біля вікна")
    page.locator(".opening button").click()
    page.fill("#total", "12.50")
    page.locator("section[aria-labelledby=paying] button.big").click()
    page.goto(f"{demo.program()['till_url']}/checks?lang=uk")
    for row in page.locator(".paid > li").all():
        who, much = row.locator("p").bounding_box(), row.locator("a").bounding_box()
        assert who
        assert much
        assert who["x"] + who["width"] <= much["x"]
        assert much["y"] < who["y"] + who["height"]
    for sheet in page.locator(".checks > *").all():
        box = sheet.bounding_box()
        assert box
        assert box["x"] + box["width"] <= 390 - 12
