"""The hostess's evening in front of her board: what happens outside is on it within two seconds, without a reload."""

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import watched
from tests.browser.test_screens import LOOKS, looking, sound
from tests.demo import Demo

SOON = 15_000  # ms at the most, also on a busy machine; how soon it is on a quiet one is measured by `make bench-boards`


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
    call.get_by_role("button", name="Taken").click()
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


def test_what_is_ticked_before_all_is_known_stays_ticked(board: Page, outside: Outside) -> None:
    name, held = unique("Quick"), []

    def slow(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            route.continue_()

    outside.tell("signals/arrival", card=outside.guest(name), via="door")
    board.route("**/board/table?*", slow)
    with board.expect_request("**/board/table?*"):
        card_of(board, name).get_by_role("button", name="Details").click()
    board.get_by_label("VIP", exact=True).check()
    board.fill("#manner-place", "9")
    held[0].continue_()
    expect(board.locator("#details-say")).not_to_have_text("Looking…")
    expect(board.get_by_label("VIP", exact=True)).to_be_checked()
    board.get_by_role("button", name="Remember it").click()
    expect(board.locator("#details-say")).to_have_text("Remembered.")
    board.locator("#details [data-close]").click()
    expect(card_of(board, name)).to_contain_text("VIP", timeout=SOON)


def test_where_no_stream_is_left_the_board_asks(board: Page, outside: Outside) -> None:
    def full(route: Route) -> None:
        route.fulfill(status=503, headers={"Retry-After": "5"}, json={"code": "unavailable"})

    board.route("**/board/stream?*", full)
    board.reload()
    expect(board.locator("#state")).to_have_attribute("data-state", "asking")
    name = unique("Poll")
    outside.tell("signals/arrival", card=outside.guest(name), via="door")
    expect(card_of(board, name)).to_be_visible(timeout=SOON)
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


def walk_in(board: Page, name: str, people: int = 2, **more: str) -> None:
    board.click("#walk-in")
    board.locator("#booking").get_by_label(str(people), exact=True).check()
    for field, text in {"name": name, **more}.items():
        board.fill(f"#booking-{field}", text)
    board.click("#booking-do")


def in_column(board: Page, column: str, name: str) -> Locator:
    return board.locator(f"#{column} .guest", has=board.get_by_role("heading", name=name, exact=True))


def test_a_walk_in_from_nothing_to_the_table_and_all_the_way_back(board: Page) -> None:
    name = unique("Walk")
    walk_in(board, name, 3, place="7")
    here = in_column(board, "door", name)
    expect(here).to_be_visible(timeout=SOON)
    expect(here).to_contain_text("3 people")
    expect(board.locator("#booking")).to_be_hidden()
    here.get_by_role("button", name="Seat").click()
    expect(board.locator("#seat-place")).to_have_value("7")
    board.get_by_role("button", name="Seat them").click()
    inside = in_column(board, "inside", name)
    expect(inside).to_be_visible(timeout=SOON)
    inside.get_by_role("button", name="Gone:").click()
    expect(inside).to_have_count(0, timeout=SOON)
    # The last deed first, until there is nothing left of the mistake.
    undo = board.locator("#offer-undo")
    for said, column in ((f"{name}: gone", "inside"), (f"{name}: seated at table 7", "door")):
        expect(board.locator("#offer-say")).to_have_text(said)
        undo.click()
        expect(in_column(board, column, name)).to_be_visible(timeout=SOON)
    expect(board.locator("#offer-say")).to_have_text(f"{name}: at the door")
    undo.click()
    expect(card_of(board, name)).to_have_count(0, timeout=SOON)
    expect(board.locator("#spoken")).to_have_text(f"Taken back: {name}: at the door")


def test_a_wrong_tap_on_who_is_expected_is_undone_and_one_that_a_reader_made_true_is_not(board: Page, outside: Outside) -> None:
    name, phone = unique("Iryna"), f"+49 151 6{uuid.uuid4().int % 10**7:07d}"
    number = outside.member(name, phone)
    outside.tell("bookings", id=uuid.uuid4().hex, at=(datetime.now(UTC) + timedelta(minutes=20)).isoformat(), party=2, phone=phone)
    expected, door = in_column(board, "expected", name), in_column(board, "door", name)
    for _ in range(2):
        expected.get_by_role("button", name="They are here").click()
        expect(door).to_be_visible(timeout=SOON)
        board.click("#offer-undo")
        expect(expected).to_be_visible(timeout=SOON)
        expect(door).to_have_count(0)
    expected.get_by_role("button", name="They are here").click()
    expect(door).to_be_visible(timeout=SOON)
    outside.tell("signals/arrival", card=number, via="nfc")
    board.click("#offer-undo")
    expect(board.locator("#alert")).to_have_text("A reader has seen this guest come. If they have left again, tap “Gone”.")
    expect(door).to_be_visible()


def test_the_way_back_moves_nothing_and_can_be_put_away(board: Page) -> None:
    place = "() => document.querySelector('#door .guest').getBoundingClientRect().top"
    name = unique("Calm")
    walk_in(board, name)
    expect(in_column(board, "door", name)).to_be_visible()
    expect(board.locator("#offer")).to_be_visible()
    before = board.evaluate(place)
    board.click("#offer-close")
    expect(board.locator("#offer")).to_be_hidden()
    assert board.evaluate(place) == before


def test_who_rings_is_booked_by_the_call_changed_and_cancelled(board: Page, outside: Outside) -> None:
    name, phone = unique("Vira"), f"+49 151 5{uuid.uuid4().int % 10**7:07d}"
    outside.member(name, phone)
    outside.tell("signals/call", phone=phone)
    call = board.locator(".call", has_text=name)
    sent: list[dict[str, Any]] = []
    board.on("request", lambda request: sent.append(request.post_data_json) if request.url.endswith("/bookings") else None)
    call.get_by_role("button", name="Book a table").click()
    expect(board.locator("#booking-name")).to_have_value(name)
    masked = f"+49 ··· {phone[-3:]}"
    expect(board.locator("#booking-from")).to_contain_text(masked)
    board.locator("#booking").get_by_label("Another number of people").fill("12")
    board.fill("#booking-notes", "Two prams")
    board.click("#booking-do")
    expected = in_column(board, "expected", name)
    expect(expected).to_be_visible(timeout=SOON)
    expect(expected).to_contain_text("12 people")
    expect(expected).to_contain_text("Two prams")
    expect(call).to_have_count(0)
    [body] = sent
    assert "phone" not in body, "the number never was on this page"
    expected.get_by_role("button", name="Details").click()
    expect(board.locator("#booked-say")).to_contain_text(masked)
    board.click("#booked-change")
    expect(board.locator("#booking-phone")).to_have_value(phone.replace(" ", ""))
    board.locator("#booking").get_by_label("4", exact=True).check()
    board.click("#booking-do")
    expect(expected).to_contain_text("4 people", timeout=SOON)
    board.click("#offer-undo")
    expect(expected).to_contain_text("12 people", timeout=SOON)
    expected.get_by_role("button", name="Details").click()
    board.click("#booked-cancel")
    expect(board.locator("#cancel-what")).to_contain_text(name)
    board.get_by_role("button", name="Cancel the booking").click()
    expect(expected).to_have_count(0, timeout=SOON)


def test_a_booking_of_another_day_is_found_again_changed_and_cancelled(board: Page) -> None:
    name = unique("Lidia")
    board.locator("footer [data-bookings]").click()
    today = board.input_value("#bookings-day")
    board.locator("#bookings [data-close]").click()
    day = (datetime.fromisoformat(today) + timedelta(days=40)).strftime("%Y-%m-%d")
    board.click("#book")
    board.fill("#booking-day", day)
    board.fill("#booking-time", "19:30")
    board.fill("#booking-name", name)
    board.fill("#booking-notes", "By the window")
    board.click("#booking-do")
    expect(board.locator("#offer-say")).to_contain_text(f"{name}: booked for")
    board.locator("footer [data-bookings]").click()
    board.fill("#bookings-day", (datetime.fromisoformat(day) - timedelta(days=1)).strftime("%Y-%m-%d"))
    board.get_by_role("button", name="The next day").click()
    row = board.locator("#bookings-list li", has_text=name)
    expect(row).to_contain_text("2 people")
    expect(row).to_contain_text("By the window")
    expect(board.locator("#bookings-day")).to_have_value(day)
    row.get_by_role("button", name="Change it").click()
    board.locator("#booking").get_by_label("5", exact=True).check()
    board.click("#booking-do")
    expect(row).to_contain_text("5 people")
    row.get_by_role("button", name="Cancel it").click()
    expect(board.locator("#cancel-what")).to_contain_text(name)
    board.get_by_role("button", name="Cancel the booking").click()
    expect(row).to_contain_text("cancelled")
    expect(row.get_by_role("button")).to_have_count(0)


def test_without_a_line_the_bookings_of_a_day_say_so_and_come_when_it_is_back(board: Page) -> None:
    board.locator("footer [data-bookings]").click()
    expect(board.locator("#bookings-say")).not_to_have_text("Looking…")
    board.context.set_offline(True)
    board.get_by_role("button", name="The next day").click()
    expect(board.locator("#bookings-wrong")).to_contain_text("The server does not answer")
    board.context.set_offline(False)
    board.locator("#bookings").get_by_role("button", name="Try again").click()
    expect(board.locator("#bookings-wrong")).to_be_hidden()
    expect(board.locator("#bookings-say")).to_contain_text("·")


def test_who_rings_and_has_booked_is_named_and_the_booking_changes_by_the_call(board: Page, outside: Outside) -> None:
    name, phone = unique("Olha"), f"+49 151 4{uuid.uuid4().int % 10**7:07d}"
    at = datetime.now(UTC) + timedelta(days=3)
    outside.tell("bookings", id=uuid.uuid4().hex, at=at.isoformat(), party=4, name=name, phone=phone)
    outside.tell("signals/call", phone=phone)
    call = board.locator(".call", has_text=name)
    expect(call).to_contain_text("Booked for", timeout=SOON)
    expect(call).to_contain_text("4 people")
    expect(call.get_by_role("button", name="Book a table")).to_be_visible()
    call.get_by_role("button", name="Change the booking").click()
    expect(board.locator("#booking-name")).to_have_value(name)
    board.locator("#booking").get_by_label("6", exact=True).check()
    board.click("#booking-do")
    expect(call).to_have_count(0, timeout=SOON)
    expect(board.locator("#offer-say")).to_contain_text(f"{name}: booking changed")
    board.click("#offer-undo")
    expect(board.locator("#offer")).to_be_hidden()
    outside.tell("signals/call", phone=phone)
    expect(call).to_contain_text("4 people", timeout=SOON)
    call.get_by_role("button", name="Taken").click()
    expect(call).to_have_count(0)


def test_a_tablet_in_another_zone_shows_and_books_by_the_restaurant_s_clock(demo: Demo, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="Asia/Tokyo")
    page = watched(context)
    on_the_board(page, demo)
    berlin = ZoneInfo("Europe/Berlin")
    at = (datetime.now(berlin) + timedelta(hours=2)).replace(second=0, microsecond=0)
    name = unique("Zone")
    page.click("#book")
    assert abs(
        datetime.fromisoformat(f"{page.input_value('#booking-day')}T{page.input_value('#booking-time')}").replace(tzinfo=berlin) - at
    ) < timedelta(hours=2)
    page.fill("#booking-day", at.strftime("%Y-%m-%d"))
    page.fill("#booking-time", at.strftime("%H:%M"))
    page.fill("#booking-name", name)
    with page.expect_response("**/api/v1/bookings") as answered:
        page.click("#booking-do")
    assert datetime.fromisoformat(answered.value.json()["at"]) == at
    expect(in_column(page, "expected", name)).to_contain_text(at.strftime("%H:%M"), timeout=SOON)
    context.close()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1024, 600), (390, 560)])
