"""The base as a file: whole, harmless in a spreadsheet, and read back as it was."""

import csv
import io
import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import CONSENT, open_house
from tests.guestbook.files import admitted, everybody, imported, lines_of, text_of
from tests.ledger.book import earn
from walletpass import checks, database, guestbook, guests, ledger
from walletpass.errors import Malformed, NotFound
from walletpass.guestbook import Application
from walletpass.guestbook.formulas import escaped, plain

MANY = settings(deadline=None, max_examples=300)


def table(house):
    return list(csv.DictReader(io.StringIO("".join(guestbook.csv_rows(house.id)).removeprefix("\ufeff"), newline="")))


@MANY
@given(st.text(max_size=12) | st.text("'=+-@\t\r\nab", max_size=8))
def test_no_cell_is_a_formula_and_each_is_read_back(text):
    assert plain(escaped(text)) == text
    assert not re.match(r"[=+\-@\t\r\n]", escaped(text))


def test_everybody_is_in_it_with_all_that_is_known(house):
    with database.transaction() as session:
        ana = guests.get(session, house.id, house.ana.guest_id)
        guests.profile(session, house.program, ana, email="ana@example.com", birthday="--02-29", city="Köln")
        guests.record(session, ana, guests.ConsentGiven("marketing", "1", "en", "Write to me."))
    entry = earn(house, 5_000, "A1")
    with database.transaction() as session:
        checks.record(session, house.ana, "A1", 5_000, "", entry.event_at)
    admitted(house, Application("+4915120000001"))
    first, second = table(house)
    assert first["phone"] == "'+4915123456789"
    assert first | {"id": "", "joined": "", "last_visit": ""} == {
        "id": "", "name": "Ana", "phone": "'+4915123456789", "email": "ana@example.com", "birthday": "'--02-29", "city": "Köln", "language": "en",
        "card_number": house.ana.number, "points": "500", "expires": "", "lots": "500:", "pending": "0", "tier": "", "visits": first["visits"], "last_visit": "",
        "consents": "loyalty card, marketing", "channel": "", "joined": "",
    }  # fmt: skip
    assert (second["name"], second["consents"], second["points"], second["lots"]) == ("", "", "0", "")
    lines = [json.loads(line) for line in "".join(guestbook.ndjson_rows(house.id)).splitlines()]
    assert lines[0]["phone"] == "+4915123456789"
    assert lines[0]["consents"] == ["loyalty card", "marketing"]
    assert lines[0]["points"] == 500
    assert lines[0]["lots"] == [{"points": 500, "expires": ""}]


def test_the_end_of_points_comes_along_and_is_read_again(house):
    head, last = "Name,Phone,Points,Expires", "Cleo,+49151 20000003,30,"
    imported(house, text_of("Bea,+49151 20000001,120,2099-12-31", "Dora,+49151 20000002,40,2099-06-30", last, head=head))
    here = {row["name"]: row for row in table(house)}
    assert [(here[name]["expires"], here[name]["lots"]) for name in ("Bea", "Dora", "Cleo")] == [
        ("2099-12-31", "120:2099-12-31"), ("2099-06-30", "40:2099-06-30"), ("", "30:"),
    ]  # fmt: skip
    there = open_house("sova", timezone="Pacific/Kiritimati")
    imported(there, "".join(guestbook.csv_rows(house.id)).encode())
    assert {row["name"]: row["lots"] for row in table(there)} == {name: row["lots"] for name, row in here.items()}


def test_of_several_ends_a_line_names_the_last_and_lists_all(house):
    with database.transaction() as session:
        member = guestbook.admit(session, house.program, Application("+4915120000001", "Bea"))
        for points, month in ((70, 7), (50, 6)):
            end = datetime(2099, month, 30, 12, tzinfo=UTC)
            ledger.opening(session, house.program, member.card, points, end, ledger.Origin("system", reason="a test"))
    row = table(house)[1]
    assert (row["points"], row["expires"], row["lots"]) == ("120", "2099-07-30", "50:2099-06-30 70:2099-07-30")


def test_a_consent_that_was_taken_back_is_not_in_it(house):
    with database.transaction() as session:
        guests.withdraw(session, guests.get(session, house.id, house.ana.guest_id), "loyalty card", "till")
    assert table(house)[0]["consents"] == ""


def test_erased_guests_are_not_in_it(house):
    with database.transaction() as session:
        guestbook.erase(session, house.id, house.ana.guest_id)
    assert table(house) == []
    assert "".join(guestbook.ndjson_rows(house.id)) == ""


def test_more_than_one_page_of_guests_comes_whole(luna):
    imported(luna, text_of(*lines_of(450)))
    assert len({row["phone"] for row in table(luna)}) == 451


def test_a_restaurant_that_is_none_is_refused_before_the_first_line(house):
    with pytest.raises(NotFound):
        guestbook.check_program("nobody")


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20) | st.sampled_from(
    ["=HYPERLINK(1)", "'=1", "''+1", "-Ana", "@ana", 'A"n,a;', "Ана\u202e"]
)
GUESTS = st.lists(
    st.tuples(
        NAMES,
        st.sampled_from(["", "a@example.com", "+tag@example.com"]),
        st.sampled_from(["", "--02-29", "1990-05-17"]),
        st.integers(0, 900),
    ),
    max_size=6,
)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(GUESTS)
def test_what_one_restaurant_wrote_another_reads_back(sqlite, made):
    here, there = open_house(f"h{database.new_id()}"), open_house(f"t{database.new_id()}")
    for number, (name, email, born, points) in enumerate(made):
        try:
            member = admitted(here, Application(f"+491512000{number:04d}", name, email, born, "=Köln", "ru"))
        except Malformed:
            continue
        if points:
            with database.transaction() as session:
                ledger.adjust(session, here.program, member.card, points, ledger.Origin("system", reason="a test"))
    imported(there, "".join(guestbook.csv_rows(here.id)).encode())
    wanted = {guest.phone: _known(guest) for guest in everybody(here)}
    assert {guest.phone: _known(guest) for guest in everybody(there)} == wanted | {there.ana and "+4915123456789": wanted["+4915123456789"]}
    assert {row["phone"]: row["points"] for row in table(here)} == {row["phone"]: row["points"] for row in table(there)}


def _known(guest):
    return guest.name, guest.email, str(guests.birthday_of(guest) or ""), guest.city, guest.language


def test_the_proof_that_came_with_the_cast_is_told(house):
    assert table(house)[0]["consents"] == CONSENT.purpose
