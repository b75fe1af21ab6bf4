"""The guest base in a real browser: a file that comes in while the page is loaded again, and ten forms by the keyboard alone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watched
from tests.browser.test_screens import LOOKS, looking, sound
from tests.browser.walks import sign_in
from tests.demo import Demo

KEYS_A_FORM = 5  # beside the letters themselves: four times Tab or Space, and Enter


def file_of(tmp_path: Path, count: int, first: int = 0) -> Path:
    rows = [
        "Ім'я;Телефон;Бонуси",
        *(f"Гість {n};+49 151 {first + n:08d};{n % 9}" for n in range(count)),
        "Ніхто;12;",
        f"Двічі;+49 151 {first:08d};",
    ]
    path = tmp_path / "guests.csv"
    path.write_bytes("\r\n".join(rows).encode("cp1251"))
    return path


def brought(page: Page, demo: Demo, path: Path) -> None:
    page.goto(f"{demo.program()['till_url']}/import")
    page.set_input_files("#file", str(path))
    page.click("#upload button")
    expect(page.locator(".peek")).to_be_visible()


def test_a_file_is_looked_at_tried_and_comes_in_while_the_page_is_loaded_again(demo: Demo, page: Page, tmp_path: Path) -> None:
    sign_in(page, demo, "Marta")
    brought(page, demo, file_of(tmp_path, 120, first=10_000_000))
    expect(page.locator(".peek th").nth(1)).to_contain_text("Телефон")
    expect(page.locator("#column_phone")).to_have_value("1")
    expect(page.locator("#column_points")).to_have_value("2")
    page.get_by_role("button", name="Try it, without changing anything").click()
    expect(page.locator("#fresh")).to_have_text("120", timeout=30_000)
    expect(page.locator("#known")).to_have_text("1")
    expect(page.locator("#refused")).to_have_text("1")
    page.get_by_role("button", name="Let 120 guests in").click()
    # Shut and opened again: it is loaded anew by itself as well, and two at once is one too many.
    context, address = page.context, page.url
    page.close()
    page = watched(context)
    page.goto(address)
    expect(page.get_by_text("Done. The file itself is deleted.")).to_be_visible(timeout=60_000)
    expect(page.locator("#fresh")).to_have_text("120")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all of them").click()
    assert Path(download.value.path()).read_text("utf-8-sig").splitlines()[1].startswith("122,Phone,malformed,")
    page.get_by_role("link", name="Look at the guests").click()
    page.fill("#q", "гість 77")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Гість 77").click()
    expect(page.locator("dl.menu .total dd")).to_have_text("5")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name"))


def test_ten_forms_are_typed_in_by_the_keyboard_alone(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "Bruno")
    page.goto(f"{demo.program()['till_url']}/forms")
    page.evaluate("window.keys = 0; addEventListener('keydown', (e) => { if (e.key.length > 1 || e.key === ' ') window.keys += 1; })")
    page.evaluate("addEventListener('mousedown', () => { throw new Error('a mouse'); })")
    for number in range(10):
        assert focused(page) == "name"
        page.keyboard.type(f"Paper{number}")
        page.keyboard.press("Tab")
        assert focused(page) == "phone"
        page.keyboard.type(f"+491516000000{number}")
        page.keyboard.press("Tab")
        assert focused(page) == "birthday"
        page.keyboard.press("Tab")
        assert focused(page) == "email"
        page.keyboard.press("Tab")
        assert focused(page) == "signed"
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_have_text(f"Saved: Paper{number}")
        assert page.evaluate("document.querySelector('form').elements.signed.checked") is False
    # Tab four times, Space, Enter.
    assert page.evaluate("window.keys") == 10 * (KEYS_A_FORM + 1)
    expect(page.locator("#typed .badge.new")).to_have_count(10)
    expect(page.locator("#typed .code img").first).to_be_visible()
    page.goto(f"{demo.program()['till_url']}/forms/sheet")
    expect(page.locator(".label")).to_have_count(10)


def test_a_number_that_is_known_is_told_without_leaving_the_form(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "Bruno")
    page.goto(f"{demo.program()['till_url']}/forms")
    for name in ("Once", "Twice"):
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type("+4915170000001")
        page.keyboard.press("Tab")
        if name == "Twice":
            expect(page.locator("#phone-tell")).to_have_text("This number is known already.")
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_contain_text("Once")
        expect(page.locator("#name")).to_be_focused()
    expect(page.locator("#typed .badge.known")).to_have_text("known already")
    expect(page.locator("#typed .badge.known")).to_have_count(1)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"), [("phone", "12", "phone number"), ("email", "nobody", "e-mail"), ("birthday", "31.2.1990", "calendar")]
)
def test_what_cannot_be_read_is_said_and_the_cursor_stands_there(demo: Demo, page: Page, field: str, typed: str, sentence: str) -> None:
    sign_in(page, demo, "Bruno")
    page.goto(f"{demo.program()['till_url']}/forms")
    page.fill("#phone", "+4915180000001")
    page.fill(f"#{field}", typed)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text(sentence)
    expect(page.locator(f"#{field}")).to_be_focused()
    expect(page.locator(f"#{field}")).to_have_value(typed)


def test_a_form_without_an_answer_is_kept_and_saved_once(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "Bruno")
    page.goto(f"{demo.program()['till_url']}/forms")
    page.context.set_offline(True)
    page.fill("#name", "Offline")
    page.fill("#phone", "+4915190000001")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("No answer", timeout=30_000)
    expect(page.locator("#name")).to_have_value("Offline")
    page.context.set_offline(False)
    expect(page.locator("#said")).to_contain_text("Press Enter again", timeout=30_000)
    page.locator("#phone").press("Enter")
    expect(page.locator("#said")).to_have_text("Saved: Offline", timeout=30_000)


@pytest.mark.parametrize(("size", "language", "scheme"), LOOKS)
def test_the_pages_fit_and_can_be_read(demo: Demo, browser: Browser, tmp_path: Path, size: str, language: str, scheme: str) -> None:
    page = looking(browser, size, "en", scheme)
    sign_in(page, demo, "Marta")
    till = demo.program()["till_url"]
    for path in ("guests", "guests?show=nameless", "import", "forms", "forms/sheet"):
        page.goto(f"{till}/{path}{'&' if '?' in path else '?'}lang={language}")
        sound(page)
    page.goto(f"{till}/guests?lang={language}")
    with page.expect_navigation():
        page.locator("a.row").first.click()
    sound(page)
    page.locator("details summary").first.click()
    page.locator("button.danger").last.click()
    brought(page, demo, file_of(tmp_path, 30, first=20_000_000))
    page.goto(f"{page.url}?lang={language}")
    sound(page)
    page.locator("button.primary").click()
    expect(page.locator("#fresh")).to_have_text("30", timeout=30_000)
    expect(page.locator(".peek")).to_be_visible(timeout=30_000)
    sound(page)
