"""The README's pictures, taken from a fresh demo: `make screenshots`."""

import os
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.browser.walks import add_on_the_android, join_on_the_iphone, sign_in_by_hand
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
            till = browser.new_context(viewport={"width": 1180, "height": 820}, device_scale_factor=1.5, locale="en-GB").new_page()
            sign_in_by_hand(till, demo, "Bruno")
            till.fill("#number", number)
            till.locator("#number").press("Enter")
            till.fill("#amount", "42.00")
            till.fill("#points", "500")
            till.wait_for_timeout(300)
            till.screenshot(path=DOCS / "till.png")
        finally:
            browser.close()
            demo.stop()
    for picture in DOCS.glob("*.png"):
        shrink(picture)


def shrink(path: Path) -> None:
    from PIL import Image

    Image.open(path).convert("RGB").quantize(192, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
