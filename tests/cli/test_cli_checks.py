"""Checks of the past from a file, and what is known of guests made again."""

import pytest
from sqlmodel import col, func, select, update

from tests.cast import open_house
from tests.checks.room import SOUP, Room
from walletpass import checks, database, ledger
from walletpass.checks import Check, CheckLine, Habit, Item, history
from walletpass.errors import Malformed, NotFound

HEADER = "check_id;closed_at;amount;card;item;sku;quantity;drink;waiter;discount"


@pytest.fixture
def house(opened):
    return open_house()


@pytest.fixture
def write(tmp_path):
    def written(*rows, header=HEADER, encoding="utf-8", raw=b""):
        path = tmp_path / "past.csv"
        path.write_bytes("\n".join([header, *rows, ""]).encode(encoding) + raw)
        return str(path)

    return written


def count(model=Check):
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(model)).one()


def row(house, number, amount="6,00", card=True, item="Borscht", sku="soup"):
    return f"A{number};2026-03-02 20:15;{amount};{house.ana.number if card else ''};{item};{sku};1;;Olena;"


def test_checks_of_the_past_are_visits_and_favourites_without_points(run, house, write):
    rows = [
        f"A1;2026-03-02 20:15;12,50;{house.ana.number};Borscht;soup;2;;Olena;0,50",
        f"A1;2026-03-02 20:15;4,00;{house.ana.number};Beer;beer;1;yes;Olena;",
        "A2;2026-03-03T19:00:00+02:00;30;;;;;;;",
    ]
    assert run("checks", "import", house.id, write(*rows)).output.strip() == "2 came in, 0 known before, 0 lines left out."
    with database.reading() as session:
        seen = checks.summary(session, house.ana)
        assert (seen.visits, seen.average, seen.last_visit.isoformat()) == (1, 1_600, "2026-03-02T19:15:00+00:00")
        assert ledger.balance(session, house.id, house.ana.id).points == 0
        assert {item.sku: item.drink for item in checks.items(session, house.id)} == {"soup": False, "beer": True}
        assert {one.source for one in session.exec(select(Check))} == {"file"}


def test_the_same_file_twice_adds_nothing(run, house, write):
    path = write(*[row(house, number) for number in range(120)])
    assert "120 came in, 0 known" in run("checks", "import", house.id, path).output
    assert "0 came in, 120 known before, 0 lines left out." in run("checks", "import", house.id, path).output
    assert count() == 120


def test_guests_earn_only_when_it_is_said(run, house, write):
    assert "2 came in" in run("checks", "import", house.id, write(row(house, 1), row(house, 2)), "--earn").output
    with database.reading() as session:
        assert ledger.balance(session, house.id, house.ana.id).points == 120
        assert list(ledger.verify(session, house.id)) == []


def test_a_dry_run_says_what_would_be_and_changes_nothing(run, house, write):
    path = write(row(house, 1), row(house, 2, amount="x"), row(house, 1))
    said = run("checks", "import", house.id, path, "--dry-run").output
    assert "1 would come in, 1 known before, 1 lines left out." in said
    assert (count(), count(Item), count(CheckLine), count(Habit)) == (0, 0, 0, 0)


def test_broken_lines_in_the_middle_are_named_and_the_others_come_in(run, house, write):
    rows = [
        row(house, 1), row(house, 2, amount="-5"), row(house, 3), 'A4;2026-03-02;"never closed;;;;;;;', row(house, 5), "A6;2026-03-02", row(house, 7),
        row(house, 8).replace("2026-03-02 20:15", "yesterday"), row(house, 9).replace(house.ana.number, "24899841"), row(house, 10),
        "A 11;2026-03-02;1;;;;;;;", row(house, 12, amount="99999999"), row(house, 13).replace("2026", "2999"), "x" * 50_000, row(house, 14),
    ]  # fmt: skip
    said = run("checks", "import", house.id, write(*rows)).output
    assert "6 came in, 0 known before, 9 lines left out." in said
    for line in (3, 5, 7, 9, 10, 12, 13, 14, 15):
        assert f"line {line}: " in said
    with database.reading() as session:
        assert sorted(session.exec(select(Check.id))) == ["A1", "A10", "A14", "A3", "A5", "A7"]


