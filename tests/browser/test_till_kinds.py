"""Cards that count something else than points: the till says it in their words, and takes it as they do."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, delete

from tests.browser.walks import sign_in
from tests.demo import Demo
from walletpass import config, database, programs
from walletpass.programs import Tier

PROGRAM, MANAGER = "sova", "Taras"


@pytest.fixture
def ruled(demo: Demo) -> Iterator[Callable[..., None]]:
    """Sova's rules, and back as they were."""
    settings = config.use(config.load(demo.environment()))
    database.bind(settings.database_url)
    before: dict[str, Any] = {}

    def put(**rules: Any) -> None:
        with database.transaction() as session:
            program = programs.get(session, PROGRAM)
            for name, value in rules.items():
                before.setdefault(name, getattr(program, name))
                setattr(program, name, value)
            session.add(program)

    yield put
    put(**before)
    with database.transaction() as session:
        session.exec(delete(Tier).where(col(Tier.program_id) == PROGRAM))
    database.unbind()


def look_up(till: Page, number: str, amount: str) -> None:
    till.fill("#number", number)
    till.locator("#number").press("Enter")
    expect(till.locator("#guest-name")).to_be_visible()
    till.fill("#amount", amount)


def test_the_third_coffee_is_free(demo: Demo, page: Page, ruled: Callable[..., None]) -> None:
    ruled(kind="stamps", stamp_goal=2, second_factor_above=1_000)
    number = demo.card_with(0, PROGRAM)
    sign_in(page, demo, MANAGER, PROGRAM)
    for so_far, missing in (("0 of 2", "2 more stamps to the reward"), ("1 of 2", "1 more stamp to the reward")):
        look_up(page, number, "3.50")
        expect(page.locator("#guest-points")).to_have_text(so_far)
        expect(page.locator("#redeem-hint")).to_have_text(missing)
        expect(page.locator("#points-all")).to_be_disabled()
        expect(page.locator("#confirm")).to_have_text("Add 1 stamp")
        page.click("#confirm")
        page.click("#next-guest")
    look_up(page, number, "3.50")
    expect(page.locator("#redeem-title")).to_have_text("1 reward ready")
    expect(page.locator("#points")).to_be_hidden()
    page.click("#points-all")
    expect(page.locator("#guest-pays")).to_contain_text("0.00")
    page.click("#confirm")
    expect(page.locator("#done-lines")).to_contain_text("2 stamps taken for the reward")
    expect(page.locator("#done-points")).to_have_text("1 of 2")


def test_cashback_is_money_on_every_screen(demo: Demo, page: Page, ruled: Callable[..., None]) -> None:
    ruled(kind="cashback", point_value=1, earn_bps=500, cap_percent=50, minimum_points=0, second_factor_above=100_000)
    number = demo.card_with(0, PROGRAM)
    demo.earn(number, 20_000, PROGRAM)
    sign_in(page, demo, MANAGER, PROGRAM)
    look_up(page, number, "12.00")
    expect(page.locator("#guest-points")).to_contain_text("10.00")
    expect(page.locator("#redeem-hint")).to_contain_text("6.00")
    page.fill("#points", "7.00")
    expect(page.locator("#confirm")).to_contain_text("At most")
    page.fill("#points", "5.00")
    expect(page.locator("#guest-pays")).to_contain_text("7.00")
    expect(page.locator("#earns")).to_contain_text("0.35")
    page.click("#confirm")
    expect(page.locator("#done-points")).to_contain_text("5.35")


def test_a_discount_has_no_points_and_the_tier_takes_it_off(demo: Demo, page: Page, ruled: Callable[..., None]) -> None:
    ruled(kind="discount", tier_by="spend")
    with database.transaction() as session:
        session.add(Tier(program_id=PROGRAM, position=1, name="Gold", threshold=100, earn_bps=0, discount_percent=10))
    number = demo.card_with(0, PROGRAM)
    demo.earn(number, 20_000, PROGRAM)
    sign_in(page, demo, MANAGER, PROGRAM)
    look_up(page, number, "42.00")
    expect(page.locator("#guest-points-word")).to_have_text("Gold")
    expect(page.locator("#redeem")).to_be_hidden()
    expect(page.locator("#guest-pays")).to_contain_text("37.80")
    page.click("#confirm")
    expect(page.locator("#done-points")).to_have_text("10 %")


def test_what_a_tier_earns_is_on_the_button_with_and_without_the_network(demo: Demo, page: Page, ruled: Callable[..., None]) -> None:
    ruled(tier_by="spend", earn_bps=1_000)
    with database.transaction() as session:
        session.add(Tier(program_id=PROGRAM, position=1, name="Gold", threshold=100, earn_bps=2_000, discount_percent=0))
    number = demo.card_with(0, PROGRAM)
    demo.earn(number, 20_000, PROGRAM)
    sign_in(page, demo, MANAGER, PROGRAM)
    page.route("**/api/v1/quote", lambda route: route.abort())
    look_up(page, number, "10.00")
    expect(page.locator("#confirm")).to_have_text("Add 200 points")
