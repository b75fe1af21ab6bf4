"""A date of birth, of which the year may be nobody's business."""

import re
from dataclasses import dataclass
from datetime import date

from walletpass.errors import Malformed

OLDEST = 120  # years
A_LEAP_YEAR = 2000
_ISO = re.compile(r"(?:(?P<year>[0-9]{4})-|--)(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")


@dataclass(frozen=True)
class Birthday:
    """``year`` is 0 where it is not known."""

    month: int
    day: int
    year: int = 0

    def __str__(self) -> str:
        """ISO 8601: ``1990-02-28``, or ``--02-29`` without a year."""
        return f"{f'{self.year:04d}' if self.year else '-'}-{self.month:02d}-{self.day:02d}"


def read_birthday(text: str, today: date) -> Birthday:
    """From ``1990-05-17`` or ``--05-17``. Raises Malformed for another form, for a day that no calendar has, for one to come and for
    one more than 120 years ago."""
    found = _ISO.fullmatch(text.strip())
    if found is None:
        raise Malformed("Please give the birthday as 1990-05-17, or as --05-17 without the year.", field="birthday")
    # A year that is given and is nought is none of ours.
    return birthday(int(found["year"]) or -1 if found["year"] else 0, int(found["month"]), int(found["day"]), today)


def birthday(year: int, month: int, day: int, today: date) -> Birthday:
    """Raises Malformed, as `read_birthday`."""
    try:
        # Without a year, 29 February is a birthday.
        born = date(year or A_LEAP_YEAR, month, day)
    except ValueError:
        raise Malformed("There is no such day in the calendar.", field="birthday") from None
    if year and (born > today or born.year < today.year - OLDEST):
        raise Malformed("That cannot be a year of birth.", field="birthday")
    return Birthday(month, day, year)
