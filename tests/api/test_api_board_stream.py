"""The board as it changes, before a server as an operator starts it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests

from tests.api.till import error
from tests.cast import PINS, make_app, make_till, open_house
from tests.demo import wait_for
from tests.tills import program_header, signed_in, till_browser
from walletpass import database, events, hostess, programs, staff, surveys
from walletpass.api import board_stream
from walletpass.api.auth import staff_cookie, till_cookie
from walletpass.api.board_memory import Seats
from walletpass.events import Kind
from walletpass.ledger import Origin

WITHIN = 2.0
STREAMS = 40


@pytest.fixture
def app(house):
    return make_app()


@pytest.fixture
def bruno(app, house):
    return signed_in(app, house, "Bruno")


def opened(browser, status=200, **headers):
    answer = browser.get("/api/v1/board/stream", headers={**program_header(), **headers})
    assert answer.status_code == status
    return answer


def parts(answer):
    """The events and comments of a stream, one after the other."""
    return (bytes(part).decode() for part in answer.response)


def said(part):
    fields = dict(line.partition(": ")[::2] for line in part.strip().splitlines())
    return fields.get("event"), fields.get("id"), json.loads(fields["data"]) if "data" in fields else None


def arrive(house):
    with database.transaction() as session:
        hostess.arrived(session, programs.get(session, house.id), house.venue.id, house.ana, "nfc")


def test_a_stream_begins_with_the_board_and_goes_on_with_what_changes(house, bruno):
    answer = opened(bruno)
    assert (answer.mimetype, answer.headers["Cache-Control"], answer.headers["X-Accel-Buffering"]) == (
        "text/event-stream",
        "no-store",
        "no",
    )
    told = parts(answer)
    assert next(told) == "retry: 2000\n\n"
    name, first, board = said(next(told))
    assert (name, board["door"]) == ("board", [])
    timer = threading.Timer(0.2, arrive, [house])
    timer.start()
    began = time.monotonic()
    name, second, board = said(next(told))
    assert time.monotonic() - began < WITHIN
    timer.join()
    assert (name, board["door"][0]["guest"]["name"]) == ("board", "Ana")
    assert second != first
    answer.close()


def test_a_review_of_who_stands_at_the_door_is_thanked_for_at_once(house, bruno):
    arrive(house)
    told = parts(opened(bruno))
    next(told)
    assert said(next(told))[2]["door"][0]["sentence"]["kind"] != "review"

    def write():
        with database.transaction() as session:
            program = programs.get(session, house.id)
            url = "https://tripadvisor.example/r/1"
            surveys.record_review(session, program, house.ana, "tripadvisor", url, database.now(), Origin("api"))

    timer = threading.Timer(0.2, write)
    timer.start()
    began = time.monotonic()
    assert said(next(told))[2]["door"][0]["sentence"]["kind"] == "review"
    assert time.monotonic() - began < WITHIN
    timer.join()


def test_whoever_comes_back_is_not_told_again_what_they_have(house, bruno, monkeypatch):
    monkeypatch.setattr(board_stream, "LASTS", 0.5)
    told = list(parts(opened(bruno)))
    assert len(told) == 2, "it ends by itself"
    _, known, _ = said(told[1])
    assert list(parts(opened(bruno, **{"Last-Event-ID": known}))) == ["retry: 2000\n\n"]
    arrive(house)
    assert len(list(parts(opened(bruno, **{"Last-Event-ID": known})))) == 2


def test_an_evening_s_other_events_move_no_board(house, bruno, monkeypatch):
    monkeypatch.setattr(board_stream, "LASTS", 1.0)
    told = parts(opened(bruno))
    assert [next(told)[:6], next(told)[:12]] == ["retry:", "event: board"]
    with database.transaction() as session:
        events.happened(session, house.id, Kind.POINTS_ADJUSTED, card_id=house.ana.id)
        events.happened(session, house.id, Kind.GUEST_ARRIVED, venue_id="0" * 26)
    assert list(told) == []


def test_a_stream_ends_soon_after_its_person_has_signed_out(app, house, monkeypatch):
    monkeypatch.setattr(board_stream, "PING", 0.2)
    browser, till = till_browser(app, house.id)
    secret = staff.sign_in(till, house.bruno.id, PINS["Bruno"])
    browser.set_cookie(staff_cookie(house.id), secret)
    told = parts(opened(browser))
    assert [next(told)[:5], next(told)[:5], next(told)] == ["retry", "event", ": here\n\n"]
    with database.transaction() as session:
        staff.sign_out(session, house.id, secret)
    assert [part for part in told if part != ": here\n\n"] == []


def test_a_browser_s_event_source_says_the_program_in_the_query(app, house, bruno):
    open_house("sova")
    stream = "/api/v1/board/stream"
    for query, headers, status in (
        ("program=luna", {}, 200),
        ("program=luna", {"Sec-Fetch-Site": "same-origin"}, 200),
        ("program=luna", {"Sec-Fetch-Site": "cross-site"}, 401),
        ("program=sova", {}, 401),
        ("program=nobody", {}, 401),
        ("", {}, 401),
    ):
        answer = bruno.get(f"{stream}?{query}", headers=headers)
        assert answer.status_code == status, (query, headers)
        answer.close()
    assert app.test_client().get(f"{stream}?program=luna").status_code == 401
    assert bruno.get("/api/v1/board?program=luna").status_code == 401, "there alone"


def test_more_boards_than_the_server_has_threads_for_are_told_to_wait(house, app, bruno, monkeypatch):
    monkeypatch.setitem(app.extensions, "board_seats", Seats(2))
    first, second = opened(bruno), opened(bruno)
    refused = opened(bruno, 503)
    assert (error(refused)["code"], refused.headers["Retry-After"].isdigit()) == ("unavailable", True)
    first.close()
    third = opened(bruno)
    for answer in (second, third):
        answer.close()


@contextmanager
def serving(settings, **more):
    """`walletpass serve` on a port of its own, and its process."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    told = {name: getattr(settings, name) for name in ("secret_keys", "database_url", "certs_dir", "log_level")}
    told |= {"port": port, "base_url": f"http://127.0.0.1:{port}", "embedded_worker": "off", "threads": 4, **more}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WALLETPASS_")}
    environment |= {f"WALLETPASS_{name.upper()}": str(value) for name, value in told.items()}
    with subprocess.Popen([sys.executable, "-m", "walletpass", "serve"], env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: _answers(port), 60)
            yield told["base_url"], process
        finally:
            process.kill()


