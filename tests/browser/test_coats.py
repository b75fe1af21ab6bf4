"""One evening at the coats, with and without a network; and every screen of it, at its sizes and in three languages."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watched
from tests.browser.test_screens import looking, sound
from tests.browser.walks import kept_by_worker, sign_in
from tests.demo import Demo

PHONE = "+49 151 23456789"
# The tablet of the cloakroom lying and standing, a phone, a desk; together all languages and both schemes.
LOOKS = (("lying", "en", "dark"), ("standing", "uk", "dark"), ("phone", "ru", "light"), ("desktop", "uk", "light"))
SIZES = {"lying": (1024, 600), "standing": (600, 1024), "phone": (390, 844), "desktop": (1440, 900)}


@pytest.fixture
def clara(demo: Demo, browser: Browser) -> Iterator[Page]:
    """Clara's tablet, with an empty cloakroom."""
    context = browser.new_context(viewport={"width": 1024, "height": 600}, locale="en-US", color_scheme="dark", bypass_csp=True)
    page = watched(context)
    empty(demo)
    sign_in(page, demo, "Clara")
    expect(page).to_have_url(re.compile("/t/luna/coats"))
    expect(page.locator(".zone").first).to_be_visible()
    yield page
    context.close()


def empty(demo: Demo) -> None:
    """What other tests left is given back, and their shift is over: a second till of one shift is sent to other hooks than the first."""
    room = room_id(demo)
    for ticket in now(demo, room)["tickets"]:
        demo.api("coats/hand-back", {"ticket": ticket["ticket"], "how": "hand"})
    demo.api("coats/shifts/close", {"room": room})


