"""The whole loop as people see it, without a look at the database."""

from collections.abc import Callable
from pathlib import Path

import requests
from playwright.sync_api import Page, expect

from tests.browser.film import film
from tests.browser.test_coats import number_of
from tests.browser.walks import GUEST, add_on_the_android, browser_of, earn, join_on_the_iphone, sign_in_by_hand
from tests.demo import Demo


def test_a_guest_joins_the_cashier_scans_and_the_cards_on_both_phones_change(
    demo: Demo, page: Page, filming: Callable[[Path], Page], tmp_path: Path
) -> None:
    page.goto(demo.sandbox)
    add_on_the_android(page, join_on_the_iphone(page))
    qr = page.locator("#iphone .wallet .slot.chosen .pass-code img")

    till = filming(film(qr.screenshot(), tmp_path / "camera.y4m"))
    sign_in_by_hand(till, demo, "Bruno")
    till.click("#camera-start")
    expect(till.locator("#guest-name")).to_contain_text(GUEST)
    earn(till, "84.50")
    expect(till.locator("#done-points")).to_have_text("845")
    expect(page.locator("#iphone .banner")).to_contain_text("845")
    expect(page.locator("#iphone .wallet")).to_contain_text("845")
    expect(page.locator("#android .wallet")).to_contain_text("845", timeout=15_000)

    till.click("#done-undo")
    till.get_by_label("Wrong amount").check()
    till.click("#undo-confirm")
    # A second change of a card within five seconds waits for them to pass.
    expect(page.locator("#iphone .banner .note")).not_to_contain_text("845", timeout=15_000)
    expect(page.locator("#iphone .wallet")).not_to_contain_text("845")
    expect(page.locator("#android .wallet")).not_to_contain_text("845", timeout=15_000)


def test_the_back_of_the_card_leads_to_the_page_where_a_coat_is_called(demo: Demo, page: Page) -> None:
    page.goto(demo.sandbox)
    link = join_on_the_iphone(page)
    number = number_of(link)
    room = requests.get(f"{demo.base}/api/v1/coats/rooms", headers=demo.bearer(), timeout=30).json()["rooms"][0]["id"]
    assert demo.api("coats/check-in", {"room": room, "card": number, "items": [{}]}).status_code == 200
    page.click("#iphone-more")
    leads = page.locator("#iphone .pass-back a[data-field=page]")
    expect(leads).to_have_attribute("href", link)
    leads.click()
    expect(page.locator("#iphone .address input")).to_have_value(link.removeprefix("http://"))
    safari = browser_of(page, "iphone")
    safari.get_by_role("button", name="I am leaving").click()
    expect(safari.locator("#coat .note")).to_contain_text("Your coat is on its way.")
    ticket = requests.get(f"{demo.base}/api/v1/coats/room/{room}/now", headers=demo.bearer(), timeout=30).json()["called"][0]
    assert demo.api("coats/hand-back", {"ticket": ticket, "how": "hand"}).status_code == 200


def test_a_part_is_paid_with_points_and_the_rest_earns(demo: Demo, page: Page) -> None:
    number = demo.card_with(2_000)
    sign_in_by_hand(page, demo, "Bruno")
    page.fill("#number", number)
    page.locator("#number").press("Enter")
    expect(page.locator("#guest-points")).to_have_text("2,000")
    page.fill("#amount", "30.00")
    page.fill("#points", "1000")
    expect(page.locator("#guest-pays")).to_contain_text("20.00")
    page.click("#confirm")
    expect(page.locator("#done-points")).to_have_text("1,200")


def test_a_scanner_is_heard_whatever_has_the_focus(demo: Demo, page: Page) -> None:
    number = demo.card_with(100)
    sign_in_by_hand(page, demo, "Bruno")
    page.focus("#number")
    for key in number:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.locator("#guest-points")).to_have_text("100")


def test_a_mistyped_number_is_told_before_anything_is_sent(demo: Demo, page: Page) -> None:
    sign_in_by_hand(page, demo, "Bruno")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    page.fill("#number", "1234 5678")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("#number-wrong")).not_to_be_empty()
    assert asked == []


def test_html_in_a_name_is_inert_on_the_tills_screen(demo: Demo, page: Page) -> None:
    name = "<img src=x onerror=document.title='owned'><b>Ana</b>"
    number = demo.card_with(0, name=name)
    sign_in_by_hand(page, demo, "Bruno")
    page.fill("#number", number)
    page.locator("#number").press("Enter")
    expect(page.locator("#guest-name")).to_have_text(name)
    assert "owned" not in page.title()


def test_a_phone_that_was_off_catches_up_when_it_is_on_again(demo: Demo, page: Page) -> None:
    page.goto(demo.sandbox)
    join_on_the_iphone(page, "Bistro Sova")
    number = (page.locator("#iphone .slot.chosen [data-field=number]").text_content() or "").replace(" ", "")
    page.click("[data-fault=iphone][data-position=off]")
    demo.earn(number, 5_000, program="sova")
    expect(page.locator("#log")).to_contain_text("Push for pass.example.sova")
    expect(page.locator("#iphone .slot.chosen")).not_to_contain_text("500")
    page.click("[data-fault=iphone][data-position=on]")
    expect(page.locator("#iphone .slot.chosen [data-field=points]")).to_have_text("500")
