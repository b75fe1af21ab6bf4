"""What the till's camera and scanner read: the four kinds of code that a design may choose, and the one that changes."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect
from sqlmodel import col, select, update

from tests.browser.film import film
from tests.browser.walks import sign_in
from tests.demo import Demo
from tests.rotating import at_google, shown
from walletpass import cards, config, database
from walletpass.cards import Card
from walletpass.programs import Program

PROGRAM, CASHIER, MANAGER = "sova", "Olena", "Taras"


@pytest.fixture
def database_of_the_demo(demo: Demo) -> Iterator[None]:
    settings = config.use(config.load(demo.environment()))
    database.bind(settings.database_url)
    yield
    database.unbind()


@pytest.fixture
def card(demo: Demo, database_of_the_demo: None) -> Card:
    """A guest with 2,000 points."""
    number = demo.card_with(2_000, PROGRAM)
    with database.reading() as session:
        return session.exec(select(Card).where(col(Card.program_id) == PROGRAM, col(Card.number) == number)).one()


@pytest.fixture
def changing(card: Card) -> Iterator[Card]:
    """The same card in Google Wallet, in a restaurant whose codes change."""
    switch(rotating_codes=True)
    with database.transaction() as session:
        held = session.get_one(Card, (PROGRAM, card.id))
        held.wallets = ["google"]
        cards.rotation.begin(session, held, session.get_one(Program, PROGRAM))
        session.add(at_google(held, saved=True))
    yield held
    switch(rotating_codes=False)


def switch(*, rotating_codes: bool) -> None:
    with database.transaction() as session:
        session.exec(update(Program).where(col(Program.id) == PROGRAM).values(rotating_codes=rotating_codes))


def picture(text: str, kind: str) -> bytes:
    image = memoryview(zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind)), scale=3))
    height, width = image.shape[:2]
    out = io.BytesIO()
    Image.frombytes("L", (width, height), image.tobytes()).save(out, "PNG")
    return out.getvalue()


def held_to_the_camera(filming: Callable[[Path], Page], demo: Demo, folder: Path, code: bytes) -> Page:
    till = filming(film(code, folder / "camera.y4m"))
    sign_in(till, demo, CASHIER, PROGRAM)
    till.click("#camera-start")
    return till


BURST = """digits => {
  for (const key of [...digits, "Enter"]) {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
  }
}"""


def scan(till: Page, digits: str) -> None:
    """As a hardware scanner types: faster than a busy machine lets a test press keys. The first key ever wakes the beep, which takes a moment."""
    till.keyboard.press("Shift")
    till.evaluate(BURST, digits)


@pytest.mark.parametrize("kind", ["QRCode", "Aztec", "PDF417", "Code128"])
def test_the_camera_reads_every_kind_of_code_that_a_design_may_choose(
    demo: Demo, filming: Callable[[Path], Page], tmp_path: Path, card: Card, kind: str
) -> None:
    text = card.number if kind == "Code128" else cards.card_code(PROGRAM, card.key_id, card.token)
    till = held_to_the_camera(filming, demo, tmp_path, picture(text, kind))
    expect(till.locator("#guest-points")).to_have_text("2,000")


def test_the_camera_reads_a_code_that_changes_and_points_pay(
    demo: Demo, filming: Callable[[Path], Page], tmp_path: Path, changing: Card
) -> None:
    # The film stands still: the code of the next half minute is good for a minute at least.
    till = held_to_the_camera(filming, demo, tmp_path, picture(shown(changing, later=30), "QRCode"))
    expect(till.locator("#guest-points")).to_have_text("2,000")
    expect(till.locator("#scan-changing")).to_be_hidden()
    till.fill("#amount", "30.00")
    till.fill("#points", "1000")
    till.click("#confirm")
    expect(till.locator("#done-points")).to_have_text("1,200")


def test_a_waiter_with_the_number_is_told_to_scan_and_types_nothing_twice(demo: Demo, page: Page, changing: Card) -> None:
    sign_in(page, demo, CASHIER, PROGRAM)
    scan(page, changing.number)
    page.fill("#amount", "30.00")
    expect(page.locator("#redeem-hint")).to_have_text("Ask the guest to open the card in Google Wallet and scan the code that changes.")
    expect(page.locator("#points")).to_be_disabled()
    expect(page.locator("#unproved")).to_be_hidden()
    page.click("#scan-changing")
    expect(page.locator("#idle")).to_be_visible()
    scan(page, shown(changing))
    expect(page.locator("#amount")).to_have_value("30.00")
    page.fill("#points", "1000")
    page.click("#confirm")
    expect(page.locator("#done-points")).to_have_text("1,200")
    page.click("#next-guest")
    scan(page, shown(changing, later=-30))
    expect(page.locator("#alert")).to_contain_text("This code was used already")


def test_a_manager_says_why_and_points_pay_without_the_code(demo: Demo, page: Page, changing: Card) -> None:
    sign_in(page, demo, MANAGER, PROGRAM)
    scan(page, changing.number)
    page.fill("#amount", "30.00")
    page.fill("#points", "1000")
    page.click("#confirm")
    expect(page.locator("#unproved-wrong")).to_have_text("Say why in a word or two.")
    page.fill("#unproved-reason", "The phone is broken")
    page.click("#confirm")
    expect(page.locator("#done-points")).to_have_text("1,200")
