"""What an operator does on the command line."""

import re

import pytest
from click.testing import CliRunner
from sqlmodel import select

from tests.cast import issue_ticket, make_app, open_house
from tests.rotating import rotating, shown
from walletpass import cards, config, database, delivery, ledger, programs, staff
from walletpass.cli import cli
from walletpass.config import keyring
from walletpass.errors import CoatTicket, ConfigurationError, Conflict, Malformed, NotFound, NotOurCode, WalletpassError
from walletpass.ledger import Bill, Origin

ADD = ("programs", "add", "luna", "--name", "Trattoria Luna", "--pass-type", "pass.example.luna", "--team", "LUNA000001")


def earn(house, amount=1000):
    with database.transaction() as session:
        card = cards.get(session, house.id, house.ana.id)
        ledger.earn(session, house.program, card, Bill.of("c1", amount), Origin("system"))
        cards.show(session, card, points=ledger.balance(session, house.id, card.id).points)


def tamper(statement, **values):
    """What somebody with the database file in hand would do: no rule and no trigger in the way."""
    with database.engine().connect() as connection:
        for trigger in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.exec_driver_sql(statement, values)
        connection.commit()


def test_from_an_empty_disk_to_an_open_restaurant(run):
    assert run("db", "status").output.startswith("The database is at nothing")
    assert "The database is at" in run("db", "upgrade").output
    assert run("db", "upgrade").exit_code == 0
    status = run("db", "status").output
    assert re.fullmatch(r"The database is at (\w+), this version needs \1\.\n", status)
    assert run(*ADD).output == "Trattoria Luna is open. Guests join at http://127.0.0.1:8000/j/luna-table\n"
    assert "/j/luna-table" in run("programs", "list").output
    who = run("staff", "add", "luna", "--name", "Bruno", "--pin", "1470").output
    assert who.startswith("Bruno (cashier) is on the team: ")
    link = run("staff", "till-link", "luna").output.strip().removeprefix("http://127.0.0.1:8000")

    browser = make_app().test_client()
    assert browser.post(link, data={"device": "Bar"}).location == "/t/luna"
    staff_id = who.split()[-1]
    assert browser.post("/t/luna/sign-in", data={"staff_id": staff_id, "pin": "1470"}).location == "/t/luna"
    assert 'id="till"' in browser.get("/t/luna").text
    with database.reading() as session:
        (venue,) = programs.venues(session, "luna")
        assert [till.venue_id for till in staff.tills(session, "luna")] == [venue.id]
    assert staff_id in run("staff", "list", "luna").output
    assert run("staff", "dismiss", "luna", staff_id).output == "Bruno is off the team.\n"
    assert browser.get("/t/luna").location == "/t/luna/sign-in"
    assert run("staff", "list", "luna").output == ""
    database.engine().dispose()


def test_a_pin_may_be_typed_unseen(opened, luna, environ):
    result = CliRunner().invoke(cli, ["staff", "add", "luna", "--name", "Eva", "--role", "manager"], input="2580\n2580\n", env=environ)
    assert result.exit_code == 0
    assert "2580" not in result.output
    with database.reading() as session:
        assert [(person.name, person.role) for person in staff.team(session, "luna")][-1] == ("Eva", "manager")


def test_an_api_key_is_shown_once_and_works(run, opened, luna):
    key = run("programs", "api-key", "luna", "--label", "POS").output.strip()
    answer = (
        make_app().test_client().post("/api/v1/guests/by-code", json={"code": luna.ana.number}, headers={"Authorization": f"Bearer {key}"})
    )
    assert answer.status_code == 200
    assert key not in run("programs", "list").output


def test_a_card_is_shown_by_number_code_and_id(run, opened, luna):
    earn(luna)
    for name in (luna.ana.number, luna.ana.id, cards.card_code("luna", luna.ana.key_id, luna.ana.token)):
        said = run("cards", "show", "luna", name).output
        assert said.startswith(f"{luna.ana.number}  version 2")
        assert "points 100  pending 0  held 0  debt 0" in said


def test_a_coat_ticket_is_not_shown_as_a_card_and_gets_no_points_by_a_rebuild(run, opened, luna):
    ticket = issue_ticket(luna, coat="A17")
    assert isinstance(run("cards", "show", "luna", ticket.number).exception, CoatTicket)
    assert run("cards", "rebuild", "luna").output == "1 cards, 0 corrected.\n"
    with database.reading() as session:
        assert cards.get(session, "luna", ticket.id).shown == {"coat": "A17"}


def test_a_card_that_says_something_else_is_corrected_and_put_on_its_way(run, opened, luna):
    earn(luna)
    assert run("cards", "rebuild", "luna").output == "1 cards, 0 corrected.\n"
    with database.transaction() as session:
        card = cards.get(session, "luna", luna.ana.id)
        cards.put_on(session, card, "apple")
        card.shown = {**card.shown, "points": 999_999}
        version = card.version
    assert run("cards", "rebuild", "luna").output == f"corrected {luna.ana.id}\n1 cards, 1 corrected.\n"
    with database.reading() as session:
        card = cards.get(session, "luna", luna.ana.id)
        assert card.shown["points"] == 100
        assert card.version == version + 1
        assert delivery.count_waiting(session) == 1
    assert run("cards", "rebuild", "luna").output == "1 cards, 0 corrected.\n"


