"""From the camera to the guest's name on the till's screen: the median, and what the slowest of twenty take.

The demo's server, Chromium and its fake camera. A film shows nothing, then a card's code as another screen shows it, and so on. In the page
the clock starts with the first frame of the video that shows the code, and stops when the guest's name can be read: decoding by the
WebAssembly decoder, the question to the server, and drawing are in it. `python -m benchmarks.camera [rounds]`
"""

import io
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import qrcode
from playwright.sync_api import Page, expect, sync_playwright
from sqlmodel import col, select

from benchmarks import table
from tests.browser.conftest import CAMERA
from tests.browser.film import film
from tests.browser.walks import sign_in
from tests.chromium import FLAGS
from tests.demo import Demo, wait_for
from walletpass import cards, config, database
from walletpass.cards import Card

ROUNDS = 20
# Tenths of a second without and with the code: longer than the till takes the same code for the same scan.
BLANK, SHOWN = 40, 25
WATCH = """() => {
  const video = document.getElementById("video");
  const canvas = new OffscreenCanvas(16, 16).getContext("2d", {willReadFrequently: true});
  window.rounds = [];
  let began = 0;
  const look = () => {
    canvas.drawImage(video, 0, 0, 16, 16);
    const pixels = canvas.getImageData(0, 0, 16, 16).data;
    const light = pixels.reduce((sum, value, index) => sum + (index % 4 === 0 ? value : 0), 0) / 256;
    if (light > 78 && !began) began = performance.now();
    if (light <= 78 && document.getElementById("guest").hidden) began = 0;
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  new MutationObserver(() => requestAnimationFrame(() => {
    if (document.getElementById("guest").hidden || !began) return;
    window.rounds.push(performance.now() - began);
    began = 0;
    document.getElementById("not-this-guest").click();
  })).observe(document.getElementById("guest"), {attributeFilter: ["hidden"]});
}"""


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo = Demo(Path(folder) / "demo").start()
        path = film(_code(demo), Path(folder) / "camera.y4m", blank=BLANK, frames=SHOWN)
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *CAMERA, f"--use-file-for-fake-video-capture={path}"])
        try:
            took = _measure(browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US").new_page(), demo, rounds)
        finally:
            browser.close()
            demo.stop()
    took.sort()
    slow = took[max(0, int(len(took) * 0.95) - 1)]
    row = [str(len(took)), *(table.figure(value) for value in (statistics.median(took), slow, took[-1]))]
    table.show("From the camera to the guest's name", ["scans", "median ms", "95 of 100 within ms", "slowest ms"], [row])


def _measure(till: Page, demo: Demo, rounds: int) -> list[float]:
    sign_in(till, demo, "Bruno")
    till.evaluate(WATCH)
    till.click("#camera-start")
    expect(till.locator("#video")).to_be_visible()
    # The first one also loads the decoder; it is not counted.
    wait_for(lambda: till.evaluate("window.rounds.length") > rounds, (rounds + 3) * (BLANK + SHOWN) / 10 * 2)
    took: list[float] = till.evaluate("window.rounds")
    return took[1 : rounds + 1]


def _code(demo: Demo) -> bytes:
    """A card's code as a picture."""
    number = demo.card_with(945)
    database.bind(config.use(config.load(demo.environment())).database_url)
    with database.reading() as session:
        card = session.exec(select(Card).where(col(Card.program_id) == "luna", col(Card.number) == number)).one()
        text = cards.card_code("luna", card.key_id, card.token)
    database.unbind()
    out = io.BytesIO()
    qrcode.make(text).save(out, "PNG")
    return out.getvalue()


if __name__ == "__main__":
    main()
