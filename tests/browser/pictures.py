"""The README's pictures, taken from a fresh demo: `make screenshots`."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.walks import add_on_the_android, join_on_the_iphone, let_in, sign_in_by_hand
from tests.chromium import FLAGS
from tests.demo import Demo

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    DOCS.mkdir(exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo = Demo(Path(folder)).start()
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            phones = browser.new_context(viewport={"width": 1440, "height": 900}, device_scale_factor=1.5, locale="en-US").new_page()
            phones.goto(demo.sandbox)
            add_on_the_android(phones, join_on_the_iphone(phones))
            number = (phones.locator("#iphone .slot.chosen [data-field=number]").text_content() or "").replace(" ", "")
            for amount in (4_200, 8_450, 6_130):
                demo.earn(number, amount)
            expect(phones.locator("#iphone .slot.chosen [data-field=points]")).to_have_text("1,878", timeout=20_000)
            expect(phones.locator("#android .wallet")).to_contain_text("1878", timeout=20_000)
            phones.wait_for_timeout(1_200)  # the banner has come down and stands
            phones.screenshot(path=DOCS / "card.png", clip={"x": 40, "y": 55, "width": 920, "height": 800})
            till = tablet(browser)
            sign_in_by_hand(till, demo, "Bruno")
            till.fill("#number", number)
            till.locator("#number").press("Enter")
            till.fill("#amount", "42.00")
            till.fill("#points", "500")
            till.wait_for_timeout(300)
            till.screenshot(path=DOCS / "till.png")
            hang_coats(demo)
            take(browser, demo, "Clara", "coats", "#map .hook.taken", dark=True)
            take(browser, demo, "Elena", "board", "#inside .guest")
        finally:
            browser.close()
            demo.stop()
    for picture in DOCS.glob("*.png"):
        shrink(picture)


def tablet(browser: Browser, *, dark: bool = False) -> Page:
    """Of the house; the ``dark`` one is small, and lies in the cloakroom."""
    scheme: Any = "dark" if dark else "light"
    size: Any = {"width": 1024, "height": 600} if dark else {"width": 1180, "height": 820}
    return browser.new_context(viewport=size, device_scale_factor=1.5, locale="en-GB", color_scheme=scheme).new_page()


def take(browser: Browser, demo: Demo, name: str, screen: str, shown: str, *, dark: bool = False) -> None:
    """A screen as somebody of the house sees it, once ``shown`` is there."""
    page = tablet(browser, dark=dark)
    let_in(page, demo, name)
    page.goto(f"{demo.program()['till_url']}/{screen}")
    expect(page.locator(shown).first).to_be_visible()
    page.wait_for_timeout(800)  # nothing moves any more
    page.screenshot(path=DOCS / f"{screen}.png")


def hang_coats(demo: Demo) -> None:
    rooms = requests.get(f"{demo.base}/api/v1/coats/rooms", headers=demo.bearer(), timeout=30).json()["rooms"]
    for name, things in (
        ("Ana Bondarenko", 2),
        ("Jonas Weber", 1),
        ("Iryna Moroz", 3),
        ("Lidia Bauer", 2),
        ("Paul Ferrari", 1),
        ("Mateo Roth", 4),
    ):
        body = {"room": rooms[0]["id"], "card": demo.card_with(0, name=name), "items": [{}] * things}
        assert demo.api("coats/check-in", body).status_code == 200


def shrink(path: Path) -> None:
    from PIL import Image

    Image.open(path).convert("RGB").quantize(192, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