def test_a_sound_ledger_is_verified(run, opened, luna):
    earn(luna)
    result = run("ledger", "verify")
    assert (result.exit_code, result.output) == (0, "1 programs verified, 0 faults.\n")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET delta = delta + 1",
        "UPDATE entry SET check_id = 'other'",
        "UPDATE account SET available = available + 1",
        "UPDATE lot SET remaining = remaining - 1",
        "UPDATE account SET head = 'x'",
        "UPDATE entry SET staff_id = 'bruno'",
    ],
)
def test_a_ledger_that_was_touched_is_found(run, opened, luna, statement):
    earn(luna)
    tamper(statement)
    for words in (("ledger", "verify"), ("ledger", "verify", "luna")):
        result = run(*words)
        assert result.exit_code == 1
        assert f"luna/{luna.ana.id}" in result.output


def test_one_restaurants_ledger_is_verified_alone(run, opened, luna):
    open_house("sova")
    earn(luna)
    tamper("UPDATE account SET available = available + 1")
    assert run("ledger", "verify", "sova").exit_code == 0
    assert run("ledger", "verify", "luna").exit_code == 1


def test_a_new_ring_goes_in_front_of_the_old_one(run, opened, luna):
    old = config.current().secret_keys
    code = cards.card_code("luna", luna.ana.key_id, luna.ana.token)
    ring = run("keys", "new", "--after", old).output.strip()
    assert ring.endswith(f",{old}")
    assert list(keyring(ring)) == ["2", "1"]
    assert run("cards", "show", "luna", code, WALLETPASS_SECRET_KEYS=ring).exit_code == 0
    only_new = ring.partition(",")[0]
    assert isinstance(run("cards", "show", "luna", code, WALLETPASS_SECRET_KEYS=only_new).exception, NotOurCode)


def test_new_rings_differ_and_are_sound(run):
    rings = {run("keys", "new").output.strip() for _ in range(3)}
    assert len(rings) == 3
    assert all(list(keyring(ring)) == ["1"] for ring in rings)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (ADD, Conflict),
        (("programs", "add", "sova", *ADD[3:]), Conflict),
        (
            ("programs", "add", "sova", "--name", "Sova", "--pass-type", "pass.x", "--team", "SOVA000001", "--channel", "luna-table"),
            Conflict,
        ),
        (("programs", "add", "Sova!", *ADD[3:]), Malformed),
        (("programs", "api-key", "nobody"), NotFound),
        (("staff", "add", "nobody", "--name", "Eva", "--pin", "1234"), NotFound),
        (("staff", "add", "luna", "--name", "Eva", "--pin", "12"), Malformed),
        (("staff", "add", "luna", "--name", "\u200b", "--pin", "1234"), Malformed),
        (("staff", "list", "nobody"), NotFound),
        (("staff", "dismiss", "luna", "nobody"), NotFound),
        (("staff", "till-link", "nobody"), NotFound),
        (("cards", "show", "luna", "nobody"), NotOurCode),
        (("cards", "rebuild", "nobody"), NotFound),
        (("ledger", "verify", "nobody"), NotFound),
        (("keys", "new", "--after", "x"), ConfigurationError),
        (("keys", "new", "--after", ",".join(f"{kid}:{'ab' * 32}" for kid in range(1, 10))), ConfigurationError),
    ],
)
def test_what_cannot_be_done_is_one_sentence(run, opened, luna, words, kind):
    error = run(*words).exception
    assert type(error) is kind
    assert error.message.strip().endswith((".", "new"))
    assert "\n" not in error.message
    with database.reading() as session:
        assert [program.id for program in programs.every(session)] == ["luna"]


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (("cards", "show", "luna", "x"), {}),
        (("programs", "list"), {"WALLETPASS_SECRET_KEYS": "x"}),
        (("programs", "list"), {"WALLETPASS_PORTT": "1"}),
        (("db", "upgrade"), {"WALLETPASS_DATABASE_URL": "sqlite:////nowhere/at/all.sqlite"}),
        (("programs", "list"), {"WALLETPASS_DATABASE_URL": "mysql://x"}),
        (("programs", "list"), {"WALLETPASS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}),
        (("programs", "list"), {"WALLETPASS_DATABASE_URL": "sqlite:nonsense"}),
    ],
)
def test_a_fault_is_one_sentence_on_standard_error(shell, opened, luna, words, more):
    done = shell(*words, **more)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_command_that_is_none_explains_itself(shell):
    done = shell("nonsense")
    assert (done.returncode, "No such command" in done.stderr) == (2, True)
    assert "walletpass, version" in shell("--version").stdout


def test_work_that_failed_half_way_left_nothing(run, opened, luna):
    """The invitation of a new restaurant is taken: the restaurant is not opened either."""
    words = ("programs", "add", "sova", "--name", "Sova", "--pass-type", "pass.x", "--team", "SOVA000001", "--channel", "luna-table")
    assert isinstance(run(*words).exception, WalletpassError)
    with database.reading() as session:
        assert session.exec(select(programs.Venue.program_id)).all() == ["luna"]


def test_a_look_at_a_card_does_not_use_its_changing_code_up(run, opened, luna):
    card = rotating(luna)
    code = shown(card)
    said = run("cards", "show", "luna", code)
    assert said.exit_code == 2
    assert "used up by being read. Give the card's number" in said.output
    with database.transaction() as session:
        assert cards.find(session, luna.id, code).id == card.id
