"""A first look at a file: how it is written, and which column holds what."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from walletpass.database import now
from walletpass.errors import Malformed
from walletpass.guestbook import columns, encodings, lines
from walletpass.guestbook.lines import Line, Record
from walletpass.guestbook.values import Plan, checked_cells

LARGEST = 64 * 1024 * 1024
SAMPLE = 200
Source = Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class Look:
    """``first`` are the records at the top, the names of the columns among them; ``total`` counts lines."""

    plan: Plan
    first: tuple[Record, ...]
    total: int


def look(source: Source, *, encoding: str = "", delimiter: str = "") -> Look:
    """Reads the file once or twice, and keeps none of it. Raises Malformed for a file too long or empty."""
    encoding = encoding or encodings.detect(source())
    head = "".join(islice(encodings.decoded(islice(source(), 1), encoding), 1))
    delimiter = delimiter or lines.sniff(head[:50_000])
    total = sum(1 for _ in lines.lines(encodings.decoded(source(), encoding)))
    first = tuple(islice(lines.records(_lines(source, encoding), delimiter), SAMPLE))
    readable = [record for record in first if not record.fault]
    if not readable:
        raise Malformed("There is no line in this file that can be read.")
    header = columns.is_header(readable[0].cells)
    mapping = columns.guess(readable[0].cells, [record.cells for record in readable[1:]], header, now().date())
    dates = columns.guess_dates(checked_cells(readable[1:], mapping.get("birthday")) + checked_cells(readable[1:], mapping.get("expires")))
    return Look(Plan(encoding, delimiter, header, dates, mapping, len(readable[0].cells)), first, total)


def top(source: Source, plan: Plan, count: int) -> list[Record]:
    """The first records, the names of the columns among them."""
    return list(islice(lines.records(_lines(source, plan.encoding), plan.delimiter), count))


def all_records(source: Source, plan: Plan, *, after: int = 0) -> Iterator[Record]:
    """The records behind line ``after``, without the names of the columns."""
    found = lines.records(_lines(source, plan.encoding), plan.delimiter)
    if plan.header:
        next(found, None)
    for record in found:
        if record.number > after:
            yield record


def _lines(source: Source, encoding: str) -> Iterator[Line]:
    return lines.lines(encodings.decoded(source(), encoding))
