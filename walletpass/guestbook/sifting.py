"""Lines of a file against the base: who is new, who is known, what is refused. Nothing is written here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice

from sqlmodel import Session, col, select

from walletpass import guests
from walletpass.guestbook.faults import KNOWN, Refused, packed
from walletpass.guestbook.lines import Record
from walletpass.guestbook.models import OldNumber
from walletpass.guestbook.values import Newcomer, Plan, read
from walletpass.programs import Program

BATCH = 200


@dataclass(frozen=True)
class Refusal:
    """As the report keeps it; `faults_of` says what is wrong."""

    line: int
    reason: str
    field: str = ""


@dataclass
class Counts:
    """Lines: of new guests, of guests that are known, of lines refused; and the points that come along."""

    fresh: int = 0
    known: int = 0
    refused: int = 0
    points: int = 0

    def add(self, newcomers: Sequence[Newcomer], refusals: Sequence[Refusal]) -> None:
        self.fresh += len(newcomers)
        self.points += sum(newcomer.points for newcomer in newcomers)
        self.known += sum(refusal.reason in KNOWN for refusal in refusals)
        self.refused += sum(refusal.reason not in KNOWN for refusal in refusals)


@dataclass
class Seen:
    """Numbers that stood further up in the file; eight bytes of each."""

    marks: set[bytes] = field(default_factory=set)

    def again(self, text: str) -> bool:
        mark = blake2b(text.encode(), digest_size=8).digest()
        if mark in self.marks:
            return True
        self.marks.add(mark)
        return False


def batches(records: Iterable[Record], size: int = BATCH) -> Iterator[list[Record]]:
    source = iter(records)
    while batch := list(islice(source, size)):
        yield batch


def sift(session: Session, program: Program, plan: Plan, batch: Sequence[Record], seen: Seen) -> tuple[list[Newcomer], list[Refusal]]:
    """Who of these lines is new, and what is refused. Looks at the base once for all of them."""
    read_lines, refusals = _read(program, plan, batch)
    known = guests.known_phones(session, program.id, [newcomer.phone for newcomer in read_lines])
    taken = _taken(session, program.id, [newcomer.old_number for newcomer in read_lines if newcomer.old_number])
    newcomers = []
    for newcomer in read_lines:
        old_number = newcomer.old_number
        if newcomer.phone in known:
            refusals.append(Refusal(newcomer.line, "known"))
        elif old_number and old_number in taken:
            refusals.append(Refusal(newcomer.line, "taken", "old_number"))
        elif seen.again(newcomer.phone):
            refusals.append(Refusal(newcomer.line, "same_number"))
        elif old_number and seen.again(f"card {old_number}"):
            refusals.append(Refusal(newcomer.line, "taken", "old_number"))
        else:
            newcomers.append(newcomer)
    return newcomers, refusals


def _read(program: Program, plan: Plan, batch: Sequence[Record]) -> tuple[list[Newcomer], list[Refusal]]:
    newcomers, refusals = [], []
    for record in batch:
        try:
            newcomers.append(read(record, plan, program))
        except Refused as refused:
            refusals.append(Refusal(record.number, *packed(refused.faults)))
    return newcomers, refusals


def _taken(session: Session, program_id: str, numbers: Sequence[str]) -> set[str]:
    ours = col(OldNumber.program_id) == program_id, col(OldNumber.number).in_(numbers)
    return set(session.exec(select(OldNumber.number).where(*ours)).all()) if numbers else set()
