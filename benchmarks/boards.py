"""Forty hostess's boards open on one process: when an arrival stands on all of them, and what they cost the tills.

`walletpass serve` as an operator starts it. Eight tills look at thirty guests and earn thirty checks a second, in turns without a
board and beside forty of them; a guest comes every other second, and her time counts from the request that says so to the last board that shows her.
`python -m benchmarks.boards [rounds]`
"""

import asyncio
import http.client
import json
import sys
import threading
import time
from contextlib import closing
from typing import NamedTuple

from benchmarks import luna, served, table
from benchmarks.callers import Callers
from benchmarks.scan import EARN, LOOK, requests
from walletpass import database, programs, staff
from walletpass.api.auth import staff_cookie, till_cookie

BOARDS, TILLS, SCANS = 40, 8, 30
SECONDS, EVERY = 30, 2.0
WITHOUT, BESIDE = "no board", f"{BOARDS} boards"
PIN = "4680"


class Round(NamedTuple):
    """Seconds of each call of a till, and of each arrival until the last board showed it."""

    till: list[float]
    seen: list[float]


class Boards:
    """Browsers with the stream open, on an event loop of their own: when each of them first showed each guest."""

    def __init__(self, port: int, cookies: str, count: int) -> None:
        asked = f"GET /api/v1/board/stream?program=luna HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookies}\r\n\r\n"
        self.port, self.asked = port, asked.encode()
        self.coming: list[str] = []
        self.shown: list[dict[str, float]] = [{} for _ in range(count)]
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)

    def __enter__(self) -> "Boards":
        self.thread.start()
        opened = [asyncio.run_coroutine_threadsafe(self._open(shown), self.loop) for shown in self.shown]
        # Kept, for the loop itself does not hold on to them.
        self.following = [asyncio.run_coroutine_threadsafe(self._follow(*one.result(60)), self.loop) for one in opened]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def last(self, card: str) -> float:
        """When the last of them showed this guest."""
        return max(shown[card] for shown in self.shown)

    async def _open(self, shown: dict[str, float]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, dict[str, float]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)
        writer.write(self.asked)
        status = await reader.readline()
        assert b" 200 " in status, status
        while not (await reader.readline()).startswith(b"data: "):
            pass
        return reader, writer, shown

    async def _close(self) -> None:
        following = asyncio.all_tasks() - {asyncio.current_task()}
        for one in following:
            one.cancel()
        await asyncio.gather(*following, return_exceptions=True)

    async def _follow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, shown: dict[str, float]) -> None:
        try:
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    at = time.perf_counter()
                    for card in self.coming:
                        if card not in shown and card.encode() in line:
                            shown[card] = at
        finally:
            writer.close()


def main(rounds: int = 3) -> None:
    port = served.free_port()
    taken: dict[str, list[Round]] = {WITHOUT: [], BESIDE: []}
    with luna.opened(port) as house:
        make = requests(house)
        cookies = _hostess(house)
        arrivals = int(rounds * len(taken) * SECONDS / EVERY)
        coming = [card.id for card in luna.more_cards(house, arrivals, first=1_000_000)]
        with database.transaction() as session:
            bearer = {"Authorization": f"Bearer {staff.make_api_key(session, house.program.id, 'Door', scopes=['signals'])}"}
        database.unbind()
        with served.walletpass(house.settings, port), closing(Callers(port, TILLS)) as tills:
            tills.do([make[kind]() for kind in (LOOK, EARN) for _ in range(50)])
            for _ in range(rounds):
                for kind, rows in taken.items():
                    with Boards(port, cookies, BOARDS if kind == BESIDE else 0) as boards:
                        boards.coming = [coming.pop() for _ in range(int(SECONDS / EVERY))]
                        tills.begin([make[one]() for _ in range(SCANS * SECONDS) for one in (LOOK, EARN)], seconds=SECONDS)
                        came = _arrive(port, bearer, boards.coming)
                        _, each = tills.end()
                        time.sleep(EVERY)
                        seen = [boards.last(card) - at for card, at in came.items()] if boards.shown else []
                        rows.append(Round(each, seen))
    _report(taken)


def _arrive(port: int, bearer: dict[str, str], cards: list[str]) -> dict[str, float]:
    """When each of them was said to be at the door."""
    came = {}
    began = time.perf_counter()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as door:
        for place, card in enumerate(cards):
            time.sleep(max(0.0, began + place * EVERY - time.perf_counter()))
            came[card] = time.perf_counter()
            headers = {**bearer, "Content-Type": "application/json", "Idempotency-Key": card}
            door.request("POST", "/api/v1/signals/arrival", json.dumps({"card": card, "via": "nfc"}), headers)
            answer = door.getresponse()
            told = answer.read()
            assert answer.status == 200, told
    return came


def _hostess(house: luna.Luna) -> str:
    """The cookies of a till at which a hostess is signed in."""
    with database.transaction() as session:
        venue = programs.venues(session, house.program.id)[0]
        elena = staff.hire(session, house.program.id, name="Elena", role="hostess", pin=PIN)
        till, secret = staff.enrol(session, house.program.id, staff.make_enrol_link(session, house.program.id, venue_id=venue.id), "Door")
    person = staff.sign_in(till, elena.id, PIN)
    return f"{till_cookie('luna')}={secret}; {staff_cookie('luna')}={person}"


def _report(taken: dict[str, list[Round]]) -> None:
    rows, figures = [], {}
    for kind, rounds in taken.items():
        for words, part in (("a till's look and earn", 0), ("from the door to the last board", 1)):
            if every := [seconds for one in rounds for seconds in one[part]]:
                figures[kind, part] = table.spread(every)
                rows.append((f"{kind}: {words}", f"{len(every):,}", *map(table.figure, figures[kind, part])))
    goals = [
        table.goal("an arrival on all boards, slowest, in ms", figures[BESIDE, 1][2], 1000, most=True),
        table.goal("a till's p50 beside the boards, of that without", figures[BESIDE, 0][0] / figures[WITHOUT, 0][0], 1.3, most=True),
        table.goal("a till's p99 beside the boards, of that without", figures[BESIDE, 0][1] / figures[WITHOUT, 0][1], 1.5, most=True),
    ]
    table.show(f"{BOARDS} boards on one process", ("", "count", "p50 ms", "p99 ms", "slowest ms"), rows, goals)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
