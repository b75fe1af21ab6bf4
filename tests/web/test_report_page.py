"""Who did what: the page, who may see it, and the download; on both databases."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from tests.api.till import post
from tests.cast import issue_card, make_app
from tests.tills import program_header, signed_in
from walletpass import checks, database, ledger, programs, staff
from walletpass.checks import Check, Share
from walletpass.database import now
from walletpass.programs import day_begins, day_of
from walletpass.staff import tally
from walletpass.web import spreadsheet

PAGE = "/t/luna/report"


@pytest.fixture(autouse=True)
def _nothing_noticed():
    tally._marks.clear()
    yield
    tally._marks.clear()


@pytest.fixture
def app(house):
    return make_app()


@pytest.fixture
def clara(app, house):
    return signed_in(app, house, "Clara")


@pytest.fixture
def bruno(app, house):
    return signed_in(app, house, "Bruno")


def deed(browser, route, card, **body):
    done = post(browser, route, {"card": card.number, **body}, program_header())
    assert done.status_code == 200, done.json
    return done.json["entry"]["id"]


@pytest.fixture
def evening(house, bruno, clara):
    """Bruno scans twice, earns twice, redeems; one is undone. Clara corrects, and is refused a correction that is too large."""
    for _ in range(2):
        bruno.post("/api/v1/guests/by-code", json={"code": house.ana.number}, headers=program_header())
    entry = deed(bruno, "earn", house.ana, amount=10_000, check_id="A1")
    deed(bruno, "earn", house.ana, amount=20_000, check_id="A2")
    deed(bruno, "redeem", house.ana, amount=10_000, points=150, check_id="A3")
    assert post(clara, "undo", {"entry": entry, "reason": "wrong guest"}, program_header()).status_code == 200
    deed(clara, "adjust", house.ana, points=7, reason="a birthday")
    assert post(clara, "adjust", {"card": house.ana.number, "points": 5_000, "reason": "a friend"}, program_header()).status_code == 422
    staff.write_down()


def table(browser, **query):
    """The download as rows by name."""
    done = browser.get(f"{PAGE}.csv", query_string=query)
    assert done.status_code == 200, done.text
    assert done.text.startswith("\ufeff")
    return {row["Who"]: row for row in csv.DictReader(io.StringIO(done.text.removeprefix("\ufeff"), newline=""))}


def test_each_person_has_their_deeds_beside_their_name(evening, clara):
    rows = table(clara)
    assert set(rows) == {"Bruno", "Clara", "Dmitro"}
    bruno, clara_ = rows["Bruno"], rows["Clara"]
    assert {name: bruno[name] for name in ("Scans", "Earned", "Points earned", "Redeemed", "Points redeemed", "Taken back", "Taken back, %")} == {
        "Scans": "2", "Earned": "2", "Points earned": "3000", "Redeemed": "1", "Points redeemed": "150", "Taken back": "1", "Taken back, %": "33",
    }  # fmt: skip
    assert (clara_["Corrections"], clara_["Points corrected"], clara_["Corrections over the limit, refused"], clara_["Earned"]) == (
        "1",
        "7",
        "1",
        "0",
    )
    assert (bruno["Checks"], bruno["With a card"], bruno["With a card, %"]) == ("1", "1", "100"), "the other check was taken back"
    page = clara.get(PAGE).text
    assert "over the limit: 1" in page
    assert "Bruno" in page


def test_a_person_sees_themselves_and_a_manager_everybody(evening, app, house, bruno, clara):
    assert set(table(bruno)) == {"Bruno"}
    page = bruno.get(PAGE).text
    assert "What you did" in page
    for secret in ("Clara", "Dmitro", "Cards on many checks", "Ana"):
        assert secret not in page
    stranger = app.test_client()
    assert stranger.get(PAGE).status_code == 302
    assert stranger.get(f"{PAGE}.csv").status_code == 401
    assert set(table(signed_in(app, house, "Dmitro"))) == {"Bruno", "Clara", "Dmitro"}


def test_an_empty_day_says_what_will_be_there(clara):
    page = clara.get(f"{PAGE}?from=2020-01-01&to=2020-01-02").text
    assert "Nobody scanned or booked anything" in page
    assert "Nobody joined in these days." in page
    assert "No card was on more than 3 checks in one day." in page


@pytest.mark.parametrize(
    "query", ["from=2026-11-29", "to=2026-11-29", "from=x&to=y", "days=5", "from=2026-11-30&to=2026-11-29", "from=2024-01-01&to=2026-11-29"]
)
def test_days_that_are_none_are_refused_in_a_sentence(clara, query):
    page = clara.get(f"{PAGE}?{query}")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert clara.get(f"{PAGE}.csv?{query}").status_code == 422


def test_a_day_ends_in_the_morning_by_the_restaurant_s_clock(house):
    """Berlin is an hour ahead of UTC in winter, two in summer."""
    for moment, day in (
        (datetime(2026, 11, 29, 3, 59, tzinfo=UTC), date(2026, 11, 28)),
        (datetime(2026, 11, 29, 4, 0, tzinfo=UTC), date(2026, 11, 29)),
        (datetime(2026, 7, 1, 2, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 7, 1, 3, 0, tzinfo=UTC), date(2026, 7, 1)),
    ):
        assert day_of(house.program, moment) == day
        assert day_begins(house.program, day) <= moment < day_begins(house.program, day + timedelta(days=1))


def test_what_was_done_before_the_period_is_not_in_it(house, clara, bruno):
    with time_machine.travel(now() - timedelta(days=8)):
        signed = signed_in(make_app(), house, "Bruno")
        deed(signed, "earn", house.ana, amount=10_000, check_id="old")
    deed(bruno, "earn", house.ana, amount=10_000, check_id="new")
    assert [table(clara, days=days)["Bruno"]["Earned"] for days in (1, 7, 30)] == ["1", "1", "2"]


def test_cards_on_many_checks_in_one_day_are_named_with_who_did_it(house, clara, bruno):
    with database.transaction() as session:
        bea = issue_card(session, house.program, "Bea")
    for number in range(4):
        deed(bruno, "earn", house.ana, amount=1_000, check_id=f"A{number}")
    for number in range(3):
        deed(clara, "earn", bea, amount=1_000, check_id=f"B{number}")
    with time_machine.travel(now() - timedelta(days=1)):
        deed(signed_in(make_app(), house, "Clara"), "earn", bea, amount=1_000, check_id="B9")
    with database.reading() as session:
        program = programs.get(session, "luna")
        since, until = now() - timedelta(days=3), now() + timedelta(days=1)
        (one,) = ledger.seen_often(session, program, since, until)
    assert (one.card_id, one.checks, one.points, one.staff_ids) == (house.ana.id, 4, 400, (house.bruno.id,))
    page = clara.get(PAGE).text
    assert page.count("4 checks") == 1
    assert "Bea" not in page, "three are usual, and the fourth was on another day"


def test_points_for_their_own_card_that_were_refused_are_counted(house, clara):
    with database.reading() as session:
        actor = staff.Actor("luna", "till", "cashier", "Bruno", session.get_one(staff.Staff, ("luna", house.bruno.id)).id)
    staff.noticed(actor, "refused.earn.not_allowed")
    staff.write_down()
    assert table(clara)["Bruno"]["Own card, refused"] == "1"
    assert "own card: 1" in clara.get(PAGE).text


def test_whose_check_it_was(house, clara):
    def closed(id, **values):
        return Check(program_id="luna", id=id, opened_at=now(), closed_at=now(), state="closed", amount=100, **values)

    with database.transaction() as session:
        session.add_all([
            closed("1", card_id=house.ana.id, attached_by=house.bruno.id, closed_by=house.clara.id), closed("2", closed_by=house.bruno.id),
            closed("3", closed_by=house.bruno.id), closed("4"),
            Check(program_id="luna", id="5", opened_at=now(), state="open", closed_by=house.bruno.id),
        ])  # fmt: skip
    with database.reading() as session:
        found = checks.identified(session, "luna", now() - timedelta(hours=1), now() + timedelta(hours=1))
    assert found == {house.bruno.id: Share(3, 1), "": Share(1, 0)}
    rows = table(clara)
    assert (rows["Bruno"]["With a card, %"], rows["Other systems"]["Checks"]) == ("33", "1")


def test_who_has_left_is_still_in_the_report_of_their_days(evening, house, clara):
    with database.transaction() as session:
        staff.dismiss(session, staff.person(session, "luna", house.bruno.id))
    assert table(clara)["Bruno"]["Earned"] == "2"


@given(st.text(min_size=1, max_size=30))
def test_no_text_in_a_cell_is_calculated(text):
    row = spreadsheet.cell(text)
    assert not str(row).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert str(row).removeprefix("'") == text.removeprefix("'")


def test_a_name_that_is_a_formula_is_text_in_the_download(house, clara):
    with database.transaction() as session:
        staff.hire(session, "luna", name='=HYPERLINK("http://evil.example","x")', role="cashier", pin="9999")
    assert '\'=HYPERLINK("http://evil.example","x")' in table(clara)


def test_prompts_that_were_skipped_are_seen_beside_who_skipped_them(house, bruno, clara):
    for body, status in (({"prompts": 4, "skipped": 1}, 204), ({"prompts": 51}, 422), ({"prompts": "1"}, 422), ({"skipped": -1}, 422)):
        assert bruno.post("/api/v1/prompts", json=body, headers=program_header()).status_code == status
    staff.write_down()
    row = table(clara)["Bruno"]
    assert (row["Prompts"], row["Prompts skipped"]) == ("4", "1")
    assert "25 %" in clara.get(PAGE).text