def test_every_field_of_a_booking_is_whole_when_it_is_typed_into(board: Page, width: int, height: int) -> None:
    board.set_viewport_size({"width": width, "height": height})
    board.click("#book")
    names = ("day", "time", "party", "name", "phone", "place", "notes", "email")
    for wrong in (False, True):
        if wrong:
            board.fill("#booking-phone", "12")
            board.click("#booking-do")
            expect(board.locator("#booking-wrong")).not_to_be_empty()
        for name in (*names, *reversed(names)):
            board.focus(f"#booking-{name}")
            covered = board.evaluate(COVERED, f"booking-{name}")
            assert covered == "", (name, wrong)


# Which edge of a field is not to be seen: above the dialog, or under its buttons.
COVERED = """(id) => {
  const field = document.getElementById(id).getBoundingClientRect();
  const dialog = document.getElementById("booking").getBoundingClientRect();
  const buttons = document.querySelector("#booking .ending").getBoundingClientRect();
  return [field.top < dialog.top && "above", field.bottom > Math.min(buttons.top, innerHeight) && "below"].filter(Boolean).join(" ");
}"""


def test_two_walk_ins_without_a_name_are_told_apart(board: Page) -> None:
    for people in (5, 6):
        walk_in(board, "", people)
        expect(in_column(board, "door", f"New guest, {people} people")).to_be_visible(timeout=SOON)


