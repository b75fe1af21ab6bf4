"""What happens beside the evening at the coats: photos, many moved at once, a second cloakroom, and what nobody came for."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlmodel import col, update

from tests.browser.conftest import watched
from tests.browser.test_coats import empty, now, room_id, show
from tests.browser.walks import sign_in
from tests.demo import Demo
from walletpass import config, database
from walletpass.coatcheck import CoatItem


@pytest.fixture
def marta(demo: Demo, browser: Browser) -> Iterator[Page]:
    """A manager at the coats, who may do all of it; with the page's own rules of what may be loaded."""
    context = browser.new_context(viewport={"width": 1024, "height": 600}, locale="en-US")
    page = watched(context)
    empty(demo)
    sign_in(page, demo, "Marta")
    page.goto(f"{demo.program()['till_url']}/coats")
    expect(page.locator(".zone").first).to_be_visible()
    yield page
    context.close()


def hung(demo: Demo, hook: str, code: str) -> str:
    """A coat of somebody with four digits, hung from elsewhere; the ticket."""
    answer = demo.api("coats/check-in", {"room": room_id(demo), "code": code, "items": [{"hook": hook}]})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["ticket"])


def hook(page: Page, label: str) -> str:
    return str(page.locator(f"#map [data-label='{label}']").get_attribute("class"))


def test_a_photo_is_seen_with_the_coat_and_goes_with_it(demo: Demo, marta: Page, tmp_path: Path) -> None:
    number = demo.card_with(0)
    show(marta, number)
    marta.click("#hang")
    expect(marta.locator("#photo-part")).to_be_visible()
    Image.new("RGB", (3000, 2000), (90, 30, 30)).save(tmp_path / "coat.jpg")
    marta.set_input_files("#photo", tmp_path / "coat.jpg")
    expect(marta.locator("#status")).to_have_text("The photo is kept until the thing goes.")
    expect(marta.locator("#photo-part")).to_be_hidden()
    show(marta, number)
    photo = marta.locator("#things img")
    expect(photo).to_be_visible()
    assert photo.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [1280, 853]
    marta.click("#hand-back")
    expect(marta.locator("#done-title")).to_be_visible()
    assert now(demo)["tickets"] == []


def test_a_manager_moves_a_row_of_coats_all_at_once_or_none(demo: Demo, marta: Page) -> None:
    for label, code in (("A1", "7302"), ("A2", "7413"), ("A5", "7524")):
        hung(demo, label, code)
    marta.reload()
    expect(marta.locator("#map [data-label='A5']")).to_have_class("hook taken")

    def move(first: str, last: str, target: str) -> None:
        marta.click("#more-open")
        marta.click("#more-move")
        for name, label in (("from", first), ("to", last), ("target", target)):
            marta.fill(f"#moving-{name}", label)
        marta.locator("#moving-form .primary").click()

    move("a1", "a2", "a4")
    expect(marta.locator("#moving-wrong")).to_contain_text("A5")
    assert [hook(marta, label) for label in ("A1", "A2", "A4")] == ["hook taken", "hook taken", "hook free"]
    marta.click("#moving-close")
    move("a1", "a2", "a11")
    expect(marta.locator("#status")).to_have_text("2 hooks were moved.")
    assert [hook(marta, label) for label in ("A1", "A2", "A11", "A12")] == ["hook free", "hook free", "hook taken", "hook taken"]


def test_a_second_cloakroom_is_set_up_chosen_used_and_closed_again(demo: Demo, marta: Page) -> None:
    def manage() -> None:
        marta.goto(f"{demo.program()['till_url']}/coats/rooms")

    manage()
    marta.fill("#name", "At the bar")
    marta.get_by_role("button", name="Add the cloakroom").click()
    bar = marta.locator("section", has=marta.get_by_role("heading", name="At the bar"))
    bar.get_by_label("Zone", exact=True).fill("K")
    bar.get_by_role("button", name="Add hooks").click()
    expect(bar).to_contain_text("Zone K: K1–K20")
    bar.get_by_label("A hook that is out of use").fill("K1")
    bar.get_by_role("button", name="Take it out of use").click()
    expect(bar).to_contain_text("Zone K: K2–K20")

    # The tablet is told once where it stands.
    marta.goto(f"{demo.program()['till_url']}/coats")
    marta.click("#more-open")
    marta.locator("#rooms").select_option(label="At the bar")
    marta.click("#more-close")
    expect(marta.locator("#room-name")).to_have_text("At the bar")
    marta.reload()
    expect(marta.locator("#room-name")).to_have_text("At the bar")
    number = demo.card_with(0)
    show(marta, number)
    marta.click("#hang")
    expect(marta.locator("#done-hooks")).to_have_text("K2")

    manage()
    bar.locator("summary").click()
    bar.get_by_role("button", name="Close this cloakroom for good").click()
    expect(marta.locator("main [role=alert]")).to_contain_text("Something is still in this cloakroom")
    marta.goto(f"{demo.program()['till_url']}/coats")
    show(marta, number)
    marta.click("#hand-back")
    expect(marta.locator("#done-title")).to_be_visible()
    marta.click("#more-open")
    marta.click("#more-shift")
    marta.click("#shift-close")
    expect(marta.locator("#shift-say")).to_have_text("The shift is closed. It adds up.")
    manage()
    bar.locator("summary").click()
    bar.get_by_role("button", name="Close this cloakroom for good").click()
    expect(bar).to_have_count(0)
    marta.goto(f"{demo.program()['till_url']}/coats")
    expect(marta.locator("#room-name")).not_to_have_text("At the bar")
    expect(marta.locator(".zone").first).to_be_visible()


def test_whoever_signs_out_elsewhere_leaves_no_name_of_a_guest_on_the_tablet(demo: Demo, marta: Page) -> None:
    known = "localStorage.getItem('walletpass.coats.known.luna')"
    marta.wait_for_function(f"{known} !== null")
    marta.goto(f"{demo.program()['till_url']}/board")
    marta.locator("form[action*=sign-out] button").click()
    expect(marta.locator("#sign-in")).to_be_visible()
    marta.wait_for_function(f"{known} === null")


def test_what_nobody_came_for_is_listed_and_disposed_of(demo: Demo, marta: Page) -> None:
    ticket = hung(demo, "A3", "7302")
    kept = demo.api("coats/keep", {"ticket": ticket, "where": "the office", "how": "hand"})
    assert kept.status_code == 200, kept.text
    long_ago(demo, ticket)
    marta.reload()
    marta.click("#lists-open")
    expect(marta.locator("#kept li")).to_contain_text("the office")
    marta.locator("#kept").get_by_role("button", name="Dispose of it").click()
    marta.click("#sure-yes")
    expect(marta.locator("#kept-none")).to_be_visible()
    assert now(demo)["tickets"] == []


def long_ago(demo: Demo, ticket: str) -> None:
    database.bind(config.use(config.load(demo.environment())).database_url)
    with database.transaction() as session:
        then = database.now() - timedelta(days=31)
        session.execute(update(CoatItem).where(col(CoatItem.ticket_id) == ticket).values(hung_at=then, ended_at=then))
    database.unbind()
