"""A pass counts as fetched when it has been sent, and no phone waits for that to be written down; on both databases."""

import http.client
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs
from werkzeug.test import EnvironBuilder

from tests.delivery.phones import Phones
from tests.demo import free_port, wait_for
from walletpass import config, database


@pytest.fixture
def phones(house):
    phones = Phones(house)
    phones.register("d1")
    phones.show(705)
    return phones


def answer_to(phones):
    """The pieces of a pass as a server gets them from us, one after the other."""
    environ = EnvironBuilder(path=phones.path, headers=phones.head()).get_environ()
    return phones.client.application(environ, lambda status, headers: None)


@contextmanager
def nobody_else_writes():
    with database.transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("LOCK TABLE device_delivery IN EXCLUSIVE MODE"))
        session.connection()
        yield


def test_a_phone_that_hangs_up_has_fetched_nothing(phones):
    answer = answer_to(phones)
    assert next(iter(answer)).startswith(b"PK\3\4")
    answer.close()
    assert phones.told()["lagging"]


def test_a_phone_that_took_it_all_has_fetched_it(phones):
    answer = answer_to(phones)
    whole = b"".join(answer)
    answer.close()
    assert not phones.told()["lagging"]
    assert (phones.told()["points"], whole) == (705, phones.fetch().data)


@pytest.mark.parametrize("has_it", [False, True])
def test_what_cannot_be_written_down_breaks_no_answer(phones, has_it):
    phones.fetch()
    phones.show(845)
    headers = {"If-Modified-Since": phones.fetch("HEAD").headers["Last-Modified"]} if has_it else {}
    with database.transaction() as session:
        session.execute(text("ALTER TABLE device_delivery RENAME COLUMN fetched_points TO away"))
    try:
        with capture_logs() as logs:
            answer = phones.fetch(**headers)
    finally:
        with database.transaction() as session:
            session.execute(text("ALTER TABLE device_delivery RENAME COLUMN away TO fetched_points"))
    assert answer.status_code == (304 if has_it else 200)
    assert len(answer.data) == int(answer.headers.get("Content-Length", 0))
    assert [entry["event"] for entry in logs] == ["apple.not_noted"]
    assert phones.told()["lagging"]


@pytest.fixture
def server(house):
    """`walletpass serve` over the test's database, and a connection that stays open."""
    settings = config.current()
    names = ("secret_keys", "database_url", "certs_dir", "log_level")
    ours = {f"WALLETPASS_{name.upper()}": str(getattr(settings, name)) for name in names}
    ours |= {"WALLETPASS_PORT": str(free_port()), "WALLETPASS_EMBEDDED_WORKER": "off"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WALLETPASS_")}
    connection = http.client.HTTPConnection("127.0.0.1", int(ours["WALLETPASS_PORT"]), timeout=20)
    with subprocess.Popen([sys.executable, "-m", "walletpass", "serve"], env={**clean, **ours}, stderr=subprocess.PIPE) as process:
        try:
            wait_for(lambda: listens(connection), 30)
            yield connection
        finally:
            connection.close()
            process.send_signal(signal.SIGTERM)
            told = process.communicate(timeout=20)[1]
    assert told == b""


def listens(connection):
    try:
        connection.connect()
    except OSError:
        return False
    return True


def over_http(connection, phones, method="GET"):
    connection.request(method, phones.path, headers=phones.head())
    answer = connection.getresponse()
    assert answer.status == 200
    return answer.read()


def test_the_phone_has_its_pass_while_others_write_and_is_told_of_afterwards(phones, server):
    with nobody_else_writes():
        assert over_http(server, phones).startswith(b"PK\3\4")
        assert phones.rows() == {}
    # The next answer on this connection comes when the last is done with; a HEAD itself proves nothing.
    over_http(server, phones, "HEAD")
    assert (phones.told()["lagging"], phones.told()["points"]) == (False, 705)
