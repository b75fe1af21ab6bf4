"""Whether a scan takes longer because there are more guests.

Two houses on SQLite, one with few cards and one with many, twenty checks to a card as earning leaves them: keys, checks, entries, lots
and messages that were sent. Both are served as an operator serves them, and one till asks them in turns; its cards are spread over
all there are. The many take long to make: some 2 KB of disk for each check.
"""

import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import luna, scan, served, table, verify
from benchmarks.callers import Callers
from walletpass import database

PER_CARD = verify.PER_CARD
TILL_CARDS = 200
KINDS = (scan.LOOK, scan.EARN)

Medians = dict[str, list[float]]


def main(few: int = 1_000, many: int = 1_000_000, rounds: int = 10, calls: int = 100) -> None:
    taken: dict[int, Medians] = {few: {kind: [] for kind in KINDS}, many: {kind: [] for kind in KINDS}}
    with ExitStack() as open_houses:
        houses = {count: open_houses.enter_context(_house(count)) for count in (few, many)}
        for turn in range(-1, rounds):  # the first turn warms up
            for kind in KINDS:
                for count, (callers, make) in houses.items():
                    _, each = callers.do([make[kind]() for _ in range(calls)])
                    if turn >= 0:
                        taken[count][kind].append(statistics.median(each) * 1000)
    _report(taken, few, many)


@contextmanager
def _house(count: int) -> Iterator[tuple[Callers, Any]]:
    """A till at a server with this many cards."""
    port = served.free_port()
    with luna.opened(port) as house:
        make = scan.requests(house, TILL_CARDS)
        database.unbind()
        path, before = Path(house.settings.database_url.removeprefix("sqlite:///")), time.perf_counter()
        _fill(path, count)
        size, taken = path.stat().st_size / 2**20, time.perf_counter() - before
        print(f"{count:,} cards, {count * PER_CARD:,} entries, {size:,.0f} MiB, made in {taken:.0f} s", flush=True)
        with served.walletpass(house.settings, port), closing(Callers(port, 1)) as callers:
            yield callers, make