def test_what_cannot_be_booked_is_said_before_it_is_sent(board: Page) -> None:
    board.click("#book")
    for field, text, said in (
        ("phone", "12", "This number is too short"),
        ("time", "", "Say which day, and at what time."),
        ("day", "2020-01-01", "This hour has passed."),
        ("party", "0", "Say for how many."),
        ("party", "many", "Say for how many."),
    ):
        before = board.input_value(f"#booking-{field}")
        board.fill(f"#booking-{field}", text)
        board.click("#booking-do")
        expect(board.locator("#booking-wrong")).to_contain_text(said)
        board.fill(f"#booking-{field}", before)
    board.locator("#booking").get_by_label("2", exact=True).check()
    expect(board.locator("#booking-party")).to_have_value("")


def test_a_taken_table_is_said_by_name_and_may_be_shared(board: Page, outside: Outside) -> None:
    place, names = f"Bar {uuid.uuid4().hex[:4]}", [unique("First"), unique("Second")]
    for name in names:
        walk_in(board, name)
        in_column(board, "door", name).get_by_role("button", name="Seat").click()
        board.fill("#seat-place", place.upper().replace(" ", ""))
        taken = board.locator("#seat-taken")
        expect(taken).to_have_text("" if name == names[0] else f"Sits there already: {names[0]}. A table may be shared.")
        board.fill("#seat-place", f"{place}x")
        expect(taken).to_have_text("")
        board.fill("#seat-place", place)
        board.get_by_role("button", name="Seat them").click()
        expect(in_column(board, "inside", name)).to_be_visible(timeout=SOON)
    # Who moves is not in their own way.
    in_column(board, "inside", names[1]).get_by_role("button", name="Another table").click()
    expect(board.locator("#seat-taken")).to_have_text(f"Sits there already: {names[0]}. A table may be shared.")
    board.locator("#seat [data-close]").click()
    # Whoever is seated on another board meanwhile is warned of as well.
    third = unique("Third")
    walk_in(board, third)
    in_column(board, "door", third).get_by_role("button", name="Seat").click()
    board.fill("#seat-place", f"{place}-9")
    outside.tell("bookings", id=(other := uuid.uuid4().hex), at=datetime.now(UTC).isoformat(), name="Fourth")
    outside.tell(f"bookings/{other}/seat", place=f"{place}-9")
    expect(board.locator("#seat-taken")).to_contain_text("Fourth", timeout=SOON)


