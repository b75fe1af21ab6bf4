"""The demo as a user starts it: a process of its own, and the file that says how to get in."""

import json
import os
import random
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import make_url

from walletpass import config, database, staff
from walletpass.api.auth import staff_cookie, till_cookie
from walletpass.errors import ConfigurationError

STARTS_WITHIN = 180.0


class Demo:
    """`walletpass demo` on a free port, with its data in ``folder``. `start` again after `kill` finds the data again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.access_file = folder / "access.json"
        self.log = folder / "log.txt"
        self.access: dict[str, Any] = {}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Demo":
        self.folder.mkdir(parents=True, exist_ok=True)
        self.access_file.unlink(missing_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WALLETPASS_")}
        command = [sys.executable, "-m", "walletpass", "demo", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--dir", str(self.folder / "data"), "--access", str(self.access_file)],
                stdout=log, stderr=log, env=environment, start_new_session=True,
            )  # fmt: skip
        wait_for(self._is_open, STARTS_WITHIN, lambda: self.log.read_text("utf-8", "replace"))
        self.access = json.loads(self.access_file.read_text("utf-8"))
        return self

    def kill(self) -> None:
        """As a power cut would: no goodbye for anybody."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """Ctrl-C. The exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self) -> str:
        return str(self.access["sandbox"]["phone_url"]).rstrip("/")

    def program(self, program_id: str = "luna") -> dict[str, Any]:
        found: dict[str, Any] = next(program for program in self.access["programs"] if program["id"] == program_id)
        return found

    def pin(self, name: str) -> str:
        return next(str(person["pin"]) for program in self.access["programs"] for person in program["staff"] if person["name"] == name)

    def enrol_link(self, program_id: str = "luna") -> str:
        """A fresh one-time link: the demo prints one, a manager's till makes the rest."""
        with self.books(), database.transaction() as session:
            return f"{self.base}/t/{program_id}/enrol/{staff.make_enrol_link(session, program_id)}"

    def signed_in(self, name: str, program_id: str = "luna", till_secret: str = "") -> dict[str, str]:
        """The cookies of somebody at a till: at the one that has this secret, or at a new one."""
        with self.books():
            with database.transaction() as session:
                till = staff.till_by_token(session, program_id, till_secret) if till_secret else None
                if till is None:
                    till, till_secret = staff.enrol(session, program_id, staff.make_enrol_link(session, program_id), "Counter")
                person = next(one for one in staff.team(session, program_id) if one.name == name)
            secret = staff.sign_in(till, person.id, self.pin(name))
        return {till_cookie(program_id): till_secret, staff_cookie(program_id): secret}

    @contextmanager
    def books(self) -> Iterator[None]:
        """The demo's database is that of this process meanwhile; where it is already, it stays so."""
        settings = config.load(self.environment())
        try:
            ours = database.engine().url == make_url(settings.database_url)
        except ConfigurationError:
            ours = False
        if ours:
            yield
            return
        database.bind(config.use(settings).database_url)
        try:
            yield
        finally:
            database.unbind()

    def environment(self) -> dict[str, str]:
        """What the operator of this demo would have to set, as the demo has written it down."""
        lines = Path(self.access["environment"]).read_text("utf-8").splitlines()
        ours = dict(shlex.split(line)[1].split("=", 1) for line in lines)
        return {name: value for name, value in os.environ.items() if not name.startswith("WALLETPASS_")} | ours

    def api(self, path: str, body: dict[str, Any], program: str = "luna", key: str = "") -> requests.Response:
        headers = {**self.bearer(program), "Idempotency-Key": key or uuid.uuid4().hex}
        return requests.post(f"{self.base}/api/v1/{path}", json=body, headers=headers, timeout=30)

    def bearer(self, program: str = "luna") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.program(program)['api_key']}"}

    def earn(self, card: str, amount: int, program: str = "luna") -> None:
        answer = self.api("earn", {"card": card, "amount": amount}, program)
        assert answer.status_code == 200, answer.text

    def card_page(self, program: str = "luna", name: str = "Ana Bondarenko") -> str:
        """A guest joins; the address of the card's page."""
        form = {"name": name, "phone": "+49 151 23456789", "consent": "yes"}
        answer = requests.post(self.program(program)["join_url"], data=form, allow_redirects=False, timeout=30)
        assert answer.status_code == 303, answer.text
        return self.base + answer.headers["Location"]

    def card_with(self, points: int, program: str = "luna", name: str = "Ana Bondarenko") -> str:
        """The number of a new card with so many points, a multiple of ten cents' worth each."""
        page = requests.get(self.card_page(program, name), timeout=30).text
        found = re.search(r"\b(\d{4}) (\d{4})\b", page)
        assert found is not None
        number = found.group(1) + found.group(2)
        if points:
            self.earn(number, points * 10, program)
        return number

    def _is_open(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"the demo ended: {self.log.read_text('utf-8', 'replace')}")
        try:
            return requests.get(self.base, timeout=2).status_code == 200
        except requests.RequestException:
            return False


def wait_for(truth: Any, seconds: float = 15.0, told: Any = None) -> Any:
    """The first true answer, asked for again until the time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = truth()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain. {told() if told else ''}")


def free_port() -> int:
    """The first of a run of six, of which the sandbox takes the others; below those that outgoing connections are given."""
    for _ in range(200):
        first = random.randrange(12_000, 32_000)
        if all(map(is_free, range(first, first + 6))):
            return first
    raise AssertionError("no free port")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