def test_a_check_with_a_broken_line_is_left_out_whole(run, house, write):
    rows = [row(house, 1), row(house, 2), row(house, 2, amount="x"), row(house, 2), row(house, 3)]
    said = run("checks", "import", house.id, write(*rows)).output
    assert "2 came in, 0 known before, 3 lines left out." in said
    assert [f"line {number}: " in said for number in (3, 4, 5)] == [True] * 3
    assert count() == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_files_of_other_systems_are_read_as_they_were_meant(run, house, write, encoding, delimiter):
    rows = [row(house, number, amount="6.00", item="Борщ зі сметаною").replace(";", delimiter) for number in range(3)]
    path = write(*rows, header=HEADER.replace(";", delimiter), encoding=encoding)
    assert "3 came in, 0 known before, 0 lines left out." in run("checks", "import", house.id, path).output
    with database.reading() as session:
        assert session.exec(select(Item.name)).one() == "Борщ зі сметаною"


def test_one_broken_byte_does_not_make_a_file_another_alphabet(run, house, write):
    good = [row(house, number, item="Борщ") for number in range(3)]
    path = write(*good, raw="A8;2026-03-02;1;;Б;;;;;\n".encode()[:-8] + b"\xd0;;;;;\n" + row(house, 9, item="Борщ").encode() + b"\n")
    said = run("checks", "import", house.id, path).output
    assert "4 came in, 0 known before, 1 lines left out." in said
    assert "characters that cannot be read" in said


@pytest.mark.parametrize(
    "header", ["", "check_id;closed_at", "a;b;c", "check_id;closed_at;amount;colour", "check_id;closed_at;amount;amount"]
)
def test_a_file_without_our_columns_is_refused(run, house, write, header):
    result = run("checks", "import", house.id, write(row(house, 1), header=header))
    assert isinstance(result.exception, Malformed)
    assert count() == 0


def test_more_rows_than_are_taken_are_refused_before_the_first(run, house, write, monkeypatch):
    monkeypatch.setattr(history.reading, "MOST_ROWS", 5)
    result = run("checks", "import", house.id, write(*[row(house, number) for number in range(6)]))
    assert (type(result.exception), count()) == (Malformed, 0)


def test_into_a_restaurant_that_is_none(run, house, write):
    assert isinstance(run("checks", "import", "nobody", write()).exception, NotFound)
    assert isinstance(run("checks", "rebuild", "nobody").exception, NotFound)


def test_what_is_known_of_guests_is_made_again(run, house):
    Room(house).dine("A1", SOUP)
    with database.transaction() as session:
        session.execute(update(Habit).where(col(Habit.program_id) == house.id).values(visits=7))
    assert run("checks", "rebuild", house.id).output.strip().endswith("1 guests, 1 corrected.")
    assert run("checks", "rebuild", house.id).output.strip().endswith("1 guests, 0 corrected.")


def test_a_source_of_events_comes_and_goes(run, house):
    made = run("webhooks", "add-source", house.id, "--label", "Hall").output
    name = made.split("Walletpass-Source: ")[1].split()[0]
    assert "whsec_" in made
    listed = run("webhooks", "sources", house.id).output
    assert (name.split("/")[1] in listed, "Hall" in listed, "whsec_" in listed) == (True, True, False)
    assert run("webhooks", "revoke-source", house.id, name).output == "Hall is out.\n"
    assert run("webhooks", "sources", house.id).output == ""
    assert isinstance(run("webhooks", "revoke-source", house.id, name).exception, NotFound)
    assert isinstance(run("webhooks", "add-source", house.id, "--label", " ").exception, Malformed)