def told(demo: Demo, path: str) -> dict:
    answer = requests.get(f"{demo.base}/api/v1/coats/{path}", headers=demo.bearer(), timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def room_id(demo: Demo) -> str:
    return str(told(demo, "rooms")["rooms"][0]["id"])


def now(demo: Demo, room: str = "") -> dict:
    return told(demo, f"room/{room or room_id(demo)}/now")


def number_of(card_page: str) -> str:
    found = re.search(r"\b(\d{4}) (\d{4})\b", requests.get(card_page, timeout=30).text)
    assert found is not None
    return found.group(1) + found.group(2)


def show(page: Page, text: str) -> None:
    """Something is typed, or scanned, with nobody else at the counter."""
    expect(page.locator("#till")).not_to_have_attribute("data-screen", "guest")
    if page.locator("#next-guest").is_visible():
        page.click("#next-guest")
    page.fill("#number", text)
    page.locator("#number").press("Enter")


def more(page: Page, kind: str) -> None:
    page.get_by_role("button", name=f"More: {kind}", exact=True).click()


def test_an_evening_at_the_coats(demo: Demo, clara: Page, browser: Browser) -> None:
    ana = demo.card_page()
    number = number_of(ana)
    show(clara, number)
    expect(clara.locator("#hang")).to_have_text("Ana: hang on A1")
    more(clara, "Coat")
    more(clara, "Umbrella")
    expect(clara.locator("#hang")).to_have_text("Ana: hang on A1, A2, B1")
    clara.click("#hang")
    expect(clara.locator("#done-hooks")).to_have_text("A1, A2, B1")

    # One coat goes, and its hook is proposed to the next guest.
    show(clara, number)
    clara.locator(".thing", has_text="A1").click()
    clara.locator(".thing", has_text="B1").click()
    expect(clara.locator("#hand-back")).to_have_text("Hand back 1")
    clara.locator(".thing", has_text="A1").click()
    clara.locator(".thing", has_text="A2").click()
    clara.click("#hand-back")
    expect(clara.locator("#done-hooks")).to_have_text("A1")
    expect(clara.locator("#done-words")).to_have_text("2 things are still here.")
    clara.click("#next-guest")
    clara.click("#no-card")
    clara.click("#by-code")
    expect(clara.locator("#code")).to_have_value(re.compile(r"^\d{4}$"))
    clara.fill("#code", "1234")
    expect(clara.locator("#hang")).to_have_text("Guest: hang on A1")
    clara.click("#hang")
    expect(clara.locator("#code-wrong")).to_have_text("Too easy: it counts up or down.")
    clara.fill("#code", "4826")
    clara.click("#hang")
    expect(clara.locator("#done-four")).to_contain_text("four digits")
    expect(clara.locator("#done-digits")).to_have_text("4826")
    large = "one => parseFloat(getComputedStyle(one).fontSize)"
    assert clara.locator("#done-digits").evaluate(large) == clara.locator("#done-hooks").evaluate(large) > 50

    # Ana says on her phone that she leaves, and stands on top.
    phone = watched(browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US", bypass_csp=True))
    phone.goto(ana)
    phone.get_by_role("button", name="I am leaving").click()
    expect(phone.locator("#coat .note")).to_contain_text("Your coat is on its way.")
    sound(phone)
    clara.click("#next-guest")
    expect(clara.locator("#leaving-list li")).to_contain_text(["A2, B1"])

    # Closing is refused while things hang.
    clara.click("#more-open")
    clara.click("#more-shift")
    clara.click("#shift-close")
    expect(clara.locator("#shift-wrong")).to_contain_text("3 things hang here.")
    clara.click("#shift-leave")

    # Her phone is lost: a manager lets the things go, and the code is dead.
    clara.click("#lost-phone")
    clara.locator("#release-ticket").select_option(label=clara.locator("#release-ticket option", has_text="Ana").inner_text())
    clara.fill("#release-phone", PHONE)
    clara.fill("#release-words", "A grey coat and an umbrella")
    clara.fill("#release-reason", "The phone was stolen")
    clara.locator("#release-manager").select_option(label="Marta")
    clara.fill("#release-pin", demo.pin("Marta"))
    clara.locator("#release-form .danger").click()
    expect(clara.locator("#done-title")).to_have_text("Given out: Ana")
    # What she goes on with is on the screen, for whichever phone she has next; the old page says that its card ended.
    expect(clara.locator("#done-code-say")).to_have_text("The guest scans this and has the card in the phone.")
    new = clara.locator("#done-image").get_attribute("src")
    assert f"{demo.base}/c/luna/" in unquote(str(new))
    assert ana not in unquote(str(new))
    phone.goto(ana)
    expect(phone.locator("main")).to_contain_text("no longer")
    clara.click("#next-guest")
    show(clara, number)
    expect(clara.locator("#alert")).to_contain_text("the phone was said to be lost")

    # The other guest's coat stays overnight; then the shift closes, and adds up.
    show(clara, "4826")
    clara.click("#keep")
    clara.fill("#keeping-where", "office")
    clara.locator("#keeping-form .primary").click()
    expect(clara.locator("#status")).to_have_text("Kept: office")
    clara.click("#more-open")
    clara.click("#more-shift")
    clara.click("#shift-close")
    expect(clara.locator("#shift-say")).to_have_text("The shift is closed. It adds up.")
    left, right = clara.locator("#shift-counts .total dd").all_inner_texts()
    assert left == right
    for side in clara.locator("#shift-counts dl").all()[:2]:
        *parts, total = [int(count) for count in side.locator("dd").all_inner_texts()]
        assert sum(parts) == total
    sides = [side.bounding_box() for side in clara.locator("#shift-counts .total").all()]
    assert sides[0]["y"] == sides[1]["y"]
    assert sides[0]["x"] < sides[1]["x"]
    report = watched(clara.context)
    report.goto(demo.base + str(clara.locator("#shift-print").get_attribute("href")))
    expect(report.locator(".shift-report .total dd").first).to_have_text(left)
    clara.click("#shift-leave")
    show(clara, "4826")
    clara.click("#hand-back")
    expect(clara.locator("#done-title")).to_be_visible()
    show(clara, "4826")
    expect(clara.locator("#alert")).to_contain_text("Given back at")


def test_an_evening_of_187_things_closes_when_it_adds_up(demo: Demo, clara: Page) -> None:
    room = room_id(demo)
    demo.api("coats/shifts/close", {"room": room})
    for things, back in [(16, 16)] * 11 + [(11, 8)]:
        code = demo.api("coats/code", {"room": room}).json()["code"]
        came = demo.api("coats/check-in", {"room": room, "code": code, "items": [{}] * things})
        assert came.status_code == 200, came.text
        gone = {"ticket": came.json()["ticket"], "items": list(range(1, back + 1)), "how": "hand"}
        assert demo.api("coats/hand-back", gone).status_code == 200
    clara.reload()
    expect(clara.locator(".zone").first).to_be_visible()

    def close() -> None:
        clara.click("#more-open")
        clara.click("#more-shift")
        clara.click("#shift-close")

    close()
    expect(clara.locator("#shift-wrong")).to_contain_text("3 things hang here.")
    clara.click("#shift-leave")
    # Two are kept over night, and one is nowhere.
    show(clara, code)
    clara.locator(".thing").first.click()
    clara.click("#keep")
    clara.fill("#keeping-where", "office")
    clara.locator("#keeping-form .primary").click()
    expect(clara.locator("#status")).to_have_text("Kept: office")
    show(clara, code)
    kept = clara.locator(".thing", has_text="office")
    expect(kept).to_have_count(2)
    for place in range(2):
        kept.nth(place).click()
    clara.click("#lose")
    clara.click("#sure-yes")
    expect(clara.locator("#status")).to_contain_text("Lost")
    close()
    expect(clara.locator("#shift-say")).to_have_text("The shift is closed. It adds up.")
    for line in ("Taken in 187", "Given back 184", "Lost 1", "Still here 2", "Kept in this shift 2"):
        name, _, count = line.rpartition(" ")
        expect(clara.locator("#shift-counts div", has_text=re.compile(f"^{name}")).locator("dd").first).to_have_text(count)
    assert clara.locator("#shift-counts .total dd").all_inner_texts() == ["187", "187"]
    clara.click("#shift-leave")


def test_without_a_network_nothing_is_lost_and_nothing_is_done_twice(demo: Demo, clara: Page) -> None:
    ana, ben = demo.card_with(0), demo.card_with(0, name="Ben Roth")
    kept_by_worker(clara)
    expect(clara.locator(".zone").first).to_be_visible()
    show(clara, ana)
    clara.click("#hang")
    expect(clara.locator("#done-hooks")).to_have_text(re.compile("A"))
    hers = clara.locator("#done-hooks").inner_text()
    clara.context.set_offline(True)
    expect(clara.locator("#queue-open")).to_be_visible()
    show(clara, ben)
    expect(clara.locator("#hang")).to_have_text(re.compile("Guest: hang on A"))
    expect(clara.locator("#guest-note")).to_contain_text("does not know whether something of theirs hangs here")
    price = clara.locator("#price").inner_text()
    assert price.startswith("To pay: ")
    clara.click("#hang")
    expect(clara.locator("#done-words")).to_contain_text("No network")
    expect(clara.locator("#done-words")).to_contain_text(price)
    his = clara.locator("#done-hooks").inner_text()
    assert his != hers
    show(clara, ana)
    clara.click("#hand-back")
    expect(clara.locator("#done-hooks")).to_have_text(hers)
    expect(clara.locator("#queue-count")).to_have_text("2")

    # Meanwhile another tablet hangs something where Ben's coat hangs, and has given Ana's coat back.
    room = room_id(demo)
    assert demo.api("coats/check-in", {"room": room, "code": "5938", "items": [{"hook": his}]}).status_code == 200
    (first,) = [one for one in now(demo, room)["tickets"] if one["first_name"] == "Ana"]
    assert demo.api("coats/hand-back", {"ticket": first["ticket"]}).status_code == 200
    clara.reload()
    expect(clara.locator("#queue-count")).to_have_text("2")
    expect(clara.locator(f"#map [data-label={his}]")).to_have_class(re.compile("taken"))
    clara.context.set_offline(False)
    expect(clara.locator("#lists-count")).to_have_text("2", timeout=40_000)
    here = now(demo, room)
    assert sorted(one["code"] for one in here["conflicts"]) == ["already_returned", "hook_taken"]
    assert [[item["hook"] for item in one["items"]] for one in here["tickets"] if one["first_name"] == "Ben"] == [[his]]

    clara.set_viewport_size({"width": 390, "height": 844})
    sound(clara)
    clara.set_viewport_size({"width": 1024, "height": 600})
    clara.click("#lists-open")
    sound(clara)
    expect(clara.locator("#conflicts li", has_text=f"Coat {hers}")).to_contain_text("Given back at")
    clara.locator("#conflicts li", has_text="Ben").get_by_role("button").click()
    clara.fill("#settling-how", "It hangs behind the other one")
    clara.locator("#settling-form .primary").click()
    expect(clara.locator("#settling-wrong")).to_have_text("Say on which hook it hangs.")
    clara.fill("#settling-hook", "z9")
    clara.locator("#settling-form .primary").click()
    expect(clara.locator("#settling-wrong")).to_have_text("There is no hook Z9 here.")
    clara.fill("#settling-hook", his)
    clara.locator("#settling-form .primary").click()
    expect(clara.locator("#settling-wrong")).to_contain_text(f"{his} is taken. The next free one is")
    clara.fill("#settling-hook", "A9")
    clara.locator("#settling-form .primary").click()
    expect(clara.locator("#conflicts li")).to_have_count(1)
    clara.locator("#conflicts li").get_by_role("button").click()
    clara.fill("#settling-how", "Bruno gave it to her")
    clara.locator("#settling-form .primary").click()
    expect(clara.locator("#conflicts-none")).to_be_visible()


def test_the_room_is_known_until_somebody_is_really_signed_out(demo: Demo, clara: Page) -> None:
    known = "localStorage.getItem('walletpass.coats.known.luna')"
    show(clara, demo.card_with(0, name="Canary Kenar"))
    clara.click("#hang")
    clara.click("#next-guest")
    kept_by_worker(clara)
    clara.wait_for_function(f"{known}?.includes('Canary')")
    clara.context.set_offline(True)
    clara.locator("#sign-out button").click()
    expect(clara.locator("#alert")).to_contain_text("nobody is signed out")
    clara.reload()
    expect(clara.locator("#map .taken").first).to_be_visible()
    clara.context.set_offline(False)
    clara.locator("#sign-out button").click()
    expect(clara.locator("#sign-in")).to_be_visible()
    assert clara.evaluate(known) is None
    clara.context.set_offline(True)
    clara.goto(f"{demo.program()['till_url']}/coats")
    expect(clara.locator("h1")).to_have_text("No network")


def test_a_taken_hook_says_whose_it_is_and_another_one_is_chosen_on_the_map(demo: Demo, clara: Page) -> None:
    number = demo.card_with(0)
    show(clara, number)
    clara.locator(".place").click()
    clara.locator("#choose-map [data-label=A5]").click()
    clara.click("#hang")
    expect(clara.locator("#done-hooks")).to_have_text("A5")
    clara.click("#next-guest")
    clara.locator("#map [data-label=A5]").click()
    expect(clara.locator("#hook-list")).to_contain_text("Ana")
    clara.locator("#hook-list button").click()
    clara.click("#pull")
    expect(clara.locator("#pull")).to_have_text("Back on its hook")
    clara.click("#pull")
    expect(clara.locator("#pull")).to_have_text("Off the hook for a moment")


def test_a_full_queue_of_leaving_guests_scrolls_by_itself(demo: Demo, clara: Page) -> None:
    room = room_id(demo)
    for name in ("Ana", "Ben", "Cleo", "Dmytro", "Elena", "Fedir", "Greta", "Hanna"):
        card = demo.card_with(0, name=f"{name} Bondarenko-Hrytsenko")
        hung = demo.api("coats/check-in", {"room": room, "card": card, "items": [{}, {}]})
        assert demo.api("coats/call", {"ticket": hung.json()["ticket"]}).status_code == 200
    expect(clara.locator("#leaving-list li")).to_have_count(8)
    sound(clara)
    assert clara.locator("#leaving-list").evaluate("strip => strip.scrollWidth > strip.clientWidth")


def test_a_guest_without_a_card_takes_the_ticket_from_the_screen(demo: Demo, clara: Page) -> None:
    clara.click("#no-card")
    clara.click("#by-ticket")
    clara.click("#hang")
    expect(clara.locator("#done-image")).to_be_in_viewport(ratio=1)
    expect(clara.locator("#next-guest")).to_be_in_viewport(ratio=1)
    clara.wait_for_function("document.getElementById('done-image').naturalWidth > 0")


@pytest.mark.parametrize(("size", "language", "scheme"), LOOKS)
def test_the_coats_fit_and_can_be_read(demo: Demo, browser: Browser, size: str, language: str, scheme: str) -> None:
    empty(demo)
    page = looking(browser, "phone", "en", scheme)
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    sign_in(page, demo, "Marta")
    page.goto(f"{demo.program()['till_url']}/coats?lang={language}")
    expect(page.locator(".zone").first).to_be_visible()
    number = demo.card_with(0)
    show(page, number)
    expect(page.locator("#hang")).to_be_in_viewport()
    expect(page.locator("#not-this-guest")).to_be_in_viewport(ratio=1)
    sound(page)
    page.click("#hang")
    expect(page.locator("#done")).to_be_visible()
    sound(page)
    page.click("#next-guest")
    sound(page)
    show(page, number)
    expect(page.locator("#hand-back")).to_be_in_viewport()
    sound(page)
    page.click("#not-this-guest")
    for opener, dialog, closer in (
        ("#more-open", "#more", "#more-close"),
        ("#no-card", "#guestless", "#guestless-close"),
        ("#lost-phone", "#release", "#release-close"),
    ):
        page.click(opener)
        expect(page.locator(dialog)).to_be_visible()
        expect(page.locator(closer)).to_be_in_viewport(ratio=1)
        sound(page)
        page.click(closer)
    for opener, dialog, closer in (
        ("#more-shift", "#shift", "#shift-leave"),
        ("#more-lists", "#lists", "#lists-close"),
        ("#more-move", "#moving", "#moving-close"),
    ):
        page.click("#more-open")
        page.click(opener)
        expect(page.locator(dialog)).to_be_visible()
        expect(page.locator(closer)).to_be_in_viewport(ratio=1)
        sound(page)
        page.click(closer)
    page.click("#no-card")
    page.click("#by-code")
    sound(page)
    page.goto(f"{demo.program()['till_url']}/coats/rooms?lang={language}")
    sound(page)
