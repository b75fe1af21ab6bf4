"""What a scan costs the real server: looking at a guest, and earning a check.

`walletpass serve` as an operator starts it, with an API key, and eight tills that wait for no one but the server; each check is a
new one, on one of many cards that are in a wallet, so every earn ends in the ledger, in the guest's habits, in the feed and in the
outbox. In turns with a Flask view under the same gunicorn that reads a body and answers with it. On SQLite with one
process, then on PostgreSQL with two, beside a Flask with two.
"""

import itertools
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple

from sqlalchemy import create_engine, text

from benchmarks import luna, served, table
from benchmarks.callers import Call, Callers
from walletpass import database, staff
from walletpass.cards.codes import card_code

SERVER = os.environ.get("WALLETPASS_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/")
NOOP, LOOK, EARN = "Flask view that does nothing", "the guest behind a code", "earn"
CARDS, TILLS = 200, 8


class Round(NamedTuple):
    """Seconds for all calls, of each, and of the server's CPU."""

    whole: float
    each: list[float]
    cpu: float


Taken = dict[str, list[Round]]


def main(rounds: int = 10, calls: int = 400) -> None:
    port = served.free_port()
    with luna.opened(port) as house:
        _report("SQLite, one process", measured(house, port, 1, rounds, calls), sqlite=True)
    with _database() as url, luna.opened(port, url) as house:
        _report("PostgreSQL, two processes", measured(house, port, 2, rounds, calls), sqlite=False)


def measured(house: luna.Luna, port: int, processes: int, rounds: int, calls: int) -> Taken:
    make, beside = requests(house), served.free_port()
    database.unbind()
    taken: Taken = {NOOP: [], LOOK: [], EARN: []}
    with (
        served.walletpass(house.settings, port, processes) as server,
        served.nothing(beside, processes) as empty,
        closing(Callers(port, TILLS)) as ours,
        closing(Callers(beside, TILLS)) as theirs,
    ):
        for turn in range(-1, rounds):  # the first turn warms up
            for kind, rows in taken.items():
                pid, callers = (empty, theirs) if kind == NOOP else (server, ours)
                before = served.cpu(pid)
                whole, each = callers.do([make[kind]() for _ in range(calls)])
                if turn >= 0:
                    rows.append(Round(whole, each, served.cpu(pid) - before))
    return taken


def requests(house: luna.Luna, cards: int = CARDS) -> dict[str, Callable[[], Call]]:
    """Makers of calls, by kind; no two of them are the same."""
    with database.transaction() as session:
        bearer = {"Authorization": f"Bearer {staff.make_api_key(session, house.program.id, 'Benchmark')}"}
    codes = itertools.cycle([card_code(card.program_id, card.key_id, card.token) for card in luna.more_cards(house, cards)])
    names = (f"check-{number}" for number in itertools.count())

    def earn() -> Call:
        name = next(names)
        return "/api/v1/earn", {**bearer, "Idempotency-Key": name}, {"card": next(codes), "amount": 4250, "check_id": name}

    return {
        NOOP: lambda: ("/nothing", bearer, {"code": next(codes)}),
        LOOK: lambda: ("/api/v1/guests/by-code", bearer, {"code": next(codes)}),
        EARN: earn,
    }


@contextmanager
def _database() -> Iterator[str]:
    """An empty database on the PostgreSQL of this machine, dropped at the end."""
    name = f"walletpass_bench_{os.getpid()}"
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield f"{SERVER}{name}"
    finally:
        with server.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        server.dispose()


def _report(where: str, taken: Taken, *, sqlite: bool) -> None:
    rates = {kind: [len(one.each) / one.whole for one in rounds] for kind, rounds in taken.items()}
    ratios = {kind: statistics.median(one / other for one, other in zip(rates[kind], rates[NOOP], strict=True)) for kind in taken}
    figures = {kind: table.spread(seconds for one in rounds for seconds in one.each) for kind, rounds in taken.items()}
    rows = [
        (
            kind,
            f"{sum(len(one.each) for one in rounds):,}",
            table.figure(statistics.median(rates[kind])),
            f"{table.figure(min(rates[kind]))} .. {table.figure(max(rates[kind]))}",
            table.figure(ratios[kind]),
            *map(table.figure, figures[kind][:2]),
            table.figure(statistics.median(one.cpu / len(one.each) for one in rounds) * 1000),
        )
        for kind, rounds in taken.items()
    ]
    goals = [
        table.goal("earn, of the requests of nothing", ratios[EARN], 0.30),
        table.goal("earn, p99 in ms", figures[EARN][1], 30, most=True),
    ]
    head = (f"{TILLS} tills", "calls", "calls/s", "by round", "of nothing", "p50 ms", "p99 ms", "CPU ms")
    table.show(f"A scan, {where}", head, rows, goals if sqlite else [])


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
