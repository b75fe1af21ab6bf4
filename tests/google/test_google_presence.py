"""What becomes of Google's calls for people: on the card's page, the operator's, in the figures and in robots.txt."""

from collections.abc import Iterator
from urllib.robotparser import RobotFileParser

import pytest

from tests.cast import House, issue_card
from tests.google.keyhouse import ADDRESS, Wallet, at_google, counted, open_keyhouse, opened
from tests.tills import signed_in
from walletpass import database, google
from walletpass.app import App
from walletpass.config import Settings
from walletpass.google import watch
from walletpass.google.models import GoogleObject
from walletpass.sandbox.googlecalls import HOUR, REMOVED, SAVED, now_ms


@pytest.fixture
def wallet(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wallet]:
    with open_keyhouse() as keyhouse:
        wallet = opened(db, keyhouse, monkeypatch)
        watch.refresh_keys()
        yield wallet


def test_googlebot_may_call_and_fetch_pictures_and_nobody_may_look_at_a_guest(wallet: Wallet) -> None:
    robots = RobotFileParser()
    robots.parse(wallet.phone.get("/robots.txt").text.splitlines())
    for path in (ADDRESS, "/artwork/0123456789abcdef/google_logo.png"):
        assert robots.can_fetch("Googlebot", f"https://cards.luna.example{path}"), path
    for agent in ("Googlebot", "Bingbot", "*"):
        for path in (
            f"/c/luna/{wallet.house.ana.link}",
            f"/c/luna/{wallet.house.ana.link}/google",
            "/t/luna",
            "/api/v1/earn",
            "/apple/v1/log",
        ):
            assert not robots.can_fetch(agent, f"https://cards.luna.example{path}"), (agent, path)
        assert robots.can_fetch(agent, "https://cards.luna.example/j/luna-table")


def test_the_cards_page_says_where_it_is(wallet: Wallet) -> None:
    def page(**headers: str) -> str:
        return str(wallet.phone.get(f"/c/luna/{wallet.house.ana.link}", headers=headers).text)

    assert "Google Wallet since" not in page()
    wallet.hear(SAVED, expires_ms=now_ms() + HOUR)
    assert "In Google Wallet since" in page()
    wallet.hear(REMOVED, expires_ms=now_ms() + HOUR + 1)
    assert "Removed from Google Wallet on" in page()
    with database.transaction() as session:
        session.get_one(GoogleObject, ("luna", wallet.house.ana.id)).saved = True
    told = page()
    assert "In Google Wallet" in told
    assert "since" not in told


def test_the_operator_sees_how_many_cards_are_in_google_wallet(wallet: Wallet) -> None:
    with database.transaction() as session:
        for number in range(3):
            card = issue_card(session, wallet.house.program, f"Guest {number}", f"+49 151 2345678{number}")
            at_google(session, card)
            session.flush()
            row = session.get_one(GoogleObject, ("luna", card.id))
            row.saved, row.removed_at = number > 0, None if number == 2 else database.now()
    with database.reading() as session:
        assert google.count(session, "luna") == google.Count(2, 1)
    page = signed_in(wallet.app, wallet.house, "Clara").get("/t/luna/deliveries").text
    words = page[page.index('id="in-google"') :]
    assert words.index(">2<") < words.index(">1<")


def test_a_restaurant_without_google_is_told_nothing_of_it(luna: House, app: App) -> None:
    assert 'id="in-google"' not in signed_in(app, luna, "Clara").get("/t/luna/deliveries").text


def test_what_was_refused_is_counted_for_prometheus(wallet: Wallet) -> None:
    wallet.post(wallet.signer.forged("bad chain", *wallet.about(), SAVED))
    line = f'walletpass_google_calls_refused_total{{reason="bad_chain"}} {float(counted("bad_chain"))}'
    assert line in wallet.phone.get("/metrics").text.splitlines()
