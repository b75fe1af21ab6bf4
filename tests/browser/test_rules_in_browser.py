"""The owner at the rules, and a guest who is asked how it was, in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_screens import LOOKS, looking, sound
from tests.browser.walks import sign_in
from tests.demo import Demo


def open_rules(page: Page, demo: Demo, name: str = "Dmitro") -> None:
    sign_in(page, demo, name)
    page.goto(f"{demo.program()['till_url']}/rules")


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")


def test_what_does_not_apply_is_folded_away_and_comes_back(demo: Demo, page: Page) -> None:
    open_rules(page, demo)
    unfold(page)
    expect(page.locator("#earn_bps")).to_be_visible()
    expect(page.locator("#stamp_goal")).to_be_hidden()
    page.locator("#kind-stamps").check()
    expect(page.locator("#stamp_goal")).to_be_visible()
    expect(page.locator("#earn_bps")).to_be_hidden()
    page.locator("#kind-discount").check()
    expect(page.locator("#group-pays")).to_be_hidden()
    page.locator("#tier_by-spend").check()
    expect(page.locator("#tier-1-discount_percent")).to_be_visible()
    page.locator("#kind-points").check()
    expect(page.locator("#tier-1-discount_percent")).to_be_hidden()
    page.locator("#expiry-date").check()
    expect(page.locator("#expiry_day")).to_be_visible()
    expect(page.locator("#expiry_days")).to_be_hidden()
    expect(page.locator("#birthday_window_days")).to_be_hidden()
    page.fill("#birthday_points", "100")
    expect(page.locator("#birthday_window_days")).to_be_visible()
    expect(page.locator("#rewarded_sites-warning")).to_be_hidden()
    page.fill("#review_points", "50")
    expect(page.locator("#rewarded_sites-warning")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())


def test_an_edit_an_error_and_a_save(demo: Demo, page: Page) -> None:
    open_rules(page, demo)
    unfold(page)
    expect(page.locator("#unsaved")).to_be_hidden()
    page.fill("#cap_percent", "140")
    page.fill("#undo_minutes", "20")
    expect(page.locator("#unsaved")).to_be_visible()
    page.get_by_role("button", name="Save the rules").click()
    expect(page.locator("#cap_percent-wrong")).to_have_text("Not more than 100.")
    expect(page.locator("#cap_percent")).to_be_focused()
    expect(page.locator("#undo_minutes")).to_have_value("20")
    page.fill("#cap_percent", "40")
    page.get_by_role("button", name="Save the rules").click()
    expect(page.locator("[role=status]")).to_contain_text("Most of a check: 40 %, before 50 %")
    expect(page.locator(".history")).to_contain_text("Dmitro changed “Most of a check” from 50 % to 40 %")
    unfold(page)
    page.fill("#cap_percent", "50")
    page.fill("#undo_minutes", "15")
    page.get_by_role("button", name="Save the rules").click()
    expect(page.locator("[role=status]")).to_contain_text("Most of a check: 50 %, before 40 %")


def test_typed_values_are_not_lost_silently(demo: Demo, page: Page) -> None:
    open_rules(page, demo)
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    page.fill("#earn_bps", "7")
    page.get_by_role("link", name="Back to managing").click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(page.locator("#earn_bps")).to_have_value("7")
    page.get_by_role("button", name="What would it have cost?").click()
    expect(page.locator("h1")).to_have_text("What would it have cost?")
    page.fill("#share", "100")
    page.get_by_role("button", name="Count again").click()
    expect(page.locator("#share")).to_have_value("100")
    page.get_by_role("button", name="Back to the form").click()
    expect(page.locator("#earn_bps")).to_have_value("7")
    expect(page.locator("#unsaved")).to_be_visible()


def test_without_scripts_the_rules_are_saved_as_well(demo: Demo, browser: Browser) -> None:
    enrolled = browser.new_context(locale="en-US")
    sign_in(enrolled.new_page(), demo, "Dmitro")
    plain = browser.new_context(locale="en-US", java_script_enabled=False, storage_state=enrolled.storage_state())
    page = plain.new_page()
    page.goto(f"{demo.program()['till_url']}/rules")
    page.locator("#group-limits summary").click()
    page.fill("#late_hours", "12")
    page.get_by_role("button", name="Save the rules").click()
    expect(page.locator("[role=status]")).to_contain_text("Late deeds: 12 hours, before 24 hours")
    page.locator("#group-limits summary").click()
    page.fill("#late_hours", "24")
    page.get_by_role("button", name="Save the rules").click()
    expect(page.locator("[role=status]")).to_contain_text("Late deeds: 24 hours, before 12 hours")
    for context in (plain, enrolled):
        context.close()


def test_a_guest_says_how_it_was_on_the_card_s_page(demo: Demo, page: Page) -> None:
    address = demo.card_page(name="Oksana Vogel")
    page.goto(address)
    expect(page.locator("#survey")).to_have_count(0)
    demo.earn((page.locator(".typed").text_content() or "").replace(" ", ""), 4_200)
    page.reload()
    page.get_by_role("radio", name="10").check()
    page.fill("#survey-comment", "The best soup of the year.")
    page.get_by_role("button", name="Tell the manager").click()
    expect(page.locator("#survey")).to_contain_text("Thank you!")
    sign_in(page, demo, "Marta")
    page.goto(f"{demo.program()['till_url']}/surveys")
    expect(page.locator("main")).to_contain_text("The best soup of the year.")
    expect(page.locator("main")).to_contain_text(re.compile("Oksana Vogel"))


@pytest.mark.parametrize(("size", "language", "scheme"), LOOKS)
def test_the_pages_of_rules_and_surveys_fit_and_can_be_read(demo: Demo, browser: Browser, size: str, language: str, scheme: str) -> None:
    page = looking(browser, size, "en", scheme)
    address = demo.card_page()
    page.goto(address)
    demo.earn((page.locator(".typed").text_content() or "").replace(" ", ""), 4_200)
    page.goto(f"{address}?lang={language}")
    sound(page)
    sign_in(page, demo, "Dmitro")
    till = demo.program()["till_url"]
    for name in ("rules", "rules/simulate", "surveys"):
        page.goto(f"{till}/{name}?lang={language}")
        unfold(page)
        sound(page)
    page.goto(f"{till}/rules?lang={language}")
    unfold(page)
    page.locator("#tier_by-visits").check()
    page.fill("#review_points", "50")
    page.fill("#tier-1-name", "Gold")
    page.fill("#tier-1-threshold", "x")
    page.locator("button.primary").click()
    expect(page.locator("#tier-1-threshold-wrong")).to_be_visible()
    unfold(page)
    sound(page)
