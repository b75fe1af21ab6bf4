"""A manager's pages of the guest base."""

import csv
import html
import io
import re

import pytest
from sqlmodel import col, select

from tests.cast import issue_card
from tests.guestbook.files import lines_of, text_of
from tests.tills import program_header, signed_in
from walletpass import cards, database, guestbook, guests, identification
from walletpass.cards import Card
from walletpass.errors import NotOurCode
from walletpass.guestbook import ImportJob, Stage, jobs
from walletpass.guests import Guest


@pytest.fixture
def clara(app, luna):
    return signed_in(app, luna, "Clara")


@pytest.fixture
def bruno(app, luna):
    return signed_in(app, luna, "Bruno")


def ana(luna):
    with database.reading() as session:
        return guests.get(session, "luna", luna.ana.guest_id)


def ana_s_card(luna):
    with database.reading() as session:
        return cards.get(session, "luna", luna.ana.id)


def upload(browser, content, filename="guests.csv"):
    begun = browser.post("/t/luna/import", data={"filename": filename, "size": str(len(content))})
    assert begun.status_code == 200, begun.text
    for position in range(0, len(content), begun.json["piece"]):
        piece = content[position : position + begun.json["piece"]]
        assert browser.put(f"{begun.json['url']}/pieces/{position // begun.json['piece']}", data=piece).status_code == 204
    return begun.json["url"]


PAGES = ["/t/luna/guests", "/t/luna/import", "/t/luna/guests/{ana}", "/t/luna/guests/export.csv"]


@pytest.mark.parametrize("path", [*PAGES, "/t/luna/forms", "/t/luna/forms/sheet", "/t/luna/forms/known"])
def test_nobody_sees_the_base_without_signing_in(client, luna, path):
    answer = client.get(path.format(ana=luna.ana.guest_id))
    assert answer.status_code in (302, 401)
    assert "Ana" not in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_a_cashier_does_not_see_the_base(bruno, luna, path):
    answer = bruno.get(path.format(ana=luna.ana.guest_id))
    assert answer.status_code == 403
    assert "Ana" not in answer.text


@pytest.mark.parametrize("path", ["/t/luna/forms", "/t/luna/forms/sheet"])
def test_a_cashier_types_in_forms(bruno, path):
    assert bruno.get(path).status_code == 200


@pytest.mark.parametrize("text", ["Ana", "ana", "N", "0151 23456789", "+49 151 234", "456789", "{number}"])
def test_a_guest_is_found_by_whatever_is_known(clara, luna, text):
    with database.transaction() as session:
        issue_card(session, luna.program, "Борис", "+380501234567")
    page = clara.get("/t/luna/guests", query_string={"q": text.format(number=luna.ana.number)}).text
    assert "Ana" in page
    assert "Борис" not in page


@pytest.mark.parametrize("text", ["борис", "БОРИС", "орис"])
def test_cyrillic_is_found_in_small_letters_too(clara, luna, text):
    with database.transaction() as session:
        issue_card(session, luna.program, "Борис", "+380501234567")
    assert "Борис" in clara.get("/t/luna/guests", query_string={"q": text}).text


@pytest.mark.parametrize("text", ["%", "_", "\\", "zz", "999999", "=1", "\x00zz"])
def test_what_nobody_is_called_finds_nobody(clara, text):
    page = clara.get("/t/luna/guests", query_string={"q": text}).text
    assert "Nobody is found" in page


def test_guests_of_a_number_alone_are_listed_to_be_finished(clara, luna):
    with database.transaction() as session:
        member = guestbook.admit(session, luna.program, guestbook.Application("+4915120000001"))
    page = clara.get("/t/luna/guests?show=nameless").text
    assert "+4915120000001" in page
    assert "+4915123456789" not in page
    answer = clara.post(
        f"/t/luna/guests/{member.guest.id}", data={"action": "profile", "name": "Bea", "email": "", "birthday": "--02-29", "city": ""}
    )
    assert answer.status_code == 303
    with database.reading() as session:
        assert guests.get(session, "luna", member.guest.id).name == "Bea"
        assert cards.get(session, "luna", member.card.id).shown["holder"] == "Bea"


