"""Pulling the plug on the demo: what was answered is there, once, and reaches the phone."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.demo import Demo, free_port, wait_for


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    running = Demo(tmp_path_factory.mktemp("killed")).start()
    yield running
    running.kill()


class Guest:
    """A guest of Luna with the card on the sandbox iPhone."""

    def __init__(self, demo, name):
        answer = requests.post(
            demo.program()["join_url"], data={"name": name, "phone": "0151 5550001", "consent": "yes"}, allow_redirects=False, timeout=10
        )
        assert answer.status_code == 303
        self.page = demo.base + answer.headers["Location"]

    def add_to_iphone(self, demo):
        requests.post(f"{demo.sandbox}/iphone/open", json={"url": f"{self.page}/card.pkpass"}, timeout=20).raise_for_status()
        added = requests.post(f"{demo.sandbox}/iphone/add", json={}, timeout=20)
        added.raise_for_status()
        self.serial = added.json()["serial"]
        self.code = self.on_iphone(demo)["barcode"]["message"]

    def on_iphone(self, demo):
        passes = requests.get(f"{demo.sandbox}/state", timeout=10).json()["iphone"]["passes"]
        return next(held for held in passes if held["serial"] == self.serial)

    def points_on_iphone(self, demo):
        slots = [fields for fields in self.on_iphone(demo).values() if isinstance(fields, list)]
        return next(field["value"] for fields in slots for field in fields if field["key"] == "points")


def earn(demo, card, amount, key):
    return demo.api("earn", {"card": card, "check_id": f"check-{key}", "amount": amount}, key=key)


def look_up(demo, code):
    answer = demo.api("guests/by-code", {"code": code})
    assert answer.status_code == 200, answer.text
    return answer.json()


def turn(demo, **switches):
    requests.put(f"{demo.sandbox}/faults", json=switches, timeout=10).raise_for_status()


def waiting(demo):
    return requests.get(f"{demo.base}/health", timeout=10).json()["waiting"]


def verify(demo):
    """`walletpass ledger verify` over the demo's database, in a process of its own."""
    command = [sys.executable, "-m", "walletpass", "ledger", "verify"]
    return subprocess.run(command, env=demo.environment(), capture_output=True, text=True, timeout=60, check=False)


def test_an_answered_earn_survives_the_plug_and_reaches_the_phone(demo):
    ana = Guest(demo, "Ana")
    ana.add_to_iphone(demo)
    turn(demo, apns="503")
    first = earn(demo, ana.code, 8450, "plug-1")
    demo.kill()
    assert first.status_code == 200
    assert first.json()["balance"]["points"] == 845

    demo.start()
    again = earn(demo, ana.code, 8450, "plug-1")
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotent-Replay"] == "true"
    seen = look_up(demo, ana.code)
    assert [(entry["type"], entry["points"]) for entry in seen["recent"]] == [("earn", 845)]
    assert seen["card"]["points"] == 845
    assert ana.points_on_iphone(demo) == "0"
    assert waiting(demo) >= 1

    turn(demo, apns="ok")
    wait_for(lambda: ana.points_on_iphone(demo) == "845", 45)
    # A row that was being sent when the plug was pulled is taken up again at the start, not when its lease of a minute has run out.
    wait_for(lambda: waiting(demo) == 0, 45)
    assert verify(demo).returncode == 0


def test_of_twenty_earns_in_flight_what_was_answered_is_there_once(demo):
    bea = Guest(demo, "Bea")
    bea.add_to_iphone(demo)
    answered = {}

    def keep_earning(number):
        for turn_number in range(200):
            key = f"flight-{number}-{turn_number}"
            try:
                answer = earn(demo, bea.code, 1000 + 10 * number, key)
            except requests.RequestException:
                return key
            if answer.status_code == 200:
                answered[key] = answer.json()
        return None

    chance = random.Random(20)
    with ThreadPoolExecutor(20) as pool:
        running = [pool.submit(keep_earning, number) for number in range(20)]
        wait_for(lambda: len(answered) > chance.randrange(20, 40), 30)
        demo.kill()
        lost = [one.result(30) for one in running]
    assert any(lost), "no request was under way"

    demo.start()
    checked = verify(demo)
    assert checked.returncode == 0, checked.stdout
    card, told = look_up(demo, bea.code)["card"], []
    for key in answered:
        again = earn(demo, bea.code, answered[key]["entry"]["points"] * 10, key)
        assert again.json() == answered[key]
        assert again.headers["Idempotent-Replay"] == "true"
        told.append(again.json()["entry"]["id"])
    assert len(set(told)) == len(told)
    # Those without an answer are there once or not at all: repeating each makes it exactly once.
    replayed = [earn(demo, bea.code, 1000 + 10 * int(key.split("-")[1]), key) for key in lost if key]
    assert {answer.status_code for answer in replayed} == {200}
    earned = {answer.json()["entry"]["id"]: answer.json()["entry"]["points"] for answer in replayed}
    earned |= {answer["entry"]["id"]: answer["entry"]["points"] for answer in answered.values()}
    assert card["points"] <= look_up(demo, bea.code)["card"]["points"] == sum(earned.values())
    assert verify(demo).returncode == 0


def test_only_the_master_is_killed_and_the_next_start_waits_for_the_rest(demo):
    """As an operator with the process id of the access file would do it."""
    key, guests = demo.program()["api_key"], count_guests(demo)
    os.kill(demo.access["pid"], signal.SIGKILL)
    demo.process.wait(10)
    demo.start()
    assert demo.program()["api_key"] == key
    assert count_guests(demo) == guests
    assert requests.get(f"{demo.sandbox}/state", timeout=10).status_code == 200


def count_guests(demo):
    with sqlite3.connect(demo.access["database_url"].removeprefix("sqlite:///")) as file:
        (count,) = file.execute("SELECT count(*) FROM guest").fetchone()
    file.close()
    return count


def start_another(port, folder):
    command = [sys.executable, "-m", "walletpass", "demo", "--port", str(port), "--dir", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_port_that_is_taken_is_refused_in_a_sentence(demo, tmp_path):
    done = start_another(port=demo.port, folder=tmp_path / "other")
    assert done.returncode == 1
    assert done.stderr == f"Error: Port {demo.port} is taken by another program. Choose another one with --port.\n"
    assert not (tmp_path / "other" / "walletpass.sqlite").exists()


def test_a_folder_has_one_demo(demo):
    folder: Path = demo.folder / "data"
    done = start_another(port=free_port(), folder=folder)
    assert done.returncode == 1
    assert done.stderr == f"Error: A demo is running in {folder} already. Stop it, or choose another folder with --dir.\n"
    assert requests.get(demo.base, timeout=10).status_code == 200
