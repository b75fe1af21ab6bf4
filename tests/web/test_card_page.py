"""The card's own page: the right wallet button first, and the card itself for everybody."""

import html
import io
import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from tests.cast import issue_card, make_app, open_house
from walletpass import cards, config, database
from walletpass.cards import Card

PHONES = {
    "iphone": "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "ipad": "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
    "android": "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "desktop": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "none": "",
}
IN_APPS = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/23A341 Instagram 405.0.0 (iPhone17,1; iOS 26_0)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/23A341 [FBAN/FBIOS;FBAV/530.0;FBBV/1]",
    "Mozilla/5.0 (Linux; Android 16; K; wv) AppleWebKit/537.36 Version/4.0 Chrome/142.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/530.0;]",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari Line/15.0.0",
]
WALLETS = {"apple": "Add to Apple Wallet", "google": "Add to Google Wallet"}


@pytest.fixture
def house(sqlite):
    """Luna with cards in both wallets."""
    return open_house(google_issuer_id="3388000000000000001")


@pytest.fixture
def guest_phone(house):
    return make_app().test_client()


def address(card):
    return f"/c/{card.program_id}/{card.link}"


def look(phone, card, user_agent="", **headers):
    return phone.get(address(card), headers={"User-Agent": user_agent, **headers})


def buttons(page):
    found = re.findall(r'<a class="button big wide( primary)?" href="([^"]+)">([^<]+)</a>', page)
    return [(text, href, bool(primary)) for primary, href, text in found]


def read_qr(svg):
    """What a camera reads from the drawing: its one path of squares, painted, and decoded."""
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg).group(1))
    scale = 4
    image = Image.new("L", (size * scale, size * scale), 255)
    draw = ImageDraw.Draw(image)
    path = re.search(r' d="([^"]+)"', svg).group(1)
    for x, y, right, bottom in re.findall(r"M\s*(\d+),(\d+)\s*H\s*(\d+)\s*V\s*(\d+)\s*H\s*\d+\s*[zZ]", path):
        draw.rectangle([int(x) * scale, int(y) * scale, int(right) * scale - 1, int(bottom) * scale - 1], fill=0)
    (code,) = zxingcpp.read_barcodes(image)
    return code


@pytest.mark.parametrize(
    ("phone", "order"),
    [
        ("iphone", ["apple", "google"]),
        ("ipad", ["apple", "google"]),
        ("android", ["google", "apple"]),
        ("desktop", ["apple", "google"]),
        ("none", ["apple", "google"]),
    ],
)
def test_the_phones_own_wallet_comes_first(guest_phone, house, phone, order):
    page = look(guest_phone, house.ana, PHONES[phone]).text
    assert [text for text, _, _ in buttons(page)] == [WALLETS[name] for name in order]
    first_is_primary = [primary for _, _, primary in buttons(page)]
    assert first_is_primary == [phone in ("iphone", "ipad", "android"), False]


def test_the_buttons_lead_to_the_pass_and_to_google(guest_phone, house):
    links = {text: href for text, href, _ in buttons(look(guest_phone, house.ana, PHONES["iphone"]).text)}
    assert links == {
        "Add to Apple Wallet": f"{address(house.ana)}/card.pkpass",
        "Add to Google Wallet": f"{address(house.ana)}/google",
    }
    assert guest_phone.get(links["Add to Apple Wallet"]).mimetype == "application/vnd.apple.pkpass"


def test_a_desktop_is_sent_to_the_phone_by_a_code(guest_phone, house):
    page = look(guest_phone, house.ana, PHONES["desktop"]).text
    assert "Open on your phone" in page
    assert f'src="{address(house.ana)}/address.svg"' in page
    assert "Open on your phone" not in look(guest_phone, house.ana, PHONES["iphone"]).text


@pytest.mark.parametrize("user_agent", IN_APPS)
def test_a_browser_inside_an_app_gets_the_way_out_and_no_button(guest_phone, house, user_agent):
    page = look(guest_phone, house.ana, user_agent).text
    assert "This app cannot open the wallet" in page
    assert f"{config.current().base_url}{address(house.ana)}" in page
    assert buttons(page) == []