def test_a_profile_is_changed_and_the_card_with_it(clara, luna):
    form = {"action": "profile", "name": "Ana Costa", "email": "ANA@example.com", "birthday": "1990-05-17", "city": "Köln", "spoken": "uk"}
    answer = clara.post(f"/t/luna/guests/{luna.ana.guest_id}", data=form)
    assert answer.status_code == 303
    assert "The profile is saved" in clara.get(answer.location).text
    guest = ana(luna)
    assert (guest.name, guest.email, guest.city, guest.language) == ("Ana Costa", "ana@example.com", "Köln", "uk")
    card = ana_s_card(luna)
    assert (card.shown["holder"], card.version) == ("Ana Costa", 2)


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("email", "nobody"), ("birthday", "2999-01-01"), ("birthday", "1990-02-30"), ("city", "x" * 90)]
)
def test_a_wrong_profile_says_what_is_wrong_and_changes_nothing(clara, luna, field, value):
    before = ana(luna)
    form = {"action": "profile", "name": "Another", "email": "", "birthday": "", "city": "", field: value}
    answer = clara.post(f"/t/luna/guests/{luna.ana.guest_id}", data=form)
    assert answer.status_code == 422
    assert re.search(rf'id="{field}"[^>]* aria-invalid="true" aria-describedby="{field}-wrong"', answer.text)
    assert ana(luna) == before


def test_a_renewed_card_opens_by_its_new_code_alone(clara, luna):
    old = ana_s_card(luna)
    code = cards.card_code("luna", old.key_id, old.token)
    assert clara.post(f"/t/luna/guests/{luna.ana.guest_id}", data={"action": "renew"}).status_code == 303
    new = ana_s_card(luna)
    assert (new.serial_number, new.key_id, new.version) == (old.serial_number, old.key_id, old.version + 1)
    assert cards.authentication_token(new) == cards.authentication_token(old)
    with database.reading() as session:
        for gone in (code, old.number):
            with pytest.raises(NotOurCode):
                cards.find(session, "luna", gone)
        assert cards.find(session, "luna", cards.card_code("luna", new.key_id, new.token)).id == old.id
    assert clara.get(f"/c/luna/{old.link}").status_code == 404
    assert clara.get(f"/c/luna/{new.link}").status_code == 200


def test_a_lost_phone_keeps_nothing_and_the_guest_keeps_everything(clara, luna):
    old = ana_s_card(luna)
    answer = clara.post(f"/t/luna/guests/{luna.ana.guest_id}", data={"action": "lost"}, follow_redirects=True)
    new = ana_s_card(luna)
    assert "The card on the lost phone has ended." in answer.text
    assert f"/c/luna/{new.link}/address.svg" in answer.text
    assert clara.get(f"/c/luna/{new.link}/address.svg").mimetype == "image/svg+xml"
    assert (new.state, new.id, new.serial_number != old.serial_number) == ("active", old.id, True)
    ended = clara.get(f"/c/luna/{old.link}")
    assert (ended.status_code, "Ana" in ended.text, luna.ana.number in ended.text) == (200, False, False)
    for path in ("book", "card.pkpass", "google"):
        assert clara.get(f"/c/luna/{old.link}/{path}").status_code in (404, 410)
    for path in ("pin", "prove", "ask", "survey", "passkey/make", "passkey/keep", "passkey/ask", "passkey/confirm"):
        form = {"pin": "5937", "code": "123456", "check": "A1", "score": "9"}
        answer = clara.post(f"/c/luna/{old.link}/{path}", data=form, base_url="http://localhost")
        assert (path, answer.status_code) == (path, 410)
    with database.reading() as session:
        assert not identification.pins.has_one(session, new)


def test_a_phone_that_is_lost_twice_is_refused_where_no_card_is_left(clara, luna):
    with database.transaction() as session:
        cards.void(session, cards.get(session, "luna", luna.ana.id))
    assert clara.post(f"/t/luna/guests/{luna.ana.guest_id}", data={"action": "lost"}).status_code == 409


def test_a_card_is_ended_and_a_new_one_is_given(clara, luna):
    clara.post(f"/t/luna/guests/{luna.ana.guest_id}", data={"action": "void"})
    assert ana_s_card(luna).state == "voided"
    assert "no card that works" in clara.get(f"/t/luna/guests/{luna.ana.guest_id}").text
    clara.post(f"/t/luna/guests/{luna.ana.guest_id}", data={"action": "renew"})
    with database.reading() as session:
        assert len(session.exec(select(Card).where(col(Card.guest_id) == luna.ana.guest_id, col(Card.state) == "active")).all()) == 1


@pytest.mark.parametrize("typed", ["", "yes", "Anna"])
def test_a_guest_is_not_forgotten_by_mistake(clara, luna, typed):
    answer = clara.post(f"/t/luna/guests/{luna.ana.guest_id}", data={"action": "erase", "confirm": typed})
    assert answer.status_code == 422
    assert "Nothing was erased" in answer.text
    assert ana(luna).name == "Ana"


