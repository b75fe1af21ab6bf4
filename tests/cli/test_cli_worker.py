"""`walletpass worker` as a process of its own."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
import time_machine

from tests.apple.test_guardian_watch import MailServer
from tests.cast import open_house
from tests.demo import wait_for
from walletpass import config
from walletpass.apple import guardian
from walletpass.database import now
from walletpass.sandbox import chain


@pytest.fixture
def post():
    server = MailServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def ending(tmp_path, opened, environ, post):
    """Luna, whose certificate ends in six days, and an operator who wants to hear of it."""
    open_house()
    with time_machine.travel(now() - timedelta(days=390), tick=False):
        kinds = [chain.PassType("luna", "pass.example.luna", "LUNA000001", "Luna")]
        chain.prepare(tmp_path / "ending", tmp_path / "outside", kinds)
    changed = {
        "WALLETPASS_CERTS_DIR": str(tmp_path / "ending"),
        "WALLETPASS_SMTP_URL": f"smtp://127.0.0.1:{post.server_address[1]}",
        "WALLETPASS_ALERT_TO": "dmitro@example.com",
        "WALLETPASS_LOG_LEVEL": "warning",
    }
    environ.update(changed)
    return environ


@pytest.fixture
def start(tmp_path, environ):
    running = []

    def begin():
        said = tmp_path / f"worker-{len(running)}.txt"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WALLETPASS_")}
        with said.open("wb") as out:
            command = [sys.executable, "-m", "walletpass", "worker"]
            running.append(subprocess.Popen(command, env={**clean, **environ}, stdout=out, stderr=out))
        return running[-1], lambda: said.read_text("utf-8")

    yield begin
    for process in running:
        process.kill()
        process.wait(10)


def end(process):
    process.send_signal(signal.SIGTERM)
    return process.wait(20)


def test_the_owner_hears_once_of_a_certificate_that_ends_however_many_watch(ending, start, post, settings_for):
    first, said = start()
    wait_for(lambda: post.letters, 30, said)
    second, also_said = start()
    wait_for(lambda: "certificates.warning" in also_said(), 30, also_said)
    # As the server does where delivery runs inside it.
    settings_for(
        ending["WALLETPASS_DATABASE_URL"],
        certs_dir=ending["WALLETPASS_CERTS_DIR"],
        smtp_url=ending["WALLETPASS_SMTP_URL"],
        alert_to="dmitro@example.com",
    )
    assert config.current().smtp_url
    guardian.Watch().look()
    assert [end(first), end(second)] == [0, 0]
    (letter,) = post.letters
    assert letter["Subject"].startswith("Trattoria Luna: the Apple certificate ends on ")
    assert "certificates.mail" in said()
    assert "certificates.mail" not in also_said()
    assert "fault" not in said() + also_said()
