"""A file, row by row: never all of it in memory, and a broken line harms no other."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from walletpass.checks.history.encoding import delimiter_of, encoding_of
from walletpass.checks.lines import MOST_LINES, MOST_QUANTITY, Ordered
from walletpass.checks.money import minor
from walletpass.errors import Malformed
from walletpass.programs import Program

MOST_ROWS = 500_000
LONGEST_ROW = 20_000
NEEDED = ("check_id", "closed_at", "amount")
COLUMNS = (*NEEDED, "card", "venue", "place", "waiter", "sku", "item", "category", "drink", "quantity", "discount")
CHECK_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
LEFT_OUT = "Another line of this check is broken, so all of it is left out."
YES, NO = ("1", "yes", "true", "y"), ("", "0", "no", "false", "n")


@dataclass(frozen=True)
class Broken:
    """A line of the file that says nothing we can use."""

    number: int
    why: str


@dataclass
class Past:
    """A check as the file tells it; ``number`` is its first line in the file."""

    number: int
    id: str
    closed_at: datetime
    card: str
    venue: str
    place: str
    waiter: str
    lines: list[Ordered] = field(default_factory=list)


def count_rows(path: Path) -> int:
    """Raises Malformed for more than `MOST_ROWS`, before anything is read."""
    with _opened(path) as file:
        rows = max(0, sum(1 for _ in file) - 1)
    if rows > MOST_ROWS:
        raise Malformed(f"The file has {rows} rows, and at most {MOST_ROWS} are taken at once. Split it.", maximum=MOST_ROWS)
    return rows


def read(path: Path, program: Program) -> Iterator[Past | Broken]:
    """The checks of a file, and the lines that are none. Raises Malformed for a file whose header is not of `COLUMNS`."""
    with _opened(path) as file:
        header = file.readline(LONGEST_ROW)
        delimiter = delimiter_of(header)
        names = [name.strip().lower() for name in _cells(header, delimiter)]
        if not set(NEEDED) <= set(names) <= set(COLUMNS) or len(set(names)) < len(names):
            raise Malformed(f"The first line names the columns: {', '.join(NEEDED)}, and of {', '.join(COLUMNS[3:])} what there is.")
        yield from _grouped(_rows(file, names, delimiter), program)


def _opened(path: Path) -> TextIO:
    return path.open(encoding=encoding_of(path), errors="replace", newline=None)


@dataclass(frozen=True)
class _Unread:
    """A line that is no row: why, and which check it seems to be of."""

    why: str
    check_id: str


def _rows(file: TextIO, names: list[str], delimiter: str) -> Iterator[tuple[int, dict[str, str] | _Unread]]:
    """Each line with its number. What is in quotes ends where the line ends: a quote that is never closed swallows nothing."""
    number = 1
    while line := file.readline(LONGEST_ROW):
        number += 1
        if not line.endswith("\n") and len(line) >= LONGEST_ROW:
            while (rest := file.readline(LONGEST_ROW)) and not rest.endswith("\n"):
                continue
            yield number, _Unread("The line is too long.", _seems(line, names, delimiter))
        elif line.strip():
            row = _row(line, names, delimiter)
            yield number, _Unread(row, _seems(line, names, delimiter)) if isinstance(row, str) else row


def _row(line: str, names: list[str], delimiter: str) -> dict[str, str] | str:
    """The cells by name, or why there are none."""
    if "\ufffd" in line or "\0" in line:
        return "The line has characters that cannot be read."
    try:
        cells = _cells(line, delimiter)
    except csv.Error:
        return "A quote in this line is never closed."
    if len(cells) != len(names):
        return f"There are {len(cells)} columns here, and {len(names)} in the header."
    return dict(zip(names, (cell.strip() for cell in cells), strict=True))


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter, strict=True), [])


def _seems(line: str, names: list[str], delimiter: str) -> str:
    cells = line.split(delimiter)
    place = names.index("check_id")
    return cells[place].strip(' "\r\n') if place < len(cells) else ""


def _grouped(rows: Iterator[tuple[int, dict[str, str] | _Unread]], program: Program) -> Iterator[Past | Broken]:
    """Rows that stand together and have one check id are one check; one that is broken takes its check along."""
    past: Past | None = None
    spoilt: str | None = None
    for number, row in rows:
        check_id = row.check_id if isinstance(row, _Unread) else row["check_id"]
        if past is not None and past.id != check_id:
            yield past
            past = None
        try:
            if isinstance(row, _Unread):
                raise Malformed(row.why)
            if check_id == spoilt:
                raise Malformed(LEFT_OUT)
            past = _with(past, number, row, program)
        except Malformed as error:
            if past is not None:
                yield Broken(past.number, LEFT_OUT)
            yield Broken(number, error.message)
            past, spoilt = None, check_id
    if past is not None:
        yield past


def _with(past: Past | None, number: int, row: dict[str, str], program: Program) -> Past:
    if past is None:
        if not CHECK_ID.fullmatch(row["check_id"]):
            raise Malformed("A check id is 1 to 64 letters, digits and . _ : -.")
        card, venue, place, waiter = (row.get(name, "") for name in ("card", "venue", "place", "waiter"))
        past = Past(number, row["check_id"], _moment(row["closed_at"], program), card, venue, place, waiter)
    if len(past.lines) == MOST_LINES:
        raise Malformed(f"A check has at most {MOST_LINES} lines.")
    past.lines.append(_line(row, program))
    return past


def _line(row: dict[str, str], program: Program) -> Ordered:
    quantity, drink = row.get("quantity") or "1", row.get("drink", "").lower()
    if not (quantity.isascii() and quantity.isdigit() and len(quantity) <= 5 and 1 <= int(quantity) <= MOST_QUANTITY):
        raise Malformed(f"A quantity is a whole number from 1 to {MOST_QUANTITY}.")
    if drink not in (*YES, *NO):
        raise Malformed("Of a drink say yes, of a dish no.")
    return Ordered(
        minor(row["amount"], program.currency), name=row.get("item", ""), sku=row.get("sku", "")[:40], category=row.get("category", ""),
        quantity=int(quantity), discount=minor(row.get("discount") or "0", program.currency), drink=drink in YES,
    )  # fmt: skip


def _moment(text: str, program: Program) -> datetime:
    """ISO 8601; without a zone, the restaurant's own clock."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed(f"A time is written like 2026-03-02 20:15, not {text[:20]!r}.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(program.timezone))
