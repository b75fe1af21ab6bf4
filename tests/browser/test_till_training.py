"""A new waiter trains: the same screens with invented guests, and nothing is booked. Every dialog of the till is walked here."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watched
from tests.browser.test_till_guest import IN_FRONT
from tests.browser.walks import sign_in
from tests.demo import Demo, wait_for


@pytest.fixture
def trainee(demo: Demo, browser: Browser) -> Iterator[Page]:
    """A phone in training, and the requests that it made since."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US", has_touch=True)
    till = watched(context)
    sign_in(till, demo, "Bruno")
    till.click("#more-open")
    with till.expect_navigation():
        # Not `check`, which looks at the box afterwards: it is on another page by then.
        till.get_by_label("Training").click()
    expect(till.locator("#practising")).to_have_text("Training: nothing is booked")
    yield till
    context.close()


@pytest.fixture
def asked(trainee: Page) -> list[str]:
    paths: list[str] = []
    trainee.on("request", lambda request: paths.append(request.url) if "/api/" in request.url else None)
    return paths


def take(till: Page, name: str) -> None:
    till.click("#practice-open")
    till.locator("#practice-list").get_by_text(name).click()


def test_a_regular_and_a_first_timer_are_told_apart_and_nothing_leaves(trainee: Page, asked: list[str]) -> None:
    take(trainee, "Maria Kovalenko")
    expect(trainee.locator("#guest-name")).to_have_text("Maria Kovalenko")
    expect(trainee.locator("#flag-regular")).to_be_visible()
    expect(trainee.locator("#flag-first")).to_be_hidden()
    expect(trainee.locator("#loves")).to_have_text("Loves: Risotto with mushrooms, Tiramisu, Lemonade")
    expect(trainee.locator("#say-guest")).to_have_text("Say: “Welcome back, Maria!”")
    trainee.fill("#amount", "84.50")
    trainee.fill("#points", "500")
    trainee.click("#confirm")
    expect(trainee.locator("#done-points")).to_have_text("1,535")
    trainee.click("#next-guest")
    take(trainee, "Artem")
    expect(trainee.locator("#flag-first")).to_be_visible()
    expect(trainee.locator("#say-guest")).to_have_text("Say: “Artem, it is your first time with us: welcome!”")
    trainee.click("#not-this-guest")
    take(trainee, "Sofia Lysenko")
    trainee.fill("#amount", "30.00")
    expect(trainee.locator("#redeem-hint")).to_have_text("Not while points are owed")
    trainee.click("#not-this-guest")
    take(trainee, "A bottle’s barcode")
    expect(trainee.locator("#alert")).to_have_text("Not our card.")
    take(trainee, "A code that has run out")
    expect(trainee.locator("#alert")).to_contain_text("This code has run out")
    assert asked == []


def test_name_average_last_visit_favourites_and_maximum_are_in_sight_at_once(trainee: Page) -> None:
    take(trainee, "Maria Kovalenko")
    expect(trainee.locator("#guest-name")).to_be_visible()
    assert trainee.evaluate("scrollY") == 0
    for place in ("guest-name", "guest-points", "visits", "average", "last-visit", "loves", "amount", "points-all", "confirm"):
        assert trainee.locator(f"#{place}").evaluate(IN_FRONT), f"#{place} is covered or out of sight"


def test_nothing_jumps_when_the_guest_and_an_error_arrive(trainee: Page) -> None:
    box = trainee.locator("#number").bounding_box()
    take(trainee, "A bottle’s barcode")
    expect(trainee.locator("#alert")).to_have_text("Not our card.")
    assert trainee.locator("#number").bounding_box() == box
    take(trainee, "Ivan Petrenko")
    confirm = trainee.locator("#confirm").bounding_box()
    trainee.fill("#amount", "90.00")
    trainee.fill("#points", "9999")
    assert trainee.locator("#confirm").bounding_box() == confirm


def test_many_points_ask_for_proof_and_go_on_with_it(trainee: Page) -> None:
    take(trainee, "Ivan Petrenko")
    trainee.fill("#amount", "90.00")
    trainee.fill("#points", "3000")
    trainee.click("#confirm")
    expect(trainee.locator("#factor-title")).to_be_visible()
    trainee.get_by_role("button", name="Send a code to the card").click()
    for digit in "9999":
        trainee.locator(f"#factor-keys [data-digit='{digit}']").click()
    trainee.click("#factor-confirm")
    expect(trainee.locator("#factor-wrong")).to_have_text("This does not fit. Look at it once more.")
    for digit in "12349":
        trainee.locator(f"#factor-keys [data-digit='{digit}']").click()
    trainee.locator("#factor-keys [data-rub]").click()
    trainee.click("#factor-confirm")
    expect(trainee.locator("#done-points")).to_have_text("1,600")


