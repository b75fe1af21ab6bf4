"""What a browser is given so that the till can be installed, opened without a network, and trained with."""

import io
import json
import re

import pytest
from PIL import Image

from tests.tills import person, signed_in, till_browser
from walletpass import config
from walletpass.cards import codes
from walletpass.programs import Program
from walletpass.web import kept
from walletpass.web.practice_cards import CODES, NUMBERS


def worker_of(browser):
    answer = browser.get("/t/luna/worker.js")
    return answer, json.loads(re.search(r"serve\((.*)\);", answer.text).group(1))


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
def test_the_manifest_names_the_restaurant_and_opens_its_till(client, luna, language):
    described = json.loads(client.get(f"/t/luna/manifest.webmanifest?lang={language}").text)
    assert described["lang"] == language
    assert described["name"].startswith("Trattoria Luna")
    assert described["start_url"] == f"/t/luna?lang={language}"
    assert described["scope"] == "/t/luna"
    assert described["display"] == "standalone"
    assert re.fullmatch(r"#[0-9a-f]{6}", described["theme_color"])
    sizes = {icon["sizes"] for icon in described["icons"] if icon["purpose"] == "maskable"}
    assert sizes == {"192x192", "512x512"}
    for icon in described["icons"]:
        with Image.open(io.BytesIO(client.get(icon["src"]).data)) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]


def test_an_icon_of_another_size_is_not_drawn(client, luna):
    assert client.get("/t/luna/icon-20000.png").status_code == 404


def test_the_worker_may_keep_the_till_and_nothing_else(client, luna):
    answer, config_of_worker = worker_of(client)
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/t/luna"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert config_of_worker["page"] == "/t/luna"


def test_every_file_that_the_page_loads_is_kept(app, luna):
    browser = signed_in(app, luna)
    page = browser.get("/t/luna").text
    _, config_of_worker = worker_of(browser)
    loaded = set(re.findall(r'(?:src|href)="(/(?:static|style|artwork)/[^"]+)"', page))
    loaded |= set(re.findall(r'data-(?:decoder|wasm)="([^"]+)"', page))
    assert len(loaded) > 8
    assert loaded <= set(config_of_worker["files"])
    for name in config_of_worker["files"]:
        assert browser.get(name, buffered=True).status_code == 200, name


def test_another_script_is_another_version(app, luna, monkeypatch, tmp_path):
    with app.test_request_context():
        before = kept.version(luna.program)
        assert kept.version(luna.program) == before
        changed = tmp_path / "till.js"
        changed.write_text("// new\n")
        real = kept._kept
        monkeypatch.setattr(kept, "_kept", lambda: [*real(), changed])
        assert kept.version(luna.program) != before


def test_the_worker_tells_the_till_from_the_page_that_asks_to_sign_in(app, luna):
    browser, _ = till_browser(app)
    assert "X-Walletpass-Till" not in browser.get("/t/luna", follow_redirects=True).headers
    page = signed_in(app, luna).get("/t/luna")
    assert page.headers["X-Walletpass-Till"] == worker_of(browser)[1]["version"]


def test_who_is_asked_before_a_queue_is_sent(app, client, luna):
    nobody = client.get("/t/luna/who").get_json()
    assert nobody["staff"] is None
    here = signed_in(app, luna, "Bruno").get("/t/luna/who").get_json()
    assert here["staff"] == person(luna, "Bruno").id
    assert here["name"] == "Bruno"
    assert here["now"].endswith("+00:00")
    assert here["version"] == nobody["version"]


def test_the_page_for_no_network_knows_nobody(app, luna):
    assert "Bruno" not in signed_in(app, luna, "Bruno").get("/t/luna/offline").text


def test_practice_cards_are_no_cards_of_ours(luna):
    """Scanned at a till that is not training, they find nobody."""
    assert not any(codes.is_card_code(code) for code in CODES.values())
    assert all(codes.is_card_number(number) and number.startswith("0") for number in NUMBERS.values())
    assert not any(codes.new_number().startswith("0") for _ in range(500))


def test_the_practice_sheet_is_for_staff_and_shows_every_card(app, client, luna):
    assert client.get("/t/luna/practice").status_code == 302
    sheet = signed_in(app, luna).get("/t/luna/practice").text
    for slug in CODES:
        assert f"/t/luna/practice/{slug}.svg" in sheet
        assert client.get(f"/t/luna/practice/{slug}.svg").mimetype == "image/svg+xml"
    assert client.get("/t/luna/practice/nobody.svg").status_code == 404


def test_only_invitations_of_ours_become_codes_at_the_table(app, client, luna):
    ours = f"{config.current().base_url}/j/luna-table?check=abc"
    browser = signed_in(app, luna)
    assert browser.get("/t/luna/join-code.svg", query_string={"link": ours}).mimetype == "image/svg+xml"
    for link in ("", "https://elsewhere.example/j/x", config.current().base_url, ours + "x" * 300):
        assert browser.get("/t/luna/join-code.svg", query_string={"link": link}).status_code == 404, link
    assert client.get("/t/luna/join-code.svg", query_string={"link": ours}).status_code == 404


def test_the_practice_rules_are_the_restaurants_own(app, luna):
    page = signed_in(app, luna).get("/t/luna").text
    practice = json.loads(re.search(r'id="practice">(.*?)</script>', page, re.DOTALL).group(1))
    program: Program = luna.program
    assert practice["rules"]["earn_bps"] == program.earn_bps
    assert practice["above"] == program.second_factor_above
    assert next(card for card in practice["cards"] if card["slug"] == "ivan")["guest"]["points"] > program.second_factor_above