def _answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


class Stream:
    """An open stream: the boards that came, each with the moment."""

    def __init__(self, base, cookies):
        self.answer = requests.get(f"{base}/api/v1/board/stream?program=luna", cookies=cookies, stream=True, timeout=30)
        self.lines = self.answer.iter_lines(chunk_size=1)

    def next(self):
        for line in self.lines:
            if line.startswith(b"data: "):
                return json.loads(line.removeprefix(b"data: ")), time.monotonic()
        return None, time.monotonic()


def test_forty_streams_of_a_real_server_hear_of_a_guest_in_time_and_tills_are_served_meanwhile(db):
    house = open_house()
    till, till_secret = make_till(house.id)
    cookies = {till_cookie(house.id): till_secret, staff_cookie(house.id): staff.sign_in(till, house.bruno.id, PINS["Bruno"])}
    bearer = {"Authorization": f"Bearer {house.api_key}"}
    with serving(db) as (base, process), ThreadPoolExecutor(STREAMS) as pool:
        streams = list(pool.map(lambda _: Stream(base, cookies), range(STREAMS)))
        assert [stream.answer.status_code for stream in streams] == [200] * STREAMS
        assert all(board["door"] == [] for board, _ in pool.map(Stream.next, streams))
        assert requests.get(f"{base}/api/v1/board/stream?program=luna", cookies=cookies, timeout=10).status_code == 503
        heard = [pool.submit(stream.next) for stream in streams]
        began = time.monotonic()
        for _ in range(8):
            seen = requests.post(f"{base}/api/v1/guests/by-code", json={"code": house.ana.number}, headers=bearer, timeout=10)
            assert seen.status_code == 200, "a till is served beside them"
        assert time.monotonic() - began < 8.0
        # By a request to this server, and then by another process.
        began = time.monotonic()
        requests.post(
            f"{base}/api/v1/signals/arrival",
            json={"card": house.ana.number, "via": "nfc"},
            headers={**bearer, "Idempotency-Key": "a"},
            timeout=10,
        ).raise_for_status()
        told = [one.result(20) for one in heard]
        assert all(board["door"][0]["guest"]["name"] == "Ana" for board, _ in told)
        assert max(at for _, at in told) - began < WITHIN
        heard = [pool.submit(stream.next) for stream in streams]
        began = time.monotonic()
        with database.transaction() as session:
            hostess.call(session, programs.get(session, house.id), house.venue.id, "+49 151 23456789")
        told = [one.result(20) for one in heard]
        assert all(board["calls"][0]["guest"]["name"] == "Ana" for board, _ in told)
        assert max(at for _, at in told) - began < WITHIN
        # The server stops, and no stream holds it up.
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert time.monotonic() - began < 8.0
        assert {stream.next()[0] for stream in streams} == {None}
