"""What a line of a file says of a guest. A cell that cannot be read refuses its line; nothing is guessed and nothing left out."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from walletpass import guests
from walletpass.database import now
from walletpass.errors import Malformed
from walletpass.guestbook.columns import FIELDS
from walletpass.guestbook.faults import Fault, Refused
from walletpass.guestbook.formulas import plain
from walletpass.guestbook.joining import Application
from walletpass.guestbook.lines import Record
from walletpass.programs import Program

T = TypeVar("T")
CHANNEL = "import"
MOST_POINTS = 10_000_000
LONGEST_OLD_NUMBER = 40
_BLANKS = re.compile(r"[\s\u00a0\u202f']")
_POINTS = re.compile(r"([0-9]+)(?:[.,]0{1,2})?")
_NEGATIVE = re.compile(r"[-\u2212][0-9]+(?:[.,][0-9]+)?")
_FRACTION = re.compile(r"[0-9]+(?:[.,][0-9]+)+")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ][0-9:.Z+]*)?")
_PARTS = re.compile(r"([0-9]{1,2})[./]([0-9]{1,2})(?:[./]([0-9]{4})?)?")


@dataclass(frozen=True)
class Newcomer:
    line: int
    phone: str
    application: Application
    points: int = 0
    expires_at: datetime | None = None
    old_number: str = ""


@dataclass(frozen=True)
class Plan:
    """How a file is to be read: see `encodings.CHOICES`, `lines.DELIMITERS`, `columns.FIELDS`. ``dates`` is dmy or mdy, ``width`` the
    number of columns (0: any)."""

    encoding: str
    delimiter: str = ","
    header: bool = True
    dates: str = "dmy"
    mapping: Mapping[str, int] = field(default_factory=dict)
    width: int = 0


def read(record: Record, plan: Plan, program: Program) -> Newcomer:
    """Raises Refused, with each column that cannot be read."""
    if record.fault:
        raise Refused([Fault(record.fault)])
    cells = {name: plain(record.cells[place]).strip() for name, place in plan.mapping.items() if place < len(record.cells)}
    if len(record.cells) < plan.width or len(record.cells) <= max(plan.mapping.values()):
        raise Refused([Fault("short")])
    if plan.width and any(cell.strip() for cell in record.cells[plan.width :]):
        # A comma that nobody put in quotes: all behind it stands in the wrong column.
        raise Refused([Fault("wide")])
    tries = _Tries()
    points = tries.to("points", lambda: _points(cells.get("points", ""))) or 0
    newcomer = Newcomer(
        record.number,
        phone := tries.to("phone", lambda: _phone(cells["phone"], program)) or "",
        Application(
            phone,
            tries.to("name", lambda: _name(cells)),
            tries.to("email", lambda: guests.clean_email(cells["email"]) if cells.get("email") else "") or "",
            tries.to("birthday", lambda: _birthday(cells.get("birthday", ""), plan, program)) or "",
            tries.to("city", lambda: guests.clean_city(cells.get("city", ""))) or "",
            _language(cells.get("language", ""), program),
            channel_code=CHANNEL,
        ),
        points,
        # Old systems leave a day beside an empty balance.
        tries.to("expires", lambda: _expires(cells.get("expires", ""), plan, program)) if points else None,
        tries.to("old_number", lambda: _old_number(cells.get("old_number", ""))) or "",
    )
    if tries.faults:
        raise Refused(sorted(tries.faults, key=lambda fault: FIELDS.index(fault.field)))
    return newcomer


class _Wrong(Exception):
    """A cell that cannot be read, and the word for why."""


class _Tries:
    """Reads the cells of a line, and goes on behind one that cannot be read."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def to(self, field: str, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except _Wrong as wrong:
            self.faults.append(Fault(str(wrong), field))
        except Malformed:
            self.faults.append(Fault("malformed", field))
        return None


def _phone(text: str, program: Program) -> str:
    if not text:
        raise _Wrong("missing")
    return guests.clean_phone(text, program.country)


def _name(cells: Mapping[str, str]) -> str | None:
    said = f"{cells.get('name', '')} {cells.get('surname', '')}".strip()
    return guests.clean_name(said) if said else None


def _language(text: str, program: Program) -> str:
    """One that we do not speak is the program's own."""
    language = text.lower()[:2]
    return language if language in guests.LANGUAGES else program.language


def _birthday(text: str, plan: Plan, program: Program) -> str:
    today = datetime.now(ZoneInfo(program.timezone)).date()
    if not text:
        return ""
    if text.startswith("--"):
        return str(guests.read_birthday(text, today))
    year, month, day = _parts(text, plan.dates, "birthday")
    return str(guests.birthday(year, month, day, today))


def _parts(text: str, dates: str, where: str) -> tuple[int, int, int]:
    """Year (0: not given), month and day."""
    if found := _ISO.fullmatch(text):
        return int(found[1]) or -1, int(found[2]), int(found[3])
    if found := _PARTS.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3]) or -1 if found[3] else 0
        return (year, first, second) if dates == "mdy" else (year, second, first)
    raise Malformed("This is not a date.", field=where)


def _points(text: str) -> int:
    bare = _BLANKS.sub("", text)
    if not bare:
        return 0
    found = _POINTS.fullmatch(bare)
    if found is None:
        raise _Wrong("negative" if _NEGATIVE.fullmatch(bare) else "fraction" if _FRACTION.fullmatch(bare) else "malformed")
    if len(found[1]) > 8 or int(found[1]) > MOST_POINTS:
        raise _Wrong("too_many")
    return int(found[1])


def _expires(text: str, plan: Plan, program: Program) -> datetime | None:
    """The end of the day named, where the restaurant is."""
    if not text:
        return None
    try:
        year, month, day = _parts(text, plan.dates, "expires")
        following = date(year, month, day) + timedelta(days=1)
    except (Malformed, ValueError, OverflowError):
        raise _Wrong("malformed") from None
    end = datetime.combine(following, datetime.min.time(), ZoneInfo(program.timezone))
    if end <= now():
        raise _Wrong("ended")
    return end


def _old_number(text: str) -> str:
    bare = "".join(char for char in text if char not in " -\u00a0").upper()
    if len(bare) > LONGEST_OLD_NUMBER or not ((bare.isascii() and bare.isalnum()) or not bare):
        raise _Wrong("malformed")
    return bare


def checked_cells(rows: Sequence[Record], place: int | None) -> list[str]:
    """The cells of one column, of the lines that can be read."""
    return [row.cells[place] for row in rows if place is not None and place < len(row.cells)]
