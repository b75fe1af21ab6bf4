"""An evening on which the Wi-Fi goes: nothing that a waiter typed is lost, and nothing is booked twice."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect
from sqlmodel import col, select

from tests.browser.conftest import watched
from tests.browser.walks import kept_by_worker, sign_in
from tests.chromium import FLAGS
from tests.demo import Demo, wait_for
from walletpass import config, database
from walletpass.cards import Card
from walletpass.ledger import Entry

QUEUE = """program => new Promise((resolve, reject) => {
  const opening = indexedDB.open(`walletpass.till.${program}`);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const all = opening.result.transaction("queue").objectStore("queue").getAll();
    all.onsuccess = () => { opening.result.close(); resolve(all.result); };
  };
})"""

PUT_BACK = """([program, rows]) => new Promise((resolve, reject) => {
  const opening = indexedDB.open(`walletpass.till.${program}`);
  opening.onsuccess = () => {
    const writing = opening.result.transaction("queue", "readwrite");
    for (const row of rows) writing.objectStore("queue").put(row);
    writing.oncomplete = () => { opening.result.close(); resolve(); };
    writing.onabort = () => reject(writing.error);
  };
})"""


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US", has_touch=True)
    yield context
    context.close()


@pytest.fixture
def ledger_of_the_demo(demo: Demo) -> Iterator[None]:
    database.bind(config.use(config.load(demo.environment())).database_url)
    yield
    database.unbind()


def ready_till(context: BrowserContext, demo: Demo, name: str = "Bruno") -> Page:
    """Signed in, and kept by its worker."""
    till = watched(context)
    sign_in(till, demo, name)
    kept_by_worker(till)
    expect(till.locator("#till")).to_have_attribute("data-screen", "idle")
    return till


def find(till: Page, number: str) -> None:
    till.fill("#number", number)
    till.locator("#number").press("Enter")


def keep(till: Page, number: str, amount: str) -> None:
    find(till, number)
    expect(till.locator("#unknown")).to_be_visible()
    till.fill("#unknown-amount", amount)
    till.locator("#unknown-amount").press("Enter")
    expect(till.locator("#done-title")).to_have_text("Kept: the points are added later")
    till.click("#next-guest")


def queue(till: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = till.evaluate(QUEUE, "luna")
    return sorted(found, key=lambda entry: entry["queued"])


def states(till: Page) -> list[str]:
    return sorted(entry["state"] for entry in queue(till))


def offline(context: BrowserContext, till: Page, *, gone: bool = True) -> None:
    context.set_offline(gone)
    expect(till.locator("#till")).to_have_attribute("data-network", "down" if gone else "up")


def earns(number: str) -> list[Entry]:
    with database.reading() as session:
        card = session.exec(select(Card).where(col(Card.program_id) == "luna", col(Card.number) == number)).one()
        return list(session.exec(select(Entry).where(col(Entry.card_id) == card.id, col(Entry.type) == "earn")).all())


def test_twelve_checks_without_a_network_settle_once_each(demo: Demo, phone: BrowserContext, ledger_of_the_demo: None) -> None:
    number = demo.card_with(0)
    till = ready_till(phone, demo)
    offline(phone, till)
    for check in range(12):
        if check == 5:
            # The tab is closed and opened again without a network: the worker has kept the page, and who is signed in.
            till.close()
            till = watched(phone)
            till.goto(demo.program()["till_url"])
            expect(till.locator("#till")).to_have_attribute("data-network", "down")
        keep(till, number, f"{10 + check}.00")
    expect(till.locator("#queue-count")).to_have_text("12")
    waiting = queue(till)
    also_by_the_pos = waiting[7]["body"]
    assert demo.api("earn", {name: also_by_the_pos[name] for name in ("card", "check_id", "amount")}).status_code == 200
    offline(phone, till, gone=False)
    wait_for(lambda: states(till) == ["applied"] * 11 + ["duplicate"], told=lambda: str(queue(till)))
    assert len(earns(number)) == 12
    assert sum(entry.delta for entry in earns(number)) == sum(range(10, 22)) * 10
    # The whole queue once more, as if the device had forgotten that it was sent: nothing new.
    till.evaluate(PUT_BACK, ["luna", waiting])
    till.reload()
    wait_for(lambda: states(till) == ["applied"] * 11 + ["duplicate"], told=lambda: str(queue(till)))
    assert all(entry["again"] for entry in queue(till) if entry["state"] == "applied")
    assert len(earns(number)) == 12
    expect(till.locator("#queue-count")).to_have_text("1")
    till.click("#queue-open")
    row = till.locator("#queue-list .duplicate")
    expect(row).to_contain_text("Had its points already: nothing was added twice")
    expect(till.locator("#queue-list .applied")).to_have_count(11)
    row.get_by_role("button").click()
    expect(till.locator("#queue-list .duplicate")).to_have_count(0)
    assert states(till) == ["applied"] * 11


def test_two_tabs_send_each_check_once(demo: Demo, phone: BrowserContext, ledger_of_the_demo: None) -> None:
    number = demo.card_with(0)
    till = ready_till(phone, demo)
    other = watched(phone)
    other.goto(demo.program()["till_url"])
    offline(phone, till)
    for _ in range(4):
        keep(till, number, "10.00")
    phone.set_offline(False)
    wait_for(lambda: states(till) == ["applied"] * 4)
    assert not any(entry["again"] for entry in queue(till))
    assert len(earns(number)) == 4
    expect(other.locator("#queue-open")).to_be_hidden()


def test_a_check_of_a_known_guest_is_kept_when_the_answer_does_not_come(
    demo: Demo, phone: BrowserContext, ledger_of_the_demo: None
) -> None:
    """The server books it and its answer is lost: the till keeps it, sends it again, and it counts once."""
    number = demo.card_with(300)
    till = ready_till(phone, demo)
    find(till, number)
    expect(till.locator("#guest-name")).to_be_visible()
    lost = []

    def lose(route: Any) -> None:
        lost.append(route.request.headers["idempotency-key"])
        route.fetch()
        route.abort()

    till.route("**/api/v1/earn", lose)
    till.fill("#amount", "20.00")
    till.click("#confirm")
    expect(till.locator("#done-title")).to_have_text("Kept: the points are added later")
    till.unroute("**/api/v1/earn")
    wait_for(lambda: [entry["again"] for entry in queue(till) if entry["state"] == "applied"] == [True], 30, lambda: str(queue(till)))
    assert len(set(lost)) == 1
    assert [entry.delta for entry in earns(number)] == [300, 200]


def test_points_do_not_pay_without_a_network_and_the_till_says_why(demo: Demo, phone: BrowserContext) -> None:
    number = demo.card_with(900)
    till = ready_till(phone, demo)
    find(till, number)
    till.fill("#amount", "10.00")
    expect(till.locator("#redeem-hint")).to_contain_text("at most 500 points")
    offline(phone, till)
    expect(till.locator("#redeem-hint")).to_contain_text("Not without the network")
    expect(till.locator("#points")).to_be_disabled()
    till.click("#confirm")
    expect(till.locator("#done-title")).to_have_text("Kept: the points are added later")
    offline(phone, till, gone=False)
    wait_for(lambda: states(till) == ["applied"])


def test_a_refused_check_stays_until_somebody_has_read_why(demo: Demo, phone: BrowserContext) -> None:
    """A number that is right by its check digit and nobody's: it is found out only later."""
    till = ready_till(phone, demo)
    offline(phone, till)
    till.fill("#number", "11111111")
    till.locator("#number").press("Enter")
    expect(till.locator("#number-wrong")).to_contain_text("typing mistake")
    keep(till, "99999997", "10.00")
    offline(phone, till, gone=False)
    expect(till.locator("#queue-word")).to_have_text("Please look")
    till.reload()
    till.click("#queue-open")
    row = till.locator("#queue-list .conflict")
    expect(row).to_contain_text("€10.00 · card …9997")
    expect(row.locator(".became")).to_have_text(re.compile(r"^(Not our card|This card is not known here)"))
    row.get_by_role("button").click()
    expect(till.locator("#queue-open")).to_be_hidden()


