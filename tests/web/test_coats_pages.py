"""The coat-check's pages: who sees them, how a cloakroom is set up, what is printed, and how a guest says that they leave."""

import json
import re

import pytest

from tests.cast import issue_ticket, open_house
from tests.coatcheck.counter import Counter
from tests.tills import signed_in, till_browser
from walletpass import coatcheck, config, database, programs, staff
from walletpass.api.auth import staff_cookie
from walletpass.coatcheck import codes
from walletpass.web import coats_labels

ROOMS = "/t/luna/coats/rooms"


@pytest.fixture
def nadia(app, luna):
    """The browser of somebody who works at the coats, and no more."""
    browser, till = till_browser(app, luna.id)
    with database.transaction() as session:
        person = staff.hire(session, luna.id, name="Nadia Koval", role="coats", pin="8642")
    browser.set_cookie(staff_cookie(luna.id), staff.sign_in(till, person.id, "8642"))
    return browser


@pytest.fixture
def clara(app, luna):
    return signed_in(app, luna, "Clara")


def strings_of(page):
    return json.loads(re.search(r'id="strings">(.*?)</script>', page, re.DOTALL).group(1))


def rooms_of(house):
    with database.reading() as session:
        return [
            (room.name, [hook.label for hook in coatcheck.rooms.hooks(session, room)]) for room in coatcheck.rooms.rooms(session, house.id)
        ]


def card_page(client, house, card=None):
    return client.get(f"/c/{house.id}/{(card or house.ana).link}")


def test_who_works_at_the_coats_lands_there_and_sees_nothing_else(nadia):
    assert nadia.get("/t/luna").headers["Location"] == "/t/luna/coats"
    page = nadia.get("/t/luna/coats")
    assert page.status_code == 200
    assert 'href="/t/luna"' not in page.text
    for path in ("checks", "forms", "manage", "coats/rooms", "report", "practice"):
        assert nadia.get(f"/t/luna/{path}").status_code in (302, 403), path


def test_cashiers_and_managers_get_there_from_the_till(app, luna):
    bruno = signed_in(app, luna, "Bruno")
    assert 'href="/t/luna/coats"' in bruno.get("/t/luna").text
    page = bruno.get("/t/luna/coats").text
    assert 'href="/t/luna"' in page
    assert "more-move" not in page
    assert "more-move" in signed_in(app, luna, "Clara").get("/t/luna/coats").text


def test_nobody_sees_it_without_signing_in(app, client, luna):
    assert client.get("/t/luna/coats").status_code == 302
    browser, _ = till_browser(app)
    assert browser.get("/t/luna/coats").headers["Location"].startswith("/t/luna/sign-in")


def test_the_worker_keeps_the_page_and_all_it_loads(nadia):
    page = nadia.get("/t/luna/coats")
    worker = json.loads(re.search(r"serve\((.*)\);", nadia.get("/t/luna/worker.js").text).group(1))
    assert page.headers["X-Walletpass-Till"] == worker["version"]
    assert worker["screens"] == ["/t/luna", "/t/luna/coats"]
    loaded = set(re.findall(r'(?:src|href)="(/(?:static|style|artwork)/[^"]+)"', page.text))
    assert len(loaded) > 8
    assert loaded <= set(worker["files"])
    assert "/static/coats/model.js" in worker["files"]


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
def test_every_conflict_and_every_weakness_has_a_sentence_of_its_own(nadia, language):
    said = strings_of(nadia.get(f"/t/luna/coats?lang={language}").text)
    assert set(said["conflict"]) == set(coatcheck.SENTENCES)
    assert set(said["kind"]) == set(coatcheck.ItemKind)
    script = (coats_labels.FONTS.parents[1] / "coats" / "sentences.js").read_text("utf-8")
    for code in ("123", "1122", "1234", "1212", "1985", "2580"):
        name = re.search(re.escape(codes.weakness(code).removesuffix(".")) + '": "(\\w+)"', script)
        assert name is not None, code
        assert said["weak"][name.group(1)]


def test_only_ticket_pages_of_ours_become_codes(client, nadia, luna):
    ours = f"{config.current().base_url}/c/luna/{issue_ticket(luna).link}"
    assert nadia.get("/t/luna/coats/ticket-code.svg", query_string={"link": ours}).mimetype == "image/svg+xml"
    for link in ("", "https://elsewhere.example/c/luna/x", ours.replace("/luna/", "/sova/"), ours + "x" * 300):
        assert nadia.get("/t/luna/coats/ticket-code.svg", query_string={"link": link}).status_code == 404, link
    assert client.get("/t/luna/coats/ticket-code.svg", query_string={"link": ours}).status_code == 404


def test_a_manager_sets_up_a_cloakroom_with_hooks_and_prices(luna, clara):
    clara.post(ROOMS, data={"action": "room", "name": "Гардероб"})
    (room,) = [room for room in _rooms(luna) if room.name == "Гардероб"]
    clara.post(ROOMS, data={"action": "zone", "room": room.id, "zone": "a", "count": "3", "capacity": "2", "kind": ["coat", "hat"]})
    clara.post(ROOMS, data={"action": "prices", "coat": "2.50", "bag": ""})
    clara.post(ROOMS, data={"action": "retire", "room": room.id, "hook": "A2"})
    assert rooms_of(luna) == [("Гардероб", ["A1", "A3"])]
    with database.reading() as session:
        assert coatcheck.rooms.prices(session, luna.id) == {"coat": 250}
    page = clara.get(ROOMS).text
    assert "2.50" in page
    assert "A1–A3" in page
    clara.post(ROOMS, data={"action": "restore", "room": room.id, "hook": "A2"})
    clara.post(ROOMS, data={"action": "rename", "room": room.id, "name": "Бар"})
    assert rooms_of(luna) == [("Бар", ["A1", "A2", "A3"])]
    clara.post(ROOMS, data={"action": "close", "room": room.id})
    assert rooms_of(luna) == []