def test_a_guest_is_forgotten_once_the_name_was_typed(clara, luna):
    answer = clara.post(f"/t/luna/guests/{luna.ana.guest_id}", data={"action": "erase", "confirm": " ana "})
    assert "The guest is forgotten" in clara.get(answer.location).text
    assert ana(luna).erased_at is not None
    assert clara.get(f"/t/luna/guests/{luna.ana.guest_id}").status_code == 404
    assert "Ana" not in clara.get("/t/luna/guests").text


def test_a_consent_is_taken_back(clara, luna):
    clara.post(f"/t/luna/guests/{luna.ana.guest_id}", data={"action": "withdraw", "purpose": "loyalty card"})
    with database.reading() as session:
        assert guests.standing(session, ana(luna)) == {}
    assert "taken back" in clara.get(f"/t/luna/guests/{luna.ana.guest_id}").text


def test_a_guest_of_another_restaurant_is_not_there(clara):
    assert clara.get("/t/luna/guests/00000000000000000000000000").status_code == 404


def test_the_export_is_a_file_of_everybody(clara):
    answer = clara.get("/t/luna/guests/export.csv")
    assert answer.mimetype == "text/csv"
    assert "'+4915123456789" in answer.text
    assert clara.get("/t/luna/guests/export.ndjson").text.startswith('{"id"')
    assert clara.get("/t/luna/guests/export.exe").status_code == 404


def test_a_file_comes_in_by_the_pages(clara, luna):
    content = text_of(*lines_of(3_000), "Bad,12,,,,", "Ana,+4915123456789,,,9,")
    url = upload(clara, content)
    assert clara.post(url, data={"action": "look"}).status_code == 303
    page = clara.get(url).text
    assert re.search(r'<option value="1" selected>2 · Phone', page)
    chosen = {"action": "check", "header": "yes", "dates": "dmy", "column_name": "0", "column_phone": "1", "column_points": "4"}
    assert clara.post(url, data=chosen).status_code == 303
    assert "compared with the base" in clara.get(url).text
    assert clara.get(f"{url}/state").json == {"stage": "checking", "total": 3003, "reached": 0, "fresh": 0, "known": 0, "refused": 0}
    guestbook.Importer().round()
    page = clara.get(url).text
    assert "Let 3000 guests in" in page
    assert "This is no phone number." in page
    with database.reading() as session:
        assert len(session.exec(select(Guest)).all()) == 1
    report = clara.get(f"{url}/lines.csv").text
    assert report.splitlines() == [
        "\ufeffline,field,code,reason", "3002,Phone,malformed,This is no phone number.", "3003,,known,A guest with this phone number is known already.",
    ]  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "uk", "ru"])
def test_the_report_has_a_sentence_of_its_own_for_every_fault(clara, luna, lang):
    url = upload(
        clara,
        text_of(
            "Bad,12,nobody,31.02.1990,-5,", '...,+4915130000001,,,"12,5",', "Ana,+4915130000002,,,999999999,", "Ana,+4915130000003,,,x,"
        ),
    )
    clara.post(url, data={"action": "look"})
    columns = {f"column_{name}": place for place, name in enumerate(("name", "phone", "email", "birthday", "points", "expires"))}
    clara.post(url, data={"action": "check", "header": "yes", "dates": "dmy", **columns})
    guestbook.Importer().round()
    page, report = (clara.get(f"{address}?lang={lang}").text for address in (url, f"{url}/lines.csv"))
    rows = list(csv.reader(io.StringIO(report.removeprefix("\ufeff"))))[1:]
    assert [row[0] for row in rows] == ["2", "2", "2", "2", "3", "3", "4", "5"]
    assert len({row[3] for row in rows}) == 8
    for row in rows:
        assert row[3] in html.unescape(page)
    if lang == "en":
        assert rows[6][3] == "Nobody brings more than 10,000,000 points."


def test_a_file_that_is_running_cannot_be_let_go(clara, luna):
    url = upload(clara, text_of(*lines_of(3)))
    clara.post(url, data={"action": "look"})
    clara.post(url, data={"action": "check", "header": "yes", "dates": "dmy", "column_phone": "1"})
    assert clara.post(url, data={"action": "drop"}).status_code == 409
    assert clara.post(url, data={"action": "run"}).status_code == 409
    guestbook.Importer().round()
    assert clara.post(url, data={"action": "drop"}).location == "/t/luna/import"
    assert clara.get(url).status_code == 404


def test_columns_that_cannot_be_meant_are_refused_with_a_sentence(clara):
    url = upload(clara, text_of(*lines_of(3)))
    clara.post(url, data={"action": "look"})
    for chosen, sentence in (
        ({"column_name": "0"}, "phone numbers"),
        ({"column_phone": "1", "column_name": "1"}, "one column"),
        ({"column_phone": "x"}, "phone"),
    ):
        answer = clara.post(url, data={"action": "check", "dates": "dmy", **chosen})
        assert answer.status_code == 422
        assert sentence in answer.text


