"""What is wrong with an installation is said before a guest finds out."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.cast import open_house
from tests.demo import free_port, wait_for
from walletpass import database
from walletpass.delivery.pause import pause
from walletpass.errors import Malformed
from walletpass.sandbox import chain

KIND = chain.PassType("luna", "pass.example.luna", "LUNA000001", "Luna")


def expire(folder, outside):
    old = chain.pass_certificate(chain.load(outside, "wwdr"), KIND, start=datetime(2020, 1, 1, tzinfo=UTC), lasts=timedelta(days=30))
    chain._store(folder, "pass", old)


def swap_key(folder, outside):
    key = rsa.generate_private_key(65537, 2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "pass.key").write_bytes(key.private_bytes(*form))


def other_pass_type(folder, outside):
    kind = chain.PassType("luna", "pass.example.other", "LUNA000001", "Luna")
    chain._store(folder, "pass", chain.pass_certificate(chain.load(outside, "wwdr"), kind))


def open_key(folder, outside):
    (folder / "pass.key").chmod(0o644)


def no_key(folder, outside):
    (folder / "pass.key").unlink()


def open_google(folder, outside):
    (folder.parent / "google.json").chmod(0o644)


def broken_google(folder, outside):
    (folder.parent / "google.json").write_text("{}")


FAULTS = {
    expire: "luna/pass.pem or its issuer expired on 2020-01-31. Renew",
    swap_key: "luna/pass.key is not the key of pass.pem.",
    other_pass_type: "is for pass.example.other (UID), but the program's pass type identifier is pass.example.luna.",
    open_key: "luna/pass.key can be read by others. Run: chmod 600 pass.key",
    no_key: "luna/pass.key is missing.",
    open_google: "google.json can be read by other users of this machine.",
    broken_google: "google.json is not the JSON key of a service account",
}


@pytest.fixture
def outside(certs):
    """Where the authority that issued the certificates keeps its keys."""
    return certs.parent / "outside"


def test_a_sound_installation_is_sound(run, opened, luna):
    result = run("doctor")
    assert (result.exit_code, result.output) == (0, "Everything is sound.\n")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_is_named_with_what_mends_it(run, opened, luna, own_certs, outside, fault):
    fault(own_certs / "luna", outside)
    result = run("doctor")
    assert result.exit_code == 1
    assert FAULTS[fault] in result.output
    assert "1 to mend." in result.output


def test_every_fault_is_listed_at_once(run, opened, luna, own_certs, outside):
    open_house("sova")
    open_key(own_certs / "luna", outside)
    no_key(own_certs / "sova", outside)
    open_google(own_certs / "luna", outside)
    result = run("doctor")
    assert result.output.count("\n- ") + result.output.startswith("- ") == 3
    assert "3 to mend." in result.output


def test_a_palette_that_is_not_there_opens_no_restaurant(run, opened, sqlite):
    open_house("luna")
    add = ("programs", "add", "mare", "--name", "Mare", "--pass-type", "pass.mare", "--team", "MARE000001")
    refused = run(*add, "--palette", "nope")
    assert refused.exit_code == 1
    assert isinstance(refused.exception, Malformed)
    assert run("programs", "dress", "luna", "--design", "coffee", "--palette", "nope").exit_code == 1
    assert run("doctor").exit_code == 0


def test_a_palette_that_went_away_is_a_fault(run, opened, sqlite):
    house = open_house("luna")
    with database.transaction() as session:
        session.add(session.merge(house.program.model_copy(update={"palette": "nope"})))
    result = run("doctor")
    assert result.exit_code == 1
    assert "Program luna: design bistro has no palette 'nope'." in result.output


def test_a_restaurant_without_a_wallet_is_a_hint(run, opened, sqlite):
    run("programs", "add", "mare", "--name", "Mare", "--pass-type", "pass.mare", "--team", "MARE000001")
    result = run("doctor")
    assert result.exit_code == 0
    assert "Mare (mare) has no wallet set up yet" in result.output
    assert result.output.endswith("Nothing is broken, 1 to look at.\n")


def test_an_issuer_without_a_key_is_a_hint(run, opened, luna, own_certs):
    run("programs", "google", "luna", "--issuer", "3388000000000000001")
    assert run("doctor").output.startswith("Everything is sound.\n")
    (own_certs / "google.json").unlink()
    result = run("doctor")
    assert (
        f"Trattoria Luna (luna) has an issuer id of Google's, and no card can go there: there is no {own_certs / 'google.json'}."
        in result.output
    )
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "Nothing is broken, 1 to look at.")


def test_secrets_that_others_can_read_are_not_called_sound(run, opened, luna, environ, tmp_path):
    path = tmp_path / "keys"
    path.write_text(environ.pop("WALLETPASS_SECRET_KEYS"))
    path.chmod(0o644)
    environ["WALLETPASS_SECRET_KEYS_FILE"] = str(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WALLETPASS_SECRET_KEYS_FILE", str(path))
        result = run("doctor")
    assert f"chmod 600 {path}" in result.output
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "Nothing is broken, 1 to look at.")


def test_a_channel_that_is_shut_is_named_with_what_opens_it(run, opened, luna):
    with database.transaction() as session:
        pause(session, "luna", "apple", "APNs 403 BadCertificate", 900)
    result = run("doctor")
    assert "Apple Wallet is paused for luna since" in result.output
    assert "APNs 403 BadCertificate. Mend it (walletpass certs check luna says how), then press Resume now on " in result.output
    assert result.output.endswith("Nothing is broken, 1 to look at.\n")


def test_an_empty_house_is_told_how_to_open(run, opened, sqlite):
    result = run("doctor")
    assert result.exit_code == 0
    assert "walletpass programs add" in result.output


@pytest.mark.parametrize("fault", [expire, swap_key, other_pass_type, open_key], ids=lambda fault: fault.__name__)
def test_the_server_does_not_start_with_a_fault(shell, opened, luna, own_certs, outside, fault):
    fault(own_certs / "luna", outside)
    done = shell("serve", WALLETPASS_PORT=str(free_port()))
    assert done.returncode == 1
    assert "walletpass does not start" in done.stderr
    assert FAULTS[fault] in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("serve",), ("worker",), ("doctor",), ("programs", "list")])
def test_a_database_of_another_version_is_refused_with_the_command_that_mends_it(shell, opened, luna, environ, words):
    with sqlite3.connect(environ["WALLETPASS_DATABASE_URL"].removeprefix("sqlite:///")) as file:
        file.execute("UPDATE alembic_version SET version_num = '0001'")
    file.close()
    done = shell(*words)
    assert done.returncode == 1
    assert done.stderr.startswith("The database is at 0001, this version needs")
    assert done.stderr.endswith("Run: walletpass db upgrade\n")


@pytest.mark.parametrize("words", [("serve",), ("db", "upgrade")])
def test_a_database_of_a_newer_version_is_left_alone(shell, opened, luna, environ, words):
    with sqlite3.connect(environ["WALLETPASS_DATABASE_URL"].removeprefix("sqlite:///")) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    file.close()
    done = shell(*words)
    assert done.returncode == 1
    assert done.stderr == "The database is at 9999: a newer walletpass has written it. Install that version again.\n"


def test_a_database_that_is_empty_is_refused_too(shell):
    done = shell("serve")
    assert done.returncode == 1
    assert done.stderr.startswith("The database is empty")


def test_a_sound_server_starts_answers_and_ends(environ, opened, luna):
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WALLETPASS_")}
    with subprocess.Popen(
        [sys.executable, "-m", "walletpass", "serve"],
        env={**clean, **environ, "WALLETPASS_PORT": str(port)}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    ) as server:  # fmt: skip

        def health():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
                    return json.load(answer)
            except OSError:
                return None

        try:
            assert wait_for(health, 30)["status"] == "ok"
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
        assert b"Traceback" not in server.stderr.read()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
