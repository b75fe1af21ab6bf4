"""A guest joins twice with one number, reads the code on the phone, types it, and has the old card with its points."""

import re

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_screens import LOOKS, looking, sound
from tests.browser.walks import browser_of
from tests.demo import Demo, wait_for

NUMBER, SHOWN = "+49 151 5559 0001", "+4915155590001"


@pytest.fixture(autouse=True)
def _an_empty_inbox(demo: Demo) -> None:
    requests.post(f"{demo.sandbox}/inbox/forget", timeout=10)


def code_in(demo: Demo, number: str = SHOWN) -> str:
    def found() -> str | None:
        messages = requests.get(f"{demo.sandbox}/inbox", params={"to": number}, timeout=10).json()["messages"]
        return re.findall(r"\b\d{6}\b", messages[-1]["text"])[0] if messages else None

    return str(wait_for(found, told=lambda: demo.log.read_text("utf-8", "replace")))


def join(page: Page, demo: Demo, name: str, number: str = NUMBER) -> str:
    page.goto(demo.program()["join_url"])
    page.fill("#name", name)
    page.fill("#phone", number)
    page.check("[name=consent]")
    page.get_by_role("button", name="Get my card").click()
    expect(page.get_by_role("heading", name="Type the code we sent to")).to_be_visible()
    return page.url


def type_in(page: Page, code: str) -> None:
    page.fill("#code", code)
    page.get_by_role("button", name="Confirm").click()


def test_the_old_card_comes_back_with_its_points(page: Page, demo: Demo) -> None:
    old = join(page, demo, "Dora Lenz")
    type_in(page, code_in(demo))
    expect(page.get_by_text("is yours, and so is this card")).to_be_visible()
    number = page.locator(".typed").inner_text().replace(" ", "")
    demo.earn(number, 7_770)
    requests.post(f"{demo.sandbox}/inbox/forget", timeout=10)

    page.set_viewport_size({"width": 390, "height": 844})
    assert join(page, demo, "Dora") != old
    expect(page.locator(".balance")).to_have_text("0")
    expect(page.locator("#again")).to_be_disabled()
    expect(page.locator("#wait")).to_contain_text(re.compile(r"0:\d\d"))
    right = code_in(demo)
    type_in(page, f"{(int(right) + 1) % 1_000_000:06d}")
    expect(page.locator("#code-wrong")).to_be_visible()
    type_in(page, right)
    expect(page.locator(".balance")).to_have_text("777")
    expect(page.get_by_role("heading", name="Dora Lenz")).to_be_visible()
    assert page.url.startswith(old)
    assert page.context.cookies() == []


@pytest.mark.parametrize(("number", "look"), list(enumerate(LOOKS)))
def test_each_state_of_the_form_fits_and_can_be_read(demo: Demo, browser: Browser, number: int, look: tuple[str, str, str]) -> None:
    page = looking(browser, *look)
    form = {"name": "Bea", "phone": f"+49 151 5559 001{number}", "consent": "yes"}
    joined = requests.post(demo.program()["join_url"], data=form, allow_redirects=False, timeout=30)
    page.goto(demo.base + joined.headers["Location"])
    for _ in range(3):
        sound(page)
        page.fill("#code", "000000")
        page.locator(".typing button").click()
        page.wait_for_load_state()
    expect(page.locator("#code")).to_have_count(0)
    sound(page)


def test_it_works_without_a_script(browser: Browser, demo: Demo) -> None:
    context = browser.new_context(java_script_enabled=False, locale="uk-UA")
    page = context.new_page()
    page.goto(demo.program()["join_url"])
    page.fill("#name", "Соломія")
    page.fill("#phone", "+49 151 5559 0002")
    page.check("[name=consent]")
    page.locator("form button").click()
    page.fill("#code", code_in(demo, "+4915155590002"))
    page.locator(".typing button").click()
    expect(page).to_have_url(re.compile(r"said=proved"))
    expect(page.locator(".note.good")).to_be_visible()
    context.close()


def test_the_phone_on_the_screen_shows_the_code(page: Page, demo: Demo) -> None:
    page.goto(demo.sandbox)
    page.locator("#iphone .start").get_by_text("Trattoria Luna").click()
    safari = browser_of(page, "iphone")
    safari.locator("[name=name]").fill("Emil")
    safari.locator("[name=phone]").fill("+49 151 5559 0003")
    safari.locator("[name=consent]").check()
    safari.get_by_role("button", name="Get my card").click()
    banner = page.locator("#iphone .banner .message")
    expect(banner).to_contain_text("is your code for your card at Trattoria Luna")
    code = re.findall(r"\d{6}", banner.inner_text())[0]
    banner.click()
    expect(page.locator("#iphone .view.messages .bubble").first).to_contain_text(code)
    expect(page.locator("#iphone .view.messages .about").first).to_contain_text("+4915155590003")
    page.click("#iphone .views [data-view=browser]")
    safari.locator("#code").fill(code)
    safari.get_by_role("button", name="Confirm").click()
    expect(safari.locator(".note.good")).to_be_visible()