def test_a_wallet_that_is_not_set_up_has_no_button(guest_phone, house):
    sova = open_house("sova")
    page = look(guest_phone, sova.ana, PHONES["android"]).text
    assert [text for text, _, _ in buttons(page)] == [WALLETS["apple"]]


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</title><svg/onload=alert(1)>",
        "{{ config }}{% raw %}",
        "javascript:alert(1)//",
        "&lt;b&gt;",
        "' onmouseover='alert(1)",
    ],
)
def test_html_in_a_name_stays_text(guest_phone, house, name):
    with database.transaction() as session:
        card = issue_card(session, house.program, name)
    page = look(guest_phone, card).text
    assert html.escape(name, quote=False) in page.replace("&#34;", '"').replace("&#39;", "'")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<svg/onload" not in page
    assert html.unescape(re.search(r"<h1>(.*?), your card is ready</h1>", page).group(1)) == name


def test_the_qr_holds_the_cards_code_in_digits(guest_phone, house):
    answer = guest_phone.get(f"{address(house.ana)}/code.svg")
    assert answer.mimetype == "image/svg+xml"
    code = read_qr(answer.text)
    assert code.format == zxingcpp.BarcodeFormat.QRCode
    assert code.text == cards.card_code("luna", house.ana.key_id, house.ana.token)
    with database.reading() as session:
        assert cards.find_by_code(session, "luna", code.text).id == house.ana.id


def test_the_other_qr_holds_the_pages_address(guest_phone, house):
    code = read_qr(guest_phone.get(f"{address(house.ana)}/address.svg").text)
    assert code.text == f"{config.current().base_url}{address(house.ana)}"


def test_the_page_shows_the_number_in_two_halves_and_the_points(guest_phone, house):
    with database.transaction() as session:
        cards.show(session, cards.get(session, "luna", house.ana.id), points=1234)
    page = look(guest_phone, house.ana).text
    assert f"{house.ana.number[:4]} {house.ana.number[4:]}" in page
    assert "1,234" in page
    assert "Ana, your card is ready" in page


def test_a_card_that_ended_says_so_and_has_no_button(guest_phone, house):
    with database.transaction() as session:
        cards.void(session, session.merge(house.ana))
    page = look(guest_phone, house.ana, PHONES["iphone"]).text
    assert "no longer valid" in page
    assert buttons(page) == []


def links_of_strangers(house):
    link = house.ana.link
    return ["nobody", link[:-1], link + "A", link.swapcase(), "%00", "%FF%FE", "x" * 3000, "' OR 1=1 --", "%F0%9F%98%80"]


@pytest.mark.parametrize("rest", ["", "/code.svg", "/address.svg", "/card.pkpass", "/google"])
def test_an_unknown_link_is_one_plain_404(guest_phone, house, rest):
    answers = [guest_phone.get(f"/c/luna/{link}{rest}") for link in links_of_strangers(house)]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.mimetype for answer in answers} == {"text/html"}
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize("rest", ["", "/code.svg", "/address.svg", "/card.pkpass", "/google"])
def test_a_card_is_not_found_under_another_restaurant(guest_phone, house, rest):
    open_house("sova")
    assert guest_phone.get(f"/c/sova/{house.ana.link}{rest}").status_code == 404
    assert guest_phone.get(f"/c/nobody/{house.ana.link}{rest}").status_code == 404


def test_a_link_cannot_be_guessed(house):
    with database.transaction() as session:
        links = {issue_card(session, house.program, "Ana").link for _ in range(20)}
    # 22 letters of base64 are 128 bits of chance.
    assert {len(link) for link in links} == {22}
    assert len(links) == 20
    assert Card.model_fields["link"].metadata[0].max_length == 22


def test_artwork_stands_at_an_address_that_never_changes(guest_phone, house):
    page = look(guest_phone, house.ana).text
    addresses = set(re.findall(r'"(/artwork/[0-9a-f]{16}/[^"]+\.png)"', page))
    assert addresses
    for place in addresses:
        image = guest_phone.get(place)
        assert image.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert image.mimetype == "image/png"
        Image.open(io.BytesIO(image.data)).verify()


@pytest.mark.parametrize("place", ["0" * 16 + "/icon.png", "x/../../etc/passwd", "%00/icon.png", "0/%2e%2e%2f"])
def test_no_other_artwork_is_there(guest_phone, place):
    assert guest_phone.get(f"/artwork/{place}").status_code == 404


def test_each_restaurant_has_a_stylesheet_of_its_own(guest_phone, house):
    open_house("sova")
    sheets = {name: guest_phone.get(f"/style/{name}.css") for name in ("luna", "sova")}
    for name, sheet in sheets.items():
        assert sheet.mimetype == "text/css"
        assert f"--accent: {cards.load_design('bistro').palettes[name].accent};" in sheet.text
    assert sheets["luna"].text != sheets["sova"].text
    assert guest_phone.get("/style/nobody.css").status_code == 404
    assert 'href="/style/luna.css"' in look(guest_phone, house.ana).text
