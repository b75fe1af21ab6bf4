"""What is wrong with a line of a file, column by column.

A line is one row of the report, with room for a word each: of several faults the columns and the reasons are kept as a letter each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Protocol

from walletpass.guestbook.columns import FIELDS

# Why a line made no guest; the screens have a sentence for each.
REASONS = (
    "too_long", "zero_byte", "unreadable", "quote", "short", "wide", "missing", "malformed", "ended", "same_number", "known", "taken",
    "negative", "fraction", "too_many",
)  # fmt: skip
# Not faults of the file: the guest is there.
KNOWN = frozenset({"same_number", "known"})
SEVERAL = "+"


@dataclass(frozen=True)
class Fault:
    """``field`` is where it stands, if anywhere; ``reason`` a word of `REASONS`."""

    reason: str
    field: str = ""


class Refused(Exception):
    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(", ".join(fault.reason for fault in faults))
        self.faults = faults


class Row(Protocol):
    @property
    def reason(self) -> str: ...

    @property
    def field(self) -> str: ...


def packed(faults: Sequence[Fault]) -> tuple[str, str]:
    """Reason and field, as a row keeps them."""
    if len(faults) == 1:
        return faults[0].reason, faults[0].field
    reasons = "".join(ascii_lowercase[REASONS.index(fault.reason)] for fault in faults)
    return SEVERAL + reasons, "".join(ascii_lowercase[FIELDS.index(fault.field)] for fault in faults)


def faults_of(row: Row) -> list[Fault]:
    """The other way."""
    if not row.reason.startswith(SEVERAL):
        return [Fault(row.reason, row.field)]
    pairs = zip(row.reason[1:], row.field, strict=True)
    return [Fault(REASONS[ascii_lowercase.index(reason)], FIELDS[ascii_lowercase.index(field)]) for reason, field in pairs]
