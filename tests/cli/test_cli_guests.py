"""The guest base on the command line, the power plug included."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.cast import open_house
from tests.guestbook.files import lines_of, text_of
from walletpass import database
from walletpass.errors import Malformed, NotFound


@pytest.fixture
def luna(run, environ):
    run("db", "upgrade")
    database.bind(environ["WALLETPASS_DATABASE_URL"])
    house = open_house()
    database.engine().dispose()
    return house


@pytest.fixture
def file(tmp_path):
    def write(*rows, **more):
        path = tmp_path / "guests.csv"
        path.write_bytes(text_of(*rows, **more))
        return str(path)

    return write


def count(environ, table, where="1 = 1"):
    with sqlite3.connect(environ["WALLETPASS_DATABASE_URL"].removeprefix("sqlite:///"), timeout=30) as connection:
        return connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]  # noqa: S608 (our own words)


def test_a_dry_run_says_what_would_happen_and_changes_nothing(run, luna, environ, file):
    result = run("guests", "import", "luna", file(*lines_of(3), "Bad,12,,,,"), "--dry-run")
    assert result.exit_code == 0, result.output
    assert "5 lines, utf-8, delimiter ','; name from Name, phone from Phone" in result.output
    assert "line 5: malformed (phone)" in result.output
    assert "3 new guests with 30 points, 0 known, 1 lines refused.\nNothing was changed." in result.output
    assert count(environ, "guest") == 1
    assert count(environ, "import_job") == 0


def test_guests_come_in_and_are_known_the_next_time(run, luna, environ, file):
    path = file(*lines_of(60))
    assert "60 new guests with 600 points, 0 known, 0 lines refused." in run("guests", "import", "luna", path).output
    assert "0 new guests with 0 points, 60 known" in run("guests", "import", "luna", path).output
    assert count(environ, "guest") == 61
    assert "0 faults" in run("ledger", "verify", "luna").output
    assert run("guests", "resume", "luna").output == "No import waits.\n"


def test_columns_are_named_or_counted(run, luna, environ, file):
    path = file("5,Ana Costa,+4915120000001", head="Punkte,Wer,Tel")
    assert run("guests", "import", "luna", path, "--map", "points=Punkte", "--map", "name=2").exit_code == 0
    assert count(environ, "guest", "name = 'Ana Costa'") == 1
    assert count(environ, "lot", "amount = 5") == 1
    assert "no column 'Shoe'" in run("guests", "import", "luna", path, "--map", "city=Shoe").output
    assert isinstance(run("guests", "import", "luna", path, "--map", "shoe=1").exception, Malformed)
    assert isinstance(run("guests", "import", "luna", path, "--map", "phone=").exception, Malformed)
    assert "no way to send messages" in run("guests", "import", "luna", path, "--invite", WALLETPASS_SMS_URL="").output


def test_a_file_too_large_is_not_even_opened(run, luna, tmp_path, environ):
    path = tmp_path / "large.csv"
    with path.open("wb") as out:
        out.truncate(65 * 1024 * 1024)
    assert "at most 64 MB" in str(run("guests", "import", "luna", str(path)).exception)
    assert count(environ, "import_job") == 0


def test_a_guest_is_forgotten_by_number_card_or_id(run, luna, environ):
    assert run("guests", "erase", "luna", "+49 151 23456789").exit_code == 1  # nobody said yes
    assert count(environ, "guest", "name = 'Ana'") == 1
    result = run("guests", "erase", "luna", luna.ana.number, "--yes")
    assert result.output == f"Guest {luna.ana.guest_id} is forgotten; cards ended: 1.\n"
    assert count(environ, "guest", "name = '' AND phone = ''") == 1
    assert isinstance(run("guests", "erase", "luna", luna.ana.guest_id, "--yes").exception, NotFound)
    assert isinstance(run("guests", "erase", "luna", "+4915123456789", "--yes").exception, NotFound)
    assert isinstance(run("guests", "erase", "luna", "nonsense", "--yes").exception, Malformed)


def test_the_base_is_written_to_a_file(run, luna, tmp_path):
    path = tmp_path / "out.csv"
    assert run("guests", "export", "luna", "--output", str(path)).exit_code == 0
    assert "'+4915123456789" in path.read_text("utf-8")
    assert run("guests", "export", "luna", "--format", "ndjson").output.startswith('{"id": "')
    assert isinstance(run("guests", "export", "nobody").exception, NotFound)


def test_an_import_that_is_killed_goes_on_where_it_was(luna, environ, file, run):
    """kill -9 at a moment that nobody chose; then another process finds the job."""
    path = file(*lines_of(400), "Nobody,,,,,")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WALLETPASS_")}
    kills = 0
    command = ["import", "luna", path]
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-m", "walletpass", "guests", *command],
            env={**clean, **environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            before = count(environ, "guest")
            while process.poll() is None and count(environ, "guest") < before + 41:
                time.sleep(0.005)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
        command = ["resume", "luna"]
    assert kills == 3
    assert 41 < count(environ, "guest") < 401
    result = run("guests", "resume", "luna")
    assert "400 new guests with 4000 points, 0 known, 1 lines refused." in result.output
    assert count(environ, "guest") == 401
    assert count(environ, "card") == 401
    assert count(environ, "lot") == 400
    assert count(environ, "import_refusal") == 1
    assert count(environ, "import_piece") == 0
    assert "0 faults" in run("ledger", "verify", "luna").output
