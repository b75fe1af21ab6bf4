"""A file as lines, and lines as records of cells (RFC 4180, and what old tills make of it). Whatever the bytes, the memory stays flat
and every line is either read or refused."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from walletpass.errors import Malformed
from walletpass.guestbook.encodings import UNREADABLE

MOST_LINES = 250_000
LONGEST = 20_000  # characters of a record
MOST_FOLLOWING = 20  # lines that a cell in quotes may go on for
DELIMITERS = (",", ";", "\t", "|")
_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Line:
    number: int
    text: str
    fault: str = ""


@dataclass(frozen=True)
class Record:
    """``number`` is the line it begins on, ``last`` the one it ends on. With a ``fault`` there are no cells."""

    number: int
    last: int
    cells: tuple[str, ...] = ()
    fault: str = ""


class Unclosed(ValueError):
    """A quote was opened and not closed."""


class Stray(ValueError):
    """Something stands behind a closing quote."""


def lines(texts: Iterable[str]) -> Iterator[Line]:
    """Raises Malformed behind the last line that we take."""
    number, held, dropped = 0, "", False
    for text in texts:
        held += text
        # Half of a line's end, perhaps: the other half comes with the next piece.
        tail = "\r" if held.endswith("\r") else ""
        *whole, held = _END.split(held.removesuffix(tail))
        for one in whole:
            number = _counted(number)
            yield _line(number, one, dropped)
            dropped = False
        if len(held) > LONGEST:
            held, dropped = "", True
        held += tail
    if held or dropped:
        yield _line(_counted(number), held.removesuffix("\r"), dropped)


def _counted(number: int) -> int:
    if number >= MOST_LINES:
        raise Malformed(f"This file has more than {MOST_LINES} lines. Split it into several.", maximum=MOST_LINES)
    return number + 1


def _line(number: int, text: str, dropped: bool) -> Line:
    if dropped or len(text) > LONGEST:
        return Line(number, "", "too_long")
    if "\x00" in text:
        return Line(number, "", "zero_byte")
    return Line(number, "", "unreadable") if UNREADABLE in text else Line(number, text)


def records(found: Iterable[Line], delimiter: str) -> Iterator[Record]:
    """Empty lines are passed over. A quote that is never closed spoils its own line, and not those behind it."""
    source, waiting = iter(found), deque[Line]()
    while True:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None:
            return
        if line.fault:
            yield Record(line.number, line.number, fault=line.fault)
        elif line.text.strip():
            yield _record(line, source, waiting, delimiter)


def _record(line: Line, source: Iterator[Line], waiting: deque[Line], delimiter: str) -> Record:
    text, last = line.text, line.number
    try:
        return Record(line.number, last, split(text, delimiter))
    except Stray:
        return Record(line.number, last, fault="quote")
    except Unclosed:
        pass
    for place in range(MOST_FOLLOWING):
        if place >= len(waiting):
            following = next(source, None)
            if following is None:
                break
            waiting.append(following)
        if waiting[place].fault or len(text) + len(waiting[place].text) > LONGEST:
            break
        text, last = f"{text}\n{waiting[place].text}", waiting[place].number
        try:
            cells = split(text, delimiter)
        except Unclosed:
            continue
        except Stray:
            break
        for _ in range(place + 1):
            waiting.popleft()
        return Record(line.number, last, cells)
    return Record(line.number, line.number, fault="quote")


def split(text: str, delimiter: str) -> tuple[str, ...]:
    """The cells of one record. Raises Unclosed or Stray."""
    if '"' not in text:
        return tuple(text.split(delimiter))
    cells, at = [], 0
    while True:
        if text.startswith('"', at):
            end = _closing(text, at + 1)
            cells.append(text[at + 1 : end].replace('""', '"'))
            at = end + 1
            if at < len(text) and text[at] != delimiter:
                raise Stray
        else:
            end = text.find(delimiter, at)
            cells.append(text[at : end if end >= 0 else len(text)])
            at = end if end >= 0 else len(text)
        if at >= len(text):
            return tuple(cells)
        at += 1


def _closing(text: str, at: int) -> int:
    while True:
        at = text.find('"', at)
        if at < 0:
            raise Unclosed
        if not text.startswith('"', at + 1):
            return at
        at += 2


def sniff(head: str) -> str:
    """The delimiter that most lines agree on."""
    sample = [line for line in _END.split(head)[:50] if line.strip()]
    if len(sample) > 1:
        sample = sample[: len(sample) - 1]  # the last may be cut

    def score(delimiter: str) -> tuple[int, int]:
        counts = [len(_loosely(line, delimiter)) for line in sample]
        usual = max(set(counts), key=lambda count: (count > 1, counts.count(count), count)) if counts else 0
        return (counts.count(usual) if usual > 1 else 0, usual)

    return max(DELIMITERS, key=score) if sample else ","


def _loosely(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        return split(line, delimiter)
    except ValueError:
        return tuple(line.split(delimiter))
