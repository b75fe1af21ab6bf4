"""How long it takes to prove a ledger, and how much memory.

A SQLite file with as many entries as asked (10,000,000), twenty for a card, chained as the ledger chains them. In turns: a bare
loop that reads the same rows in the same order and hashes their bytes, and `ledger.verify`; each in a process of its own, whose
largest size is told.
"""

import hashlib
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks import luna, table
from walletpass import config, database, ledger
from walletpass.config import Settings
from walletpass.database import now
from walletpass.ledger.entries import HASHED, digest

PER_CARD = 20
START = datetime(2026, 1, 1, tzinfo=UTC)
ENTRY = (*HASHED, "reason", "hash")


def main(count: int = 10_000_000, rounds: int = 1) -> None:
    with luna.opened() as house:
        path = Path(house.settings.database_url.removeprefix("sqlite:///"))
        database.unbind()
        before = time.perf_counter()
        _fill(path, count)
        print(
            f"{count:,} entries on {count // PER_CARD:,} cards, {path.stat().st_size / 2**20:,.0f} MiB, made in {time.perf_counter() - before:.0f} s"
        )
        taken: dict[str, list[tuple[float, float]]] = {"bare": [], "verify": []}
        for _ in range(rounds):
            for what, figures in taken.items():
                figures.append(_alone(what, path))
    _report(count, taken)


def _fill(path: Path, count: int) -> None:
    """Accounts, entries and lots, as earning twenty times a card would leave them."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY; ")
    connection.execute("DROP TRIGGER entry_reverses")
    connection.execute("BEGIN")
    marks = ", ".join("?" * len(ENTRY))
    for number in range(count // PER_CARD):
        chain = list(entries(f"{number:026}"))
        connection.executemany(f"INSERT INTO entry ({', '.join(ENTRY)}) VALUES ({marks})", chain)  # noqa: S608 (our own names)
        head, total = chain[-1][-1], 10 * PER_CARD
        connection.execute(
            "INSERT INTO account (program_id, card_id, pending, available, held, debt, seq, head) VALUES ('luna', ?, 0, ?, 0, 0, ?, ?)",
            (f"{number:026}", total, PER_CARD, head),
        )
        connection.executemany(
            "INSERT INTO lot (program_id, card_id, seq, amount, remaining, held, state, source, active_from) VALUES ('luna', ?, ?, 10, 10, 0, 'active', 'earn', ?)",
            [(f"{number:026}", seq, stored(START)) for seq in range(1, PER_CARD + 1)],
        )
        if number % 10_000 == 0:
            connection.execute("COMMIT")
            connection.execute("BEGIN")
    connection.execute("COMMIT")
    connection.executescript("PRAGMA journal_mode=WAL; ANALYZE;")
    connection.close()


def entries(card_id: str) -> Iterator[tuple[Any, ...]]:
    previous = ""
    for seq in range(1, PER_CARD + 1):
        at = START + timedelta(seconds=seq)
        entry = SimpleNamespace(
            program_id="luna", card_id=card_id, seq=seq, type="earn", delta=10, contra="issued", check_id=f"{card_id}-{seq}", base=100,
            source="till", venue_id="", reverses=None, reason="", staff_id="0" * 26, device_id="1" * 26, key=f"{card_id}-{seq}", event_at=at, recorded_at=at, previous=previous, hash="",
        )  # fmt: skip
        previous = entry.hash = digest(entry)  # type: ignore[arg-type]
        values = [getattr(entry, name) for name in ENTRY]
        yield tuple(stored(value) if isinstance(value, datetime) else value for value in values)


def stored(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def _alone(what: str, path: Path) -> tuple[float, float]:
    """CPU seconds, and the most MiB, of one piece of work in a process that does nothing else."""
    told = subprocess.run([sys.executable, "-m", "benchmarks.verify", what, str(path)], check=True, capture_output=True, text=True)
    seconds, most = json.loads(told.stdout.splitlines()[-1])
    return seconds, most


def bare(path: str) -> None:
    connection = sqlite3.connect(path)
    for row in connection.execute(f"SELECT {', '.join(ENTRY)} FROM entry WHERE program_id = 'luna' ORDER BY card_id, seq"):  # noqa: S608 (our own names)
        hashlib.sha256(repr(row).encode()).hexdigest()


def verified(path: str) -> None:
    config.use(Settings(secret_keys=f"1:{'5e' * 32}", database_url=f"sqlite:///{path}"))
    database.bind(f"sqlite:///{path}")
    with database.reading() as session:
        faults = list(ledger.verify(session, "luna"))
    assert not faults, faults[:3]


def _child(what: str, path: str) -> None:
    before = time.process_time()
    {"bare": bare, "verify": verified}[what](path)
    seconds = time.process_time() - before
    most = next(line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith("VmHWM"))
    print(json.dumps([seconds, int(most.split()[1]) / 1024]))


def _report(count: int, taken: dict[str, list[tuple[float, float]]]) -> None:
    best = {what: min(figures) for what, figures in taken.items()}
    ratio = best["verify"][0] / best["bare"][0]
    rows = [
        [name, f"{count:,}", table.figure(best[what][0]), table.figure(count / best[what][0]), table.figure(best[what][1])]
        for what, name in (("bare", "read and hash, nothing else"), ("verify", "walletpass ledger verify"))
    ]
    notes = [table.goal("of the bare loop's time", ratio, 2, most=True), table.goal("seconds for all", best["verify"][0], 60, most=True)]
    table.show(f"Proving a ledger, SQLite, as of {now():%H:%M}", ["", "entries", "CPU seconds", "entries/s", "MiB at most"], rows, notes)


if __name__ == "__main__":
    if len(sys.argv) == 3 and not sys.argv[1].isdigit():
        _child(sys.argv[1], sys.argv[2])
    else:
        main(*(int(argument) for argument in sys.argv[1:]))
