"""A cloakroom at its fullest: how long an attendant waits for a scan, alone and beside the tills of a full house.

`walletpass serve` as an operator starts it. Four devices take in two hundred guests' coats and give them back, and each deed is a look at
who stands there and then the deed itself. Guests come when they like: a deed has its moment, drawn by chance, and its time
counts from there, so a queue at the counter is in it. Beside them eight tills look at thirty guests and earn thirty checks a second. A minute
of the evening lasts three seconds, so that twenty of them are a minute. `python -m benchmarks.coats [rounds]`
"""

import http.client
import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, NamedTuple

from benchmarks import luna, served, table
from benchmarks.callers import Call, Callers
from benchmarks.scan import EARN, LOOK, requests
from walletpass import coatcheck, database, programs, staff
from walletpass.cards.codes import card_code

DEVICES, GUESTS, TILLS = 4, 200, 8
MINUTES, MINUTE = 20, 3.0
SCANS = 30
ALONE, BESIDE = "coats alone", "coats beside full tills"


class Took(NamedTuple):
    """Seconds of each call."""

    look: list[float]
    deed: list[float]
    till: list[float]


class Device:
    """One tablet at the counter, with a connection of its own."""

    def __init__(self, port: int, room: str, bearer: dict[str, str]) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.room, self.bearer = room, bearer

    def work(self, deeds: list[tuple[float, str, str]]) -> tuple[list[float], list[float]]:
        """``deeds``: when each is due, what it is, and the code that the guest shows; the seconds of all looks and of all deeds."""
        looks: list[float] = []
        done: list[float] = []
        for due, verb, code in deeds:
            time.sleep(max(0.0, due - time.perf_counter()))
            found = self._post("look", {"room": self.room, "code": code})
            seen = time.perf_counter()
            body = {"ticket": found["tickets"][0]["ticket"]} if verb == "hand-back" else {"room": self.room, "card": code, "items": [{}]}
            self._post(verb, body, key=f"{verb} {code}")
            looks.append(seen - due)
            done.append(time.perf_counter() - seen)
        self.http.close()
        return looks, done

    def _post(self, verb: str, body: dict[str, Any], key: str = "") -> Any:
        headers = {**self.bearer, "Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
        self.http.request("POST", f"/api/v1/coats/{verb}", json.dumps(body), headers)
        answer = self.http.getresponse()
        told = answer.read()
        assert answer.status == 200, told[:300]
        return json.loads(told)


def main(rounds: int = 3) -> None:
    port = served.free_port()
    taken: dict[str, list[Took]] = {ALONE: [], BESIDE: []}
    with luna.opened(port) as house:
        room = _cloakroom(house)
        make = requests(house)
        guests = _guests(house, rounds * len(taken))
        with database.transaction() as session:
            bearer = {"Authorization": f"Bearer {staff.make_api_key(session, house.program.id, 'Cloakroom', scopes=['coats'])}"}
        database.unbind()
        with served.walletpass(house.settings, port), closing(Callers(port, TILLS)) as tills:
            tills.do([make[kind]() for kind in (LOOK, EARN) for _ in range(50)])
            for _ in range(rounds):
                for kind, rows in taken.items():
                    calls = [make[one]() for _ in range(int(SCANS * MINUTES * MINUTE)) for one in (LOOK, EARN)] if kind == BESIDE else []
                    rows.append(_evening(port, room, bearer, guests.pop(), tills, calls))
    _report(taken)


def _evening(port: int, room: str, bearer: dict[str, str], codes: list[str], tills: Callers, calls: list[Call]) -> Took:
    if calls:
        tills.begin(calls, seconds=MINUTES * MINUTE)
    began = time.perf_counter()
    with ThreadPoolExecutor(DEVICES) as pool:
        shares = [_deeds(codes[place::DEVICES], began) for place in range(DEVICES)]
        took = list(pool.map(lambda deeds: Device(port, room, bearer).work(deeds), shares))
    looks, deeds = ([seconds for one in took for seconds in one[part]] for part in (0, 1))
    return Took(looks, deeds, tills.end()[1] if calls else [])


def _deeds(codes: list[str], began: float) -> list[tuple[float, str, str]]:
    """Each coat comes at a moment of its own and is fetched at a later one."""
    moments = sorted(began + random.uniform(0, MINUTES * MINUTE) for _ in range(2 * len(codes)))
    waiting, inside = list(codes), list[str]()
    deeds = []
    for due in moments:
        # As many in the house as the evening allows: first more come, then more go.
        comes = bool(waiting) and (not inside or random.random() < len(waiting) / (len(waiting) + len(inside)))
        if comes:
            inside.append(waiting.pop())
        deeds.append((due, "check-in", inside[-1]) if comes else (due, "hand-back", inside.pop(0)))
    return deeds


def _cloakroom(house: luna.Luna) -> str:
    with database.transaction() as session:
        venue = programs.venues(session, house.program.id)[0]
        room = coatcheck.rooms.add_room(session, venue, "Cloakroom")
        for zone in "AB":
            coatcheck.rooms.add_zone(session, room, zone, 120)
        return room.id


def _guests(house: luna.Luna, evenings: int) -> list[list[str]]:
    """The codes of two hundred guests who have not been here yet."""
    every = luna.more_cards(house, evenings * GUESTS, first=1_000_000)
    codes = [card_code(card.program_id, card.key_id, card.token) for card in every]
    return [codes[place : place + GUESTS] for place in range(0, len(codes), GUESTS)]


def _report(taken: dict[str, list[Took]]) -> None:
    rows, figures = [], {}
    for kind, rounds in taken.items():
        for words, part in (("look", 0), ("check-in or return", 1), ("till's look and earn", 2)):
            if every := [seconds for one in rounds for seconds in one[part]]:
                figures[kind, part] = table.spread(every)
                rows.append((f"{kind}: {words}", f"{len(every):,}", *map(table.figure, figures[kind, part])))
    goals = [
        table.goal("p99 of a look beside full tills, in ms", figures[BESIDE, 0][1], 100, most=True),
        table.goal("p99 of a deed beside full tills, in ms", figures[BESIDE, 1][1], 100, most=True),
    ]
    table.show(f"{DEVICES} devices at the coats", ("", "calls", "p50 ms", "p99 ms", "slowest ms"), rows, goals)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
