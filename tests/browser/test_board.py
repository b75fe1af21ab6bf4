"""The hostess's evening in front of her board: what happens outside is on it within two seconds, without a reload."""

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import watched
from tests.browser.test_screens import LOOKS, looking, sound
from tests.demo import Demo

SOON = 2_000  # ms from the answer of the API to the eyes of the hostess


@pytest.fixture(scope="module")
def outside(demo: Demo) -> "Outside":
    return Outside(demo)


@pytest.fixture
def board(demo: Demo, page: Page) -> Iterator[Page]:
    """Elena's, from her sign-in on."""
    on_the_board(page, demo)
    yield page
    page.goto("about:blank")


class Outside:
    """Readers, telephones, review sites and the booking system, by a key of their own."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo

    def tell(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.demo.api(path, body)
        assert answer.status_code in (200, 201), answer.text
        told: dict[str, Any] = answer.json()
        return told

    def member(self, name: str, phone: str) -> str:
        """A guest whose number somebody of the house vouches for; the number of the card."""
        return str(self.tell("members", name=name, phone=phone)["card"]["number"])

    def guest(self, name: str) -> str:
        return self.demo.card_with(0, name=name)


def on_the_board(page: Page, demo: Demo, language: str = "en") -> None:
    page.goto(f"{demo.program()['till_url']}?lang={language}")
    if "sign-in" not in page.url:
        page.goto(demo.enrol_link())
        page.fill("[name=device]", "Door")
        page.locator("main button").last.click()
        page.goto(f"{demo.program()['till_url']}?lang={language}")
    page.get_by_label("Elena").check()
    page.locator("[name=pin]").fill(demo.pin("Elena"))
    page.locator("#sign-in button:not([type=button])").last.click()
    expect(page.locator("#state")).to_have_attribute("data-state", "live")


def card_of(page: Page, name: str) -> Locator:
    return page.locator(".guest", has=page.get_by_role("heading", name=name, exact=True))


def unique(name: str) -> str:
    return f"{name} {uuid.uuid4().hex[:6]}"


def test_an_evening_at_the_door(board: Page, outside: Outside) -> None:
    name = unique("Olena")
    phone = f"+49 151 7{uuid.uuid4().int % 10**7:07d}"
    opened = board.evaluate("performance.timeOrigin")
    number = outside.member(name, phone)
    # A booking by the number: the guest is known before they come.
    at = (datetime.now(UTC) + timedelta(minutes=40)).isoformat()
    outside.tell("bookings", id=uuid.uuid4().hex, at=at, party=4, name="Somebody", phone=phone, notes="A high chair")
    booked = board.locator("#expected").locator(".guest", has=board.get_by_role("heading", name=name))
    expect(booked).to_be_visible(timeout=SOON)
    expect(booked).to_contain_text("4 people")
    expect(booked).to_contain_text("First visit")
    # The phone rings: whose number it is.
    outside.tell("signals/call", phone=phone)
    call = board.locator(".call", has_text=name)
    expect(call).to_be_visible(timeout=SOON)
    call.get_by_role("button").click()
    expect(call).to_have_count(0)
    outside.tell("signals/call", phone="+49 151 00000001")
    expect(board.locator(".call", has_text="New guest")).to_be_visible(timeout=SOON)
    # They have written of us somewhere. A reader sees the card, many times: one guest at the door, and off the list of the expected.
    outside.tell("reviews", card=number, site="tripadvisor", url=f"https://trip.example/{number}", at=datetime.now(UTC).isoformat())
    for _ in range(3):
        outside.tell("signals/arrival", card=number, via="nfc")
    here = board.locator("#door").locator(".guest", has=board.get_by_role("heading", name=name))
    expect(here).to_be_visible(timeout=SOON)
    expect(here).to_have_count(1)
    expect(booked).to_have_count(0)
    # One sentence at a time: what is said gives way to the next, and none comes twice.
    said = []
    for sentence in (
        "Thank you for your review of",
        "Welcome! You are with us for the first time.",
        "We have read your note: A high chair.",
    ):
        expect(here.locator(".sentence p")).to_contain_text(sentence, timeout=SOON)
        said.append(here.locator(".sentence p").text_content())
        here.get_by_role("button", name="Said:").click()
    expect(here.get_by_role("button", name="Said:")).to_be_hidden(timeout=SOON)
    assert len(set(said)) == len(said)
    here.get_by_role("button", name="Seat").click()
    board.fill("#seat-place", "12")
    board.locator("#seat").get_by_label("Bruno").check()
    board.locator("#seat-place").press("Enter")
    inside = board.locator("#inside").locator(".guest", has=board.get_by_role("heading", name=name))
    expect(inside).to_be_visible(timeout=SOON)
    expect(inside).to_contain_text("Table 12 · served by Bruno", ignore_case=True)
    inside.get_by_role("button", name="Gone:").click()
    expect(inside).to_have_count(0, timeout=SOON)
    assert board.evaluate("performance.timeOrigin") == opened


def test_two_boards_stay_alike(demo: Demo, board: Page, browser: Browser, outside: Outside) -> None:
    other = looking(browser, "tablet", "en", "dark")
    on_the_board(other, demo)
    name = unique("Taras")
    outside.tell("signals/arrival", card=outside.guest(name), via="wifi")
    for page in (board, other):
        expect(card_of(page, name)).to_be_visible(timeout=SOON)
    card_of(board, name).get_by_role("button", name="Said:").click()
    expect(card_of(other, name).get_by_role("button", name="Said:")).to_be_hidden(timeout=SOON)
    card_of(other, name).get_by_role("button", name="Gone:").click()
    for page in (board, other):
        expect(card_of(page, name)).to_have_count(0, timeout=SOON)
    other.context.close()


def test_nothing_moves_under_a_finger(board: Page, outside: Outside) -> None:
    first, second = unique("Finger"), unique("Later")
    outside.tell("signals/arrival", card=outside.guest(first), via="door")
    expect(card_of(board, first)).to_be_visible(timeout=SOON)
    before = board.locator("#door .guest h3").all_text_contents()
    card_of(board, first).hover()
    board.mouse.down()
    outside.tell("signals/arrival", card=outside.guest(second), via="door")
    time.sleep(1.2)
    assert board.locator("#door .guest h3").all_text_contents() == before
    board.mouse.up()
    expect(card_of(board, second)).to_be_visible(timeout=SOON)
    assert board.locator("#door .guest h3").all_text_contents() == [*before, second]


def test_a_board_without_a_line_says_so_and_catches_up(board: Page, outside: Outside) -> None:
    board.context.set_offline(True)
    expect(board.locator("#state")).to_have_attribute("data-state", "reconnecting")
    expect(board.locator("#state-age")).to_contain_text("as of")
    name = unique("Offline")
    outside.tell("signals/arrival", card=outside.guest(name), via="door")
    board.context.set_offline(False)
    expect(card_of(board, name)).to_be_visible()
    expect(board.locator("#state")).to_have_attribute("data-state", "live")


def test_a_tap_without_an_answer_is_said_where_one_looks_until_the_server_is_back(board: Page, outside: Outside) -> None:
    names = [unique("Queue") for _ in range(6)]
    for name in names:
        outside.tell("signals/arrival", card=outside.guest(name), via="door")
    last = card_of(board, names[-1])
    expect(last).to_be_visible(timeout=SOON)
    last.scroll_into_view_if_needed()
    board.context.set_offline(True)
    last.get_by_role("button", name="Said:").click()
    expect(board.locator("#alert")).to_contain_text("The server does not answer")
    assert board.evaluate("scrollY") > 0
    expect(board.locator("#alert")).to_be_in_viewport(ratio=1)
    board.context.set_offline(False)
    expect(board.locator("#alert")).to_be_empty(timeout=15_000)


def test_a_call_of_a_regular_who_is_a_vip_keeps_both_words_apart(demo: Demo, board: Page, outside: Outside) -> None:
    name = unique("Vera")
    phone = f"+49 151 8{uuid.uuid4().int % 10**7:07d}"
    number = outside.member(name, phone)
    outside.tell("signals/arrival", card=number, via="door")
    card_of(board, name).get_by_role("button", name="Details").click()
    board.get_by_label("VIP", exact=True).check()
    board.get_by_role("button", name="Remember it").click()
    expect(board.locator("#details-say")).to_have_text("Remembered.")
    board.locator("#details [data-close]").click()
    outside.tell("signals/call", phone=phone)
    flags = board.locator(".call", has_text=name).locator(".flag")
    expect(flags).to_have_count(2)
    first, second = (flag.bounding_box() for flag in flags.all())
    assert second["x"] - (first["x"] + first["width"]) >= 5 or second["y"] > first["y"]


def test_where_no_stream_is_left_the_board_asks(board: Page, outside: Outside) -> None:
    def full(route: Route) -> None:
        route.fulfill(status=503, headers={"Retry-After": "5"}, json={"code": "unavailable"})

    board.route("**/board/stream?*", full)
    board.reload()
    expect(board.locator("#state")).to_have_attribute("data-state", "asking")
    name = unique("Poll")
    outside.tell("signals/arrival", card=outside.guest(name), via="door")
    expect(card_of(board, name)).to_be_visible(timeout=8_000)
    card_of(board, name).get_by_role("button", name="Gone:").click()
    expect(card_of(board, name)).to_have_count(0, timeout=SOON)


def test_what_is_written_down_is_on_the_card_and_a_note_cannot_script(board: Page, outside: Outside) -> None:
    name = unique("Note")
    outside.tell("signals/arrival", card=outside.guest(name), via="door")
    card_of(board, name).get_by_role("button", name="Details").click()
    board.fill("#note-text", "<img src=x onerror=\"document.title='broken'\">")
    board.locator("#note-text").press("Enter")
    expect(board.locator("#notes li")).to_contain_text("<img src=x")
    board.fill("#manner-say", "NO-te")
    board.fill("#manner-place", "9")
    board.get_by_label("VIP", exact=True).check()
    board.get_by_role("button", name="Remember it").click()
    expect(board.locator("#details-say")).to_have_text("Remembered.")
    board.locator("#details [data-close]").click()
    card = card_of(board, name)
    expect(card.locator(".say-name")).to_have_text("Say: NO-te")
    expect(card).to_contain_text("VIP")
    expect(card).to_contain_text("likes table 9", ignore_case=True)
    expect(card).to_contain_text("<img src=x")
    assert board.title().startswith("Board")


@pytest.mark.parametrize(("size", "language", "scheme"), LOOKS)
def test_the_board_fits_and_can_be_read(demo: Demo, browser: Browser, outside: Outside, size: str, language: str, scheme: str) -> None:
    page = looking(browser, size, language, scheme)
    on_the_board(page, demo, language)
    outside.tell("signals/call", phone="+49 151 00000002")
    outside.tell("signals/arrival", card=outside.guest(unique("Wolfeschlegelsteinhausenbergerdorff")), via="door")
    expect(page.locator("#door .guest").first).to_be_visible()
    sound(page)
    page.locator("#door .guest").first.locator("[data-name=seat]").click()
    sound(page)
    page.locator("#seat [data-close]").click()
    page.locator("#door .guest").first.locator("[data-name=details]").click()
    expect(page.locator("#details-say")).not_to_have_text("…")
    sound(page)
    page.locator("#details [data-close]").click()
    page.click("#more-open")
    sound(page)
    page.context.close()


@pytest.mark.parametrize(("size", "language", "scheme"), LOOKS)
def test_the_set_up_fits_and_can_be_read(demo: Demo, browser: Browser, size: str, language: str, scheme: str) -> None:
    page = watched(looking(browser, size, language, scheme).context)
    page.goto(demo.program()["till_url"])
    page.goto(demo.enrol_link())
    page.fill("[name=device]", "Office")
    page.locator("main button").last.click()
    page.goto(demo.program()["till_url"])
    page.get_by_label("Marta").check()
    page.locator("[name=pin]").fill(demo.pin("Marta"))
    page.locator("#sign-in button:not([type=button])").last.click()
    expect(page.locator("#till")).to_have_attribute("data-screen", "idle")
    page.goto(f"{demo.program()['till_url']}/board/rules?lang={language}")
    page.locator("#said-absence summary").click()
    sound(page)
    page.context.close()