def test_what_is_kept_survives_a_browser_that_is_killed_and_a_session_that_ended(
    demo: Demo, playwright: Playwright, chromium: str, tmp_path: Any, ledger_of_the_demo: None
) -> None:
    number = demo.card_with(0)

    def start() -> BrowserContext:
        return playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=chromium, args=list(FLAGS), viewport={"width": 390, "height": 844}, locale="en-US"
        )

    context = start()
    till = ready_till(context, demo)
    offline(context, till)
    keep(till, number, "30.00")
    context.close()
    context = start()
    till = watched(context)
    # The sign-in was a cookie of the browser's session, and went with it.
    till.goto(demo.program()["till_url"])
    expect(till.locator("#sign-in")).to_be_visible()
    assert earns(number) == []
    sign_in(till, demo, "Bruno")
    wait_for(lambda: len(earns(number)) == 1)
    context.close()


def test_a_session_that_ends_on_the_way_leaves_the_queue_waiting_and_says_so(
    demo: Demo, phone: BrowserContext, ledger_of_the_demo: None
) -> None:
    number = demo.card_with(0)
    till = ready_till(phone, demo)
    offline(phone, till)
    keep(till, number, "30.00")
    phone.clear_cookies(name="staff_luna")
    offline(phone, till, gone=False)
    till.click("#queue-open")
    expect(till.locator("#queue-say")).to_contain_text("Sign in, and the checks are sent.")
    assert states(till) == ["waiting"]
    till.click("#queue-sign-in")
    till.get_by_label("Bruno").check()
    till.locator("[name=pin]").fill(demo.pin("Bruno"))
    till.get_by_role("button", name="Sign in").click()
    wait_for(lambda: len(earns(number)) == 1)