def test_a_table_that_is_booked_soon_or_taken_is_said_to_walk_ins_and_when_seating(board: Page, outside: Outside) -> None:
    place, sits, books = f"T{uuid.uuid4().hex[:4]}", unique("Sits"), unique("Lidia")
    at = datetime.now(UTC) + timedelta(minutes=30)
    outside.tell("bookings", id=uuid.uuid4().hex, at=at.isoformat(), name=books, place=place)
    expect(in_column(board, "expected", books)).to_be_visible(timeout=SOON)
    outside.tell("bookings", id=(other := uuid.uuid4().hex), at=datetime.now(UTC).isoformat(), name=sits)
    outside.tell(f"bookings/{other}/seat", place=place)
    expect(in_column(board, "inside", sits)).to_be_visible(timeout=SOON)
    board.click("#walk-in")
    board.fill("#booking-place", place.lower())
    taken = board.locator("#booking-taken")
    expect(taken).to_contain_text(f"Sits there already: {sits}. A table may be shared. Booked at")
    expect(taken).to_contain_text(f"for {books}.")
    board.fill("#booking-place", f"{place}x")
    expect(taken).to_be_empty()
    board.click("#booking-close")
    board.click("#book")
    board.fill("#booking-place", place)
    expect(taken).to_be_hidden()
    board.click("#booking-close")
    name = unique("Guest")
    walk_in(board, name, place=place)
    in_column(board, "door", name).get_by_role("button", name="Seat").click()
    expect(board.locator("#seat-taken")).to_contain_text(f"for {books}.")
    board.get_by_role("button", name="Seat them").click()
    expect(in_column(board, "inside", name)).to_be_visible(timeout=SOON)


