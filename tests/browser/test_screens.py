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
    for path in ("/nothing-here", "/t/luna/enrol/used", "/t/luna", "/api/docs"):
        page.goto(demo.base + path)
        sound(page)


@pytest.mark.parametrize(("size", "language", "scheme"), LOOKS)
def test_staff_see_screens_that_fit_and_can_be_read(demo: Demo, browser: Browser, size: str, language: str, scheme: str) -> None:
    page = looking(browser, size, "en", scheme)
    page.goto(demo.enrol_link("luna"))
    sound(page)
    sign_in(page, demo, "Clara")
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
    page.click("#done-undo")
    expect(page.locator("#undo")).to_be_visible()
    sound(page)
    page.goto(f"{demo.program()['till_url']}/manage?lang={language}")
    page.locator("section.enrolment button").click()
    expect(page.locator("section.enrolment img")).to_be_visible()
    sound(page)
    for name in ("deliveries", "certificates", "design"):
        page.goto(f"{demo.program()['till_url']}/{name}?lang={language}")
        sound(page)
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


def sound(page: Page) -> None:
    """Nothing sticks out sideways, nothing unlabelled or too pale; one heading of the first rank."""
    page.evaluate("document.fonts.ready")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    serious = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"] if one["impact"] in SERIOUS]
    assert not serious, f"{page.url}: {serious}"
