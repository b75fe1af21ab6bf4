"""What a phone's question costs, over HTTP and inside.

`walletpass serve` as an operator starts it - gunicorn, SQLite, one process - and a card with a registered phone. One connection
asks in turns: a Flask view that does nothing (under the same gunicorn), a card that has not changed since (304), one whose pass
is kept, and one that changed just before, whose pass has to be made. That the phone has it now is written down after the answer;
so the last is measured also until the same connection has answered once more. Below HTTP the same two passes, straight from
`pass_of`.
"""

import http.client
import statistics
import time
from collections.abc import Callable

from sqlalchemy.orm import make_transient

from benchmarks import luna, served, table
from walletpass import cards, database
from walletpass.apple.passes import pass_of

ROUNDS, BLOCK = 40, 25
INSIDE = 1_000
NOOP, UNCHANGED, KEPT, FRESH = "Flask view that does nothing", "304: not changed since", "200: pass from the cache", "200: pass made anew"
WRITTEN_DOWN = "200: pass made anew, then at once a 304"

Ask = Callable[[], None]


def main() -> None:
    port, beside = served.free_port(), served.free_port()
    with luna.opened(port) as house:
        with served.walletpass(house.settings, port), served.nothing(beside):
            taken = _over_http(house, http.client.HTTPConnection("127.0.0.1", port), http.client.HTTPConnection("127.0.0.1", beside))
        inside = _inside(house)
    _report(taken, inside)


def _over_http(house: luna.Luna, server: http.client.HTTPConnection, nothing: http.client.HTTPConnection) -> dict[str, list[float]]:
    """Seconds of each question, by kind."""
    path = f"/apple/v1/passes/{luna.PASS_TYPE}/{house.card.serial_number}"
    authorized = {"Authorization": f"ApplePass {cards.authentication_token(house.card)}"}
    registration = f"/apple/v1/devices/benchmark/registrations/{luna.PASS_TYPE}/{house.card.serial_number}"
    _ask(server, "POST", registration, authorized, 201, b'{"pushToken": "ab12"}')
    known = _ask(server, "GET", path, authorized, 200)
    points = iter(range(1000, 10**9))
    kinds = (NOOP, UNCHANGED, KEPT, FRESH)
    taken: dict[str, list[float]] = {kind: [] for kind in (*kinds, WRITTEN_DOWN)}
    for turn in range(-1, ROUNDS):  # the first turn warms up
        for kind in kinds:
            for _ in range(BLOCK):
                if kind == FRESH:
                    _change(house, next(points))
                before = time.perf_counter()
                if kind == NOOP:
                    _ask(nothing, "GET", "/nothing", {}, 200)
                elif kind == UNCHANGED:
                    _ask(server, "GET", path, {**authorized, "If-Modified-Since": known}, 304)
                else:
                    known = _ask(server, "GET", path, authorized, 200)
                if turn >= 0:
                    taken[kind].append(time.perf_counter() - before)
                if kind == FRESH:
                    _ask(server, "GET", path, {**authorized, "If-Modified-Since": known}, 304)
                    if turn >= 0:
                        taken[WRITTEN_DOWN].append(time.perf_counter() - before)
    return taken


def _inside(house: luna.Luna) -> dict[str, float]:
    """Median seconds of `pass_of`, by kind; the card is read already."""
    made: list[float] = []
    kept: list[float] = []
    with database.reading() as session:
        card = cards.get(session, house.program.id, house.card.id)
        make_transient(card)
        for _ in range(INSIDE):
            card.version += 1
            for into in (made, kept):
                before = time.perf_counter()
                pass_of(session, card, house.program)
                into.append(time.perf_counter() - before)
    return {FRESH: statistics.median(made), KEPT: statistics.median(kept)}


def _report(taken: dict[str, list[float]], inside: dict[str, float]) -> None:
    medians = {kind: statistics.median(seconds) for kind, seconds in taken.items()}
    rows = [
        (
            kind,
            f"{len(taken[kind]):,}",
            table.figure(seconds * 1000),
            table.figure(_best_tenth(taken[kind]) * 1000),
            table.figure(_p99(taken[kind]) * 1000),
            table.figure(seconds / medians[NOOP]),
            table.figure(medians[FRESH] / seconds),
        )
        for kind, seconds in medians.items()
    ]
    rows += [
        (
            f"inside, {kind.removeprefix('200: ')}",
            f"{INSIDE:,}",
            f"{seconds * 1000:.4f}",
            "-",
            "-",
            "-",
            table.figure(inside[FRESH] / seconds),
        )
        for kind, seconds in inside.items()
    ]
    head = ("a phone asks for its card", "times", "median ms", "best tenth", "p99 ms", "of nothing", "faster than anew by")
    goals = [
        table.goal("kept pass, inside, times faster than one made anew", inside[FRESH] / inside[KEPT], 5),
        table.goal("304, times faster than a kept pass over HTTP", medians[KEPT] / medians[UNCHANGED], 1),
    ]
    table.show("Answering a phone, one connection", head, rows, goals)


def _ask(connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str], wanted: int, body: bytes = b"") -> str:
    """The answer's Last-Modified. Fails when the status is another one."""
    try:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
    except http.client.RemoteDisconnected:  # idle for too long while the others had their turns
        connection.close()
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
    answer.read()
    assert answer.status == wanted, f"{method} {path}: {answer.status} instead of {wanted}"
    return answer.headers.get("Last-Modified", "")


def _change(house: luna.Luna, points: int) -> None:
    with database.transaction() as session:
        cards.show(session, cards.get(session, house.program.id, house.card.id), points=points)


def _best_tenth(seconds: list[float]) -> float:
    """What nine in ten exceed."""
    return statistics.quantiles(seconds, n=10)[0]


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


if __name__ == "__main__":
    main()
