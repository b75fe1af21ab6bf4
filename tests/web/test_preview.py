"""The design on a page: for a manager at the till, and live for whoever edits it."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.cards.design_folder import TOML, write_design
from tests.cast import House, make_app
from tests.tills import signed_in, till_browser
from walletpass import database, programs
from walletpass.config import Settings
from walletpass.web import drawn
from walletpass.web.draft import make_preview_app

SHIPPED = Path(Settings.designs_dir)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_design(tmp_path / "whole")


@pytest.fixture
def browser(folder: Path) -> FlaskClient:
    return make_preview_app(folder).test_client()


def pictures(page: str) -> set[str]:
    return set(re.findall(r'src="(/(?:artwork|code)/[^"]+)"', page))


@pytest.mark.parametrize("name", ["bistro", "coffee", "club"])
def test_a_page_shows_both_wallets_front_and_back_in_all_languages(name: str) -> None:
    page = make_preview_app(SHIPPED / name).test_client().get("/").text
    assert page.count('aria-label="Apple Wallet"') == page.count('aria-label="Google Wallet"') == 3
    assert page.count('<article class="back"') == 9
    for word in ("Guest", "Гість", "Гость", "Ana", "Олена", "Елена", "Coat ticket"):
        assert word in page
    assert "lbl_" not in page
    assert "txt_" not in page


def test_every_picture_of_the_page_is_there(browser: FlaskClient) -> None:
    page = browser.get("/?stamps=2")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    found = pictures(page.text)
    assert any(".strip@3x.stamps-2-of-5.png" in path for path in found)
    assert any(".google_hero.stamps-2-of-5.png" in path for path in found)
    for path in found:
        assert browser.get(path).status_code == 200, path
    colours = re.search(r'href="(/colours/plain.css[^"]*)"', page.text)
    assert colours is not None
    assert "--card-background: rgb(20, 30, 40);" in browser.get(colours[1]).text


def test_a_choice_of_language_and_stamps_is_kept_in_every_link(browser: FlaskClient) -> None:
    page = browser.get("/?language=uk&stamps=4").text
    assert page.count('aria-label="Apple Wallet"') == 1
    assert "Олена" in page
    assert 'href="?language=uk&amp;palette=plain&amp;stamps=5"' not in page
    assert 'href="?language=uk&amp;stamps=5"' in page
    assert 'href="?stamps=4"' in page


@pytest.mark.parametrize("query", ["stamps=-1", "stamps=99", "stamps=x", "palette=nobody", "language=tlh", "lang=%00"])
def test_a_nonsense_choice_is_a_page_all_the_same(browser: FlaskClient, query: str) -> None:
    answer = browser.get(f"/?{query}")
    assert answer.status_code == 200
    for path in pictures(answer.text):
        assert browser.get(path).status_code == 200


def test_an_edit_is_seen_and_no_edit_is_304(browser: FlaskClient, folder: Path) -> None:
    first = browser.get("/cards")
    tag = first.headers["ETag"]
    assert browser.get("/cards", headers={"If-None-Match": tag}).status_code == 304
    (folder / "design.toml").write_text(TOML.replace("total = 5", "total = 7"), "utf-8")
    second = browser.get("/cards", headers={"If-None-Match": tag})
    assert second.status_code == 200
    assert "3/7" in second.text
    assert second.headers["ETag"] != tag


def test_a_broken_edit_lists_its_faults_over_the_last_sound_cards(browser: FlaskClient, folder: Path) -> None:
    browser.get("/")
    (folder / "design.toml").write_text(TOML.replace("#14283c", "<navy>").replace('"header"', '"top"'), "utf-8")
    page = browser.get("/cards").text
    assert "2 faults" in page
    assert "accent must be a colour like #14283c, not &#39;&lt;navy&gt;&#39;." in page
    assert "slot must be one of" in page
    assert "as it last was sound" in page
    assert 'aria-label="Apple Wallet"' in page
    (folder / "design.toml").write_text(TOML, "utf-8")
    assert "faults" not in browser.get("/cards").text


def test_a_design_that_never_was_sound_is_only_its_faults(folder: Path) -> None:
    (folder / "design.toml").write_text("[", "utf-8")
    page = make_preview_app(folder).test_client().get("/").text
    assert "1 fault" in page
    assert "design.toml is not TOML" in page
    assert "as it last was sound" not in page
    assert "<article" not in page


@pytest.mark.parametrize(
    "path", ["/artwork/0000000000000000/icon.png", "/artwork/x/..%2f..%2fdesign.toml", "/colours/none.css", "/nothing"]
)
def test_nothing_else_of_the_machine_is_shown(browser: FlaskClient, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_only_this_machine_may_ask_by_its_own_name(browser: FlaskClient) -> None:
    assert browser.get("/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("kind", ["QR", "Aztec", "PDF417", "Code128"])
def test_every_kind_of_code_is_drawn(kind: str) -> None:
    assert drawn.code_svg(kind, "1042") == drawn.code_svg(kind, "1042")
    assert drawn.code_svg(kind, "1042").startswith("<svg xmlns=")


def test_a_manager_sees_the_restaurants_own_design_and_its_own_words(luna: House) -> None:
    with database.transaction() as session:
        program = programs.get(session, "luna")
        program.phone = "+49 30 7654321"
        session.add(program)
    browser = signed_in(make_app(), luna, "Clara")
    page = browser.get("/t/luna/design")
    assert page.status_code == 200
    assert "Trattoria Luna" in page.text
    assert "+49 30 7654321" in page.text
    assert "Parkstrasse 12" in page.text
    assert "preview.js" not in page.text
    assert "sova" not in page.text
    found = pictures(page.text) | set(re.findall(r'src="(/t/luna/design/[^"]+)"', page.text))
    assert len(found) > 5
    for path in found:
        assert browser.get(path).status_code == 200, path


def test_a_stamp_cards_pictures_are_served_by_the_house(luna: House) -> None:
    with database.transaction() as session:
        program = programs.get(session, "luna")
        program.design, program.palette = "coffee", "night"
        session.add(program)
    browser = signed_in(make_app(), luna, "Clara")
    page = browser.get("/t/luna/design?stamps=6").text
    found = [path for path in pictures(page) if "stamps-6-of-10" in path]
    assert len(found) == 2
    for path in found:
        answer = browser.get(path)
        assert answer.mimetype == "image/png"
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_cashier_and_a_stranger_do_not_see_it(luna: House) -> None:
    app = make_app()
    assert signed_in(app, luna, "Bruno").get("/t/luna/design").status_code == 403
    assert till_browser(app)[0].get("/t/luna/design").status_code == 302
    assert app.test_client().get("/t/luna/design").status_code == 302