@pytest.mark.parametrize("size", ["0", "-1", "x", "", "9" * 15, "9" * 40, "1e3"])
def test_a_file_of_no_size_or_too_much_is_refused_at_the_door(clara, size):
    assert clara.post("/t/luna/import", data={"filename": "x", "size": size}).status_code == 422
    with database.reading() as session:
        assert session.exec(select(ImportJob)).all() == []


def test_a_file_without_a_readable_line_is_refused(clara):
    url = upload(clara, b"\x00\x00\x00")
    answer = clara.post(url, data={"action": "look"})
    assert answer.status_code == 422


def test_a_piece_larger_than_any_request_is_refused(clara):
    begun = clara.post("/t/luna/import", data={"filename": "x", "size": str(10 * jobs.PIECE)}).json
    assert clara.put(f"{begun['url']}/pieces/0", data=b"x" * 300_000).status_code == 413
    assert clara.put(f"{begun['url']}/pieces/99", data=b"x" * jobs.PIECE).status_code == 422
    assert clara.put(f"{begun['url']}/pieces/{10**30}", data=b"x" * jobs.PIECE).status_code == 422


def test_pieces_need_the_token_of_the_page(luna, app):
    app.config["WTF_CSRF_ENABLED"] = True
    browser = signed_in(app, luna, "Clara")
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/t/luna/import").text).group(1)
    begun = browser.post("/t/luna/import", data={"filename": "x", "size": "3"}, headers={"X-CSRFToken": token}).json
    assert browser.put(f"{begun['url']}/pieces/0", data=b"abc").status_code == 400
    assert browser.put(f"{begun['url']}/pieces/0", data=b"abc", headers={"X-CSRFToken": token}).status_code == 204


def test_a_failed_import_says_so(clara, luna):
    url = upload(clara, text_of(*lines_of(3)))
    with database.transaction() as session:
        job = session.exec(select(ImportJob)).one()
        job.stage, job.reason = Stage.FAILED, "This file has more than 2 lines."
    assert "more than 2 lines" in clara.get(url).text


def test_a_form_typed_in_by_a_cashier_is_a_guest_with_a_proof(bruno, luna):
    proof = {"purpose": "loyalty card", "version": "2026-11", "language": "en", "text": "I agree", "channel": "paper"}
    body = {"phone": "0151 20000001", "name": "Bea", "channel": "paper", "consents": [proof]}
    made = bruno.post("/api/v1/members", json=body, headers={**program_header(), "Idempotency-Key": "f1"})
    assert made.status_code == 201
    page = bruno.get("/t/luna/forms").text
    assert "Bea" in page
    assert "Bea" in bruno.get("/t/luna/forms/sheet").text
    assert bruno.get("/t/luna/forms/known?phone=%2B49151 20000001").json == {"known": True, "readable": True}
    assert bruno.get("/t/luna/forms/known?phone=0151 20000002").json == {"known": False, "readable": True}
    assert bruno.get("/t/luna/forms/known?phone=12").json == {"known": False, "readable": False}
    again = bruno.post("/api/v1/members", json={**body, "name": "Other"}, headers={**program_header(), "Idempotency-Key": "f2"})
    assert (again.status_code, again.json["name"], again.json["card"], again.json["consents"]) == (200, "Bea", None, [])


def test_a_cashier_makes_and_reads_no_members_otherwise(bruno, luna):
    headers = {**program_header(), "Idempotency-Key": "f1"}
    assert bruno.post("/api/v1/members", json={"phone": "0151 20000001"}, headers=headers).status_code == 403
    assert bruno.get("/api/v1/members", headers=headers).status_code == 403
    assert bruno.get(f"/api/v1/members/{luna.ana.guest_id}", headers=headers).status_code == 403
    assert bruno.delete(f"/api/v1/members/{luna.ana.guest_id}", headers=headers).status_code == 403
    assert bruno.get("/api/v1/members/export", headers=headers).status_code == 403


def test_a_card_that_is_on_a_phone_needs_no_label(bruno, luna):
    with database.transaction() as session:
        member = guestbook.admit(session, luna.program, guestbook.Application("+4915120000001", "Bea", channel_code="paper"))
        cards.put_on(session, member.card, "apple")
    assert "Bea" not in bruno.get("/t/luna/forms/sheet").text
    assert "on the phone" in bruno.get("/t/luna/forms").text