def test_signing_out_puts_the_kept_page_away(demo: Demo, phone: BrowserContext) -> None:
    till = ready_till(phone, demo)
    till.locator("form[action*=sign-out] button").click()
    expect(till.locator("#sign-in")).to_be_visible()
    phone.set_offline(True)
    till.goto(demo.program()["till_url"])
    expect(till.locator("h1")).to_have_text("No network")
    assert "Bruno" not in till.content()


def test_without_a_network_nobody_is_signed_out_and_the_till_says_so(demo: Demo, phone: BrowserContext) -> None:
    till = ready_till(phone, demo)
    offline(phone, till)
    till.locator("#sign-out button").click()
    expect(till.locator("#alert")).to_have_text("No network: nobody is signed out. Sign out when it is back.")
    # Nor by a page that does not ask first, as the board's.
    till.evaluate("document.getElementById('sign-out').submit()")
    expect(till.locator("h1")).to_have_text("No network")
    till.goto(demo.program()["till_url"])
    expect(till.locator("#sign-out")).to_contain_text("Bruno")
    till.locator("#sign-out button").click()
    expect(till.locator("#alert")).to_contain_text("nobody is signed out")
    offline(phone, till, gone=False)
    expect(till.locator("#alert")).to_be_empty()
    till.locator("#sign-out button").click()
    expect(till.locator("#sign-in")).to_be_visible()
    assert till.evaluate("caches.has('walletpass.till.luna.page')") is False


def test_nothing_of_a_guest_is_kept_in_the_pages_of_the_worker(demo: Demo, phone: BrowserContext) -> None:
    number = demo.card_with(700, name="Canary Kenar")
    till = ready_till(phone, demo)
    find(till, number)
    expect(till.locator("#guest-name")).to_have_text("Canary Kenar")
    till.reload()
    kept = till.evaluate(
        """async () => { const texts = [];
          for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) {
            const answer = await caches.match(request); texts.push(request.url + (await answer.clone().text())); }
          return texts; }"""
    )
    assert len(kept) > 20
    assert any("Bruno" in text for text in kept)
    assert not [text[:80] for text in kept if "Canary" in text or number in text]


def test_the_manifest_makes_an_app_of_the_till(demo: Demo, phone: BrowserContext) -> None:
    till = ready_till(phone, demo)
    link = till.locator("link[rel=manifest]").get_attribute("href")
    for language, words in (("en", "till"), ("uk", "каса"), ("ru", "касса")):
        described = json.loads(till.request.get(f"{demo.base}{link}?lang={language}").text())
        assert described["start_url"].startswith("/t/luna")
        assert (described["display"], described["lang"]) == ("standalone", language)
        assert words in described["name"] or language != "en"
        for icon in described["icons"]:
            image = requests.get(demo.base + icon["src"], timeout=10)
            assert image.headers["Content-Type"] == "image/png"
    errors = phone.new_cdp_session(till).send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A private window is never offered an app; nothing else may stand in the way.
    assert [error["errorId"] for error in errors] in ([], ["in-incognito"])