def test_without_proof_the_guest_pays_without_points(trainee: Page) -> None:
    take(trainee, "Ivan Petrenko")
    trainee.fill("#amount", "90.00")
    trainee.fill("#points", "3000")
    trainee.click("#confirm")
    trainee.click("#factor-cancel")
    expect(trainee.locator("#factor")).to_be_hidden()
    expect(trainee.locator("#guest-name")).to_be_visible()
    expect(trainee.locator("#amount")).to_have_value("90.00")


def test_a_check_goes_to_the_right_guest_from_the_last_screen_and_from_the_list(trainee: Page) -> None:
    take(trainee, "Maria Kovalenko")
    trainee.fill("#amount", "10.00")
    trainee.click("#confirm")
    trainee.click("#done-move")
    trainee.fill("#move-number", "0000 1016")
    trainee.click("#move-confirm")
    expect(trainee.locator("#move-wrong")).to_contain_text("This is the guest who has it now")
    trainee.fill("#move-number", "0000 1040")
    trainee.click("#move-confirm")
    expect(trainee.locator("#move-from")).to_have_text("Maria Kovalenko")
    expect(trainee.locator("#move-to")).to_have_text("Ivan Petrenko")
    trainee.click("#move-confirm")
    expect(trainee.locator("#done-title")).to_have_text("Moved. Ivan Petrenko now has")
    expect(trainee.locator("#done-points")).to_have_text("4,100")
    trainee.click("#next-guest")
    take(trainee, "Ivan Petrenko")
    trainee.get_by_role("button", name="Move to another guest").click()
    trainee.fill("#move-number", "0000 1016")
    trainee.click("#move-confirm")
    expect(trainee.locator("#move-to")).to_have_text("Maria Kovalenko")
    trainee.click("#move-confirm")
    expect(trainee.locator("#status")).to_have_text("Moved to Maria Kovalenko.")
    expect(trainee.locator("#guest-points")).to_have_text("4,000")


def test_a_guest_is_found_by_name(trainee: Page) -> None:
    trainee.click("#search-open")
    trainee.fill("#search-text", "maria")
    trainee.locator("#search-text").press("Enter")
    trainee.locator("#search-list button").click()
    expect(trainee.locator("#guest-name")).to_have_text("Maria Kovalenko")


def test_the_lines_to_say_can_be_switched_off_for_this_till(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "Bruno")
    expect(page.locator("#say-idle")).to_have_text("Ask: “May I see your Trattoria Luna card?”")
    page.click("#more-open")
    page.get_by_label("What to say").uncheck()
    page.click("#more-close")
    expect(page.locator("#say-idle")).to_be_hidden()
    page.reload()
    expect(page.locator("#say-idle")).to_be_hidden()


def test_a_practice_card_at_a_till_that_does_not_train_finds_nobody(demo: Demo, page: Page) -> None:
    sign_in(page, demo, "Bruno")
    page.fill("#number", "0000 1016")
    page.locator("#number").press("Enter")
    expect(page.locator("#alert")).to_have_text("This is a practice card. Switch Training on under More.")


@pytest.mark.parametrize("size", [(390, 844), (1024, 768)])
def test_a_new_version_is_offered_on_the_idle_screen_and_never_during_a_check(demo: Demo, browser: Browser, size: tuple[int, int]) -> None:
    number = demo.card_with(100)
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-US")
    till = watched(context)
    sign_in(till, demo, "Bruno")
    till.evaluate("navigator.serviceWorker.ready")
    till.fill("#number", number)
    till.locator("#number").press("Enter")
    expect(till.locator("#guest-name")).to_be_visible()
    # Another worker stands ready, as after an update of the server: the same one from another address.
    till.evaluate("navigator.serviceWorker.register('/t/luna/worker.js?newer', {scope: '/t/luna', type: 'module'}).then(() => 1)")
    wait_for(lambda: till.evaluate("navigator.serviceWorker.getRegistration('/t/luna').then(one => Boolean(one.waiting))"))
    expect(till.locator("#update")).to_be_hidden()
    till.click("#not-this-guest")
    expect(till.locator("#update")).to_be_visible()
    with till.expect_navigation():
        till.click("#update-now")
    expect(till.locator("#till")).to_have_attribute("data-screen", "idle")
    expect(till.locator("#update")).to_be_hidden()
    context.close()