def _rooms(house):
    with database.reading() as session:
        return list(coatcheck.rooms.rooms(session, house.id))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"action": "room", "name": " "}, "A cloakroom needs a name"),
        ({"action": "rename", "name": "x" * 41}, "A cloakroom needs a name"),
        ({"action": "restore", "hook": "A1"}, "no such hook"),
        ({"action": "zone", "zone": "Ж", "count": "3", "capacity": "1"}, "Latin letters"),
        ({"action": "zone", "zone": "A", "count": "0", "capacity": "1"}, "1 to 999"),
        ({"action": "zone", "zone": "A", "count": "x", "capacity": "1"}, "1 to 999"),
        ({"action": "zone", "zone": "A", "count": "3", "capacity": "51"}, "1 to 50"),
        ({"action": "prices", "coat": "much"}, "A price is a number"),
        ({"action": "retire", "hook": "Z9"}, "no such hook"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(luna, clara, wrong, said):
    counter = Counter(luna)
    before = rooms_of(luna)
    page = clara.post(ROOMS, data={"room": counter.room.id, **wrong})
    assert page.status_code == 422
    assert said in page.text
    assert rooms_of(luna) == before


def test_a_hook_in_use_stays_and_says_so(luna, clara):
    counter = Counter(luna)
    counter.check_in("A1")
    page = clara.post(ROOMS, data={"action": "retire", "room": counter.room.id, "hook": "A1"})
    assert page.status_code == 409
    assert "Something hangs on this hook" in page.text
    page = clara.post(ROOMS, data={"action": "close", "room": counter.room.id})
    assert page.status_code == 409
    assert "Something is still in this cloakroom" in page.text


def test_others_set_up_nothing(app, luna):
    counter, sova = Counter(luna), open_house("sova")
    bruno = signed_in(app, luna, "Bruno")
    assert bruno.get(ROOMS).status_code == 403
    assert bruno.post(ROOMS, data={"action": "room", "name": "X"}).status_code == 403
    theirs = signed_in(app, sova, "Clara")
    data = {"action": "zone", "room": counter.room.id, "zone": "C", "count": "3", "capacity": "1"}
    assert theirs.post("/t/sova/coats/rooms", data=data).status_code == 404
    assert theirs.get(f"/t/sova/coats/rooms/{counter.room.id}/A/hooks.pdf").status_code == 404


@pytest.mark.parametrize("what", ["hooks", "tags"])
def test_labels_and_tags_are_printed_for_a_zone(luna, clara, what):
    counter = Counter(luna)
    pdf = clara.get(f"{ROOMS}/{counter.room.id}/A/{what}.pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")
    assert clara.get(f"{ROOMS}/{counter.room.id}/Z/{what}.pdf").status_code == 404


def test_the_font_of_the_labels_has_every_letter_of_a_name(caplog):
    pdf = coats_labels.drawn(["A17"], "Гардероб «Їжак» · Straße · Łódź", "hooks")
    assert len(pdf) > 5_000
    assert "missing" not in caplog.text
    coats_labels.drawn(["A17"], "衣帽间", "hooks")
    assert "missing" in caplog.text


def test_the_report_of_a_shift_adds_up_on_paper(luna, nadia):
    counter = Counter(luna)
    counter.hand_back(counter.check_in("A1", "A2"), [1])
    with database.reading() as session:
        shift = coatcheck.open_one(session, counter.room)
    page = nadia.get(f"/t/luna/coats/shifts/{shift.id}").text
    counts = [int(number) for number in re.findall(r"<dd>(\d+)</dd>", page)]
    assert counts[:8] == [0, 2, 2, 1, 0, 0, 1, 2]
    assert nadia.get("/t/luna/coats/shifts/none").status_code == 404


def test_a_guest_says_that_they_leave_while_their_coat_hangs(client, luna):
    assert "I am leaving" not in card_page(client, luna).text
    counter = Counter(luna)
    ticket = counter.check_in("A1")
    page = card_page(client, luna).text
    assert "Your coat hangs on A1" in page
    assert "I am leaving" in page
    back = client.post(f"/c/luna/{luna.ana.link}/leaving")
    assert (back.status_code, back.headers["Location"]) == (303, f"/c/luna/{luna.ana.link}#coat")
    page = card_page(client, luna).text
    assert "Your coat is on its way." in page
    assert "You are next." in page
    assert "I am leaving" not in page
    client.post(f"/c/luna/{luna.ana.link}/leaving")
    with database.reading() as session:
        assert coatcheck.queue(session, counter.room) == [ticket]
    counter.hand_back(ticket)
    assert "Your coat" not in card_page(client, luna).text


def test_a_guest_sees_how_many_are_before_them_and_when_it_is_too_many(client, luna):
    counter = Counter(luna)
    counter.call(counter.check_in("A1", code="4821"))
    counter.check_in("A2")
    client.post(f"/c/luna/{luna.ana.link}/leaving")
    assert "1 guest is before you." in card_page(client, luna).text
    with database.transaction() as session:
        programs.get(session, luna.id).coat_queue = 1
    other = issue_ticket(luna)
    counter.check_in("A3", card=other)
    full = client.post(f"/c/luna/{other.link}/leaving")
    assert full.status_code == 409
    assert "2 guests wait for their coats already." in full.text


def test_who_calls_with_nothing_here_finds_the_card(client, luna):
    assert client.post(f"/c/luna/{luna.ana.link}/leaving").status_code == 303
    assert client.post("/c/luna/nobody/leaving").status_code == 404