def test_bad_wifi_between_the_two_calls_of_a_walk_in_loses_nobody_and_doubles_nobody(board: Page) -> None:
    name, keys = unique("Wifi"), []

    def lost(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        route.abort()

    board.route("**/signals/arrival", lost)
    walk_in(board, name)
    expect(board.locator("#booking-wrong")).to_contain_text("They are written down under Expected", timeout=15_000)
    expect(board.locator("#booking-name")).to_be_disabled()
    assert len(keys) == 3
    assert len(set(keys)) == 1
    expect(in_column(board, "expected", name)).to_be_attached()
    # Once more, with the line back: the same deed under the same key.
    board.unroute("**/signals/arrival")
    with board.expect_request("**/signals/arrival") as sent:
        board.get_by_role("button", name="Try again").click()
    assert sent.value.headers["idempotency-key"] == keys[0]
    expect(in_column(board, "door", name)).to_have_count(1, timeout=SOON)
    expect(card_of(board, name)).to_have_count(1)


def test_a_walk_in_whose_answers_are_lost_is_one_and_can_be_finished_from_the_expected(board: Page) -> None:
    name = unique("Lost")
    went = []

    def unheard(route: Route) -> None:
        # It arrives, and the answer does not.
        if route.request.url not in went:
            went.append(route.request.url)
            route.fetch()
        route.abort()

    board.route("**/api/v1/bookings", unheard)
    walk_in(board, name)
    expect(board.locator("#booking-wrong")).to_contain_text("The server does not answer", timeout=15_000)
    expect(in_column(board, "expected", name)).to_be_attached()
    board.unroute("**/api/v1/bookings")
    board.route("**/signals/arrival", lambda route: route.abort())
    board.get_by_role("button", name="Try again").click()
    expect(board.locator("#booking-wrong")).to_contain_text("They are written down under Expected", timeout=15_000)
    expect(in_column(board, "expected", name)).to_have_count(1)
    board.click("#booking-close")
    board.unroute("**/signals/arrival")
    expect(board.locator("#board")).to_have_attribute("data-shown", "expected")
    in_column(board, "expected", name).get_by_role("button", name="They are here").click()
    expect(in_column(board, "door", name)).to_have_count(1, timeout=SOON)
    expect(card_of(board, name)).to_have_count(1)


@pytest.mark.parametrize(("size", "language", "scheme"), LOOKS)
def test_the_board_fits_and_can_be_read(demo: Demo, browser: Browser, outside: Outside, size: str, language: str, scheme: str) -> None:
    page = looking(browser, size, language, scheme)
    on_the_board(page, demo, language)
    outside.tell("signals/call", phone="+49 151 00000002")
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    outside.tell("bookings", id=uuid.uuid4().hex, at=later, party=4, name="Wolfeschlegelsteinhausenbergerdorff", phone="+49 151 00000003")
    outside.tell("signals/call", phone="+49 151 00000003")
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
    for opener in ("#walk-in", "#book"):
        page.click(opener)
        sound(page)
        page.click("#booking-close")
    page.click("#walk-in")
    page.fill("#booking-name", unique("Wolfeschlegelsteinhausenbergerdorff"))
    page.click("#booking-do")
    expect(page.locator("#offer")).to_be_visible()
    sound(page)
    page.locator(".tabs [data-tab=expected]").evaluate("tab => tab.click()")
    page.locator("#expected .guest").first.locator("[data-name=details]").click()
    sound(page)
    page.click("#booked-cancel")
    sound(page)
    page.locator("#cancel [data-close]").click()
    page.click("#more-open")
    sound(page)
    opener = page.locator("[data-bookings]:visible")
    if size != "phone":
        page.click("#more-close")
    opener.click()
    expect(page.locator("#bookings-list li").first).to_be_visible()
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