def _fill(path: Path, count: int) -> None:
    """Cards like the first of the till's, half of them older than the till's and half newer; then every card's past."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY; PRAGMA cache_size=-400000; BEGIN"
    )
    connection.execute("DROP TRIGGER entry_reverses")
    theirs = [row[0] for row in connection.execute("SELECT id FROM card ORDER BY id")]
    taken = {row[0] for row in connection.execute("SELECT number FROM card")}
    numbers = [number for at in range(10**8 - count - len(taken), 10**8) if (number := f"{at:08}") not in taken]
    made = [f"{'0' if place % 2 else 'z'}{place:025}" for place in range(count - len(theirs))]
    for table_name, values in (("guest", _GUEST), ("card", _CARD)):
        _copies(connection, table_name, values, ((card_id, card_id, number) for card_id, number in zip(made, numbers, strict=False)))
    _past(connection, theirs[0])
    for name in PAST:
        _repeat(connection, name, theirs[0])
    connection.execute("COMMIT")
    connection.executescript("PRAGMA journal_mode=WAL")
    connection.close()


# Columns of a copy that differ from the first row; of ?1 and ?2 the new id, of ?3 eight digits.
_GUEST = {"id": "?1", "phone": "'+49' || ?3"}
_CARD = {"id": "?1", "guest_id": "?2", "serial_number": "?1", "number": "?3", "token": "?1", "link": "substr(?1, -21) || substr(?1, 1, 1)"}
_CHECK = "INSERT INTO checks (program_id, id, card_id, venue_id, place, waiter, source, state, amount, discount, gift_card, refunded, join_code, opened_at, attached_by, closed_at, closed_by, ended_by, reason) VALUES ('luna', ?, ?, '', '', 'Maria', 'api', 'closed', 4250, 0, 0, 0, '', ?, '', ?, '', '', '')"
_EARNED = "INSERT INTO earned_check (program_id, check_id, card_id, seq, amount, earning, spend, refunded, forgiven, rate_bps, closed_at) VALUES ('luna', ?, ?, ?, 4250, 4250, 4250, 0, 0, 100, ?)"
_LOT = "INSERT INTO lot (program_id, card_id, seq, amount, remaining, held, state, source, from_card, active_from, rolls) VALUES ('luna', ?, ?, 10, 10, 0, 'active', 'earn', '', ?, 0)"
_KEY = "INSERT INTO idempotency_key (program_id, key, fingerprint, status, answer, created_at) VALUES ('luna', ?, ?, 200, '{}', ?)"
_SENT = "INSERT INTO outbox (program_id, id, card_id, channel, version, bulk, state, due_at, owner, attempts, reason, created_at, done_at) VALUES ('luna', ?, ?, 'apple', ?, 0, 'delivered', ?, '', 1, '', ?, ?)"
_ACCOUNT = "INSERT INTO account (program_id, card_id, pending, available, held, debt, seq, head) VALUES ('luna', ?, 0, ?, 0, 0, ?, ?)"
_HABIT = "INSERT INTO habit (program_id, card_id, visits, spent, first_visit, last_visit) VALUES ('luna', ?, ?, ?, ?, ?)"
_SERVICE = "INSERT INTO service (program_id, card_id, waiter, times, last_at) VALUES ('luna', ?, 'Maria', ?, ?)"


def _copies(connection: sqlite3.Connection, name: str, values: dict[str, str], rows: Iterator[tuple[str, str, str]]) -> None:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
    made = ", ".join(values.get(column, f'"{column}"') for column in columns)
    named = ", ".join(f'"{column}"' for column in columns)
    first = f"(SELECT * FROM {name} WHERE rowid = 1)"  # noqa: S608 (our own names)
    connection.executemany(f"INSERT INTO {name} ({named}) SELECT {made} FROM {first}", rows)  # noqa: S608 (our own names)


# What a check leaves behind, and what is kept of a guest.
PAST = ("account", "entry", "lot", "checks", "earned_check", "idempotency_key", "outbox", "habit", "service")


def _repeat(connection: sqlite3.Connection, name: str, first: str) -> None:
    """What one card has, for every other card; ids of checks and keys begin with the card's."""
    named, columns = "key" if name == "idempotency_key" else "card_id", [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
    own = {"card_id", "check_id", "key", *(["id"] if name in ("checks", "outbox") else [])}
    made = ", ".join(f'replace(past."{column}", ?1, card.id)' if column in own else f'past."{column}"' for column in columns)
    connection.execute(f"CREATE TEMP TABLE past AS SELECT * FROM {name} WHERE \"{named}\" LIKE ? || '%'", (first,))  # noqa: S608 (our own names)
    connection.execute(f"INSERT INTO {name} SELECT {made} FROM card CROSS JOIN past WHERE card.id <> ?1 ORDER BY card.id", (first,))  # noqa: S608
    connection.execute("DROP TABLE past")


def _past(connection: sqlite3.Connection, card_id: str) -> None:
    """Twenty checks, one a day, the last of them yesterday."""
    marks = ", ".join("?" * len(verify.ENTRY))
    entries = list(verify.entries(card_id))
    connection.execute(_ACCOUNT, (card_id, 10 * PER_CARD, PER_CARD, entries[-1][-1]))
    connection.executemany(f"INSERT INTO entry ({', '.join(verify.ENTRY)}) VALUES ({marks})", entries)  # noqa: S608 (our own names)
    yesterday = database.now() - timedelta(days=1)
    days = [verify.stored(yesterday - timedelta(days=PER_CARD - seq)) for seq in range(1, PER_CARD + 1)]
    past = [(f"{card_id}-{seq}", seq, day) for seq, day in enumerate(days, 1)]
    connection.executemany(_CHECK, [(name, card_id, day, day) for name, _, day in past])
    connection.executemany(_EARNED, [(name, card_id, seq, day) for name, seq, day in past])
    connection.executemany(_LOT, [(card_id, seq, day) for _, seq, day in past])
    connection.executemany(_KEY, [(name, "f" * 64, day) for name, _, day in past])
    connection.executemany(_SENT, [(name, card_id, seq, day, day, day) for name, seq, day in past])
    connection.execute(_HABIT, (card_id, PER_CARD, 4250 * PER_CARD, days[0], days[-1]))
    connection.execute(_SERVICE, (card_id, PER_CARD, days[-1]))


def _report(taken: dict[int, Medians], few: int, many: int) -> None:
    medians = {count: {kind: statistics.median(of[kind]) for kind in KINDS} for count, of in taken.items()}
    ratios = {
        kind: statistics.median(one / other for one, other in zip(taken[many][kind], taken[few][kind], strict=True)) for kind in KINDS
    }
    rows = [
        (kind, *(f"{table.figure(medians[count][kind])} ({table.figure(min(taken[count][kind]))} .. {table.figure(max(taken[count][kind]))})" for count in (few, many)), table.figure(ratios[kind]))
        for kind in KINDS
    ]  # fmt: skip
    goals = [table.goal(f"{kind}, p50 with {many:,} cards of that with {few:,}", ratios[kind], 1.3, most=True) for kind in KINDS]
    head = ("p50 ms, by round", f"{few:,} cards", f"{many:,} cards", "ratio")
    table.show("A scan as the guests grow, SQLite, one till", head, rows, goals)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
