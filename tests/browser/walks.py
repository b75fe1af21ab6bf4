"""What people do in front of the screens; the tests and the pictures share it."""

import re
import time

from playwright.sync_api import FrameLocator, Page, expect

from tests.demo import Demo
from walletpass.api.auth import till_cookie

GUEST, PHONE = "Ana Bondarenko", "+49 151 23456789"

WORKER = "navigator.serviceWorker.ready.then(one => one.active.state === 'activated' || new Promise(done => setTimeout(done, 300)))"


def browser_of(page: Page, phone: str) -> FrameLocator:
    return page.frame_locator(f"iframe[name={phone}-browser]")


def join_on_the_iphone(page: Page, restaurant: str = "Trattoria Luna") -> str:
    """Three taps on our pages: the tick, the form's button, the wallet's button. Returns the card page's address."""
    safari = _join(page, "iphone", restaurant)
    address = page.locator("#iphone .address input")
    expect(address).to_have_value(re.compile(r"/c/\w+/"))
    link = f"http://{address.input_value()}"
    safari.get_by_role("link", name="Add to Apple Wallet").click()
    page.click("#iphone-add")
    expect(page.locator("#iphone .slot.chosen")).to_contain_text(restaurant)
    return link


def join_on_the_android(page: Page, restaurant: str = "Trattoria Luna") -> None:
    chrome = _join(page, "android", restaurant)
    chrome.get_by_role("link", name="Add to Google Wallet").click()
    chrome.locator("#save-card").click()
    expect(page.locator("#android .gcard")).to_contain_text(restaurant)


def _join(page: Page, phone: str, restaurant: str) -> FrameLocator:
    """From the phone's home page to the card's page, in the browser of the phone."""
    page.click(f"#{phone} .views [data-view=browser]")
    page.click(f"#{phone} .address .home")
    page.locator(f"#{phone} .start").get_by_text(restaurant).click()
    browser = browser_of(page, phone)
    browser.locator("[name=name]").fill(GUEST)
    browser.locator("[name=phone]").fill(PHONE)
    browser.locator("[name=consent]").check()
    browser.get_by_role("button", name="Get my card").click()
    return browser


def add_on_the_android(page: Page, card_page: str) -> None:
    page.locator("#android .address input").fill(card_page)
    page.locator("#android .address input").press("Enter")
    browser_of(page, "android").get_by_role("link", name="Add to Google Wallet").click()
    browser_of(page, "android").locator("#save-card").click()
    expect(page.locator("#android .wallet")).to_contain_text("Trattoria Luna")


def sign_in(till: Page, demo: Demo, name: str, program: str = "luna") -> None:
    """At the till: what `sign_in_by_hand` comes to, without its five pages."""
    let_in(till, demo, name, program)
    expect(till.locator("#till")).to_have_attribute("data-screen", "idle")


def let_in(till: Page, demo: Demo, name: str, program: str = "luna") -> None:
    """The browser is a till with somebody signed in, on the screen that they begin with."""
    known = {cookie["name"]: cookie["value"] for cookie in till.context.cookies(demo.base)}
    made = demo.signed_in(name, program, known.get(till_cookie(program), ""))
    for key, value in made.items():
        ends = time.time() + 86_400 if key == till_cookie(program) else -1
        till.context.add_cookies([{"name": key, "value": value, "url": demo.base, "httpOnly": True, "sameSite": "Strict", "expires": ends}])
    till.goto(demo.program(program)["till_url"])


def sign_in_by_hand(till: Page, demo: Demo, name: str, program: str = "luna") -> None:
    """Make the browser a till by the one-time link, unless it is one, and sign in on it."""
    till.goto(demo.program(program)["till_url"])
    if "sign-in" not in till.url:
        till.goto(demo.enrol_link(program))
        till.fill("[name=device]", "Counter")
        till.get_by_role("button", name="Make it a till").click()
    till.get_by_label(name).check()
    till.locator("[name=pin]").fill(demo.pin(name))
    till.get_by_role("button", name="Sign in").click()
    expect(till.locator("#till")).to_have_attribute("data-screen", "idle")


def earn(till: Page, amount: str) -> None:
    till.fill("#amount", amount)
    till.click("#confirm")
    expect(till.locator("#done")).to_be_visible()


def kept_by_worker(page: Page) -> None:
    """Loaded once more when its worker is there: from now on it opens without a network."""
    page.evaluate(WORKER)
    page.reload()
