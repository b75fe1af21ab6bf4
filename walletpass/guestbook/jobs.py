"""An import as a row: what was uploaded, how it is read, how far it has come."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass.database import now, reading
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.guestbook import columns, encodings, lines
from walletpass.guestbook.looking import LARGEST, Look, Source, look
from walletpass.guestbook.models import ImportJob, ImportPiece, ImportRefusal, Stage
from walletpass.guestbook.values import Plan

PIECE = 128 * 1024
# A file that nobody goes on with is full of names and numbers.
FORGOTTEN_AFTER = timedelta(hours=24)
WAITS = (Stage.RECEIVED, Stage.CHECKED)
BEFORE = (Stage.RECEIVING, *WAITS)
AT_WORK = (Stage.CHECKING, Stage.RUNNING)


def begin(session: Session, program_id: str, *, filename: str, size: int, made_by: str = "") -> ImportJob:
    """Raises Malformed for a file too large, before any of it was sent."""
    if not 0 < size <= LARGEST:
        raise Malformed(f"A file of guests has at most {LARGEST // 1024 // 1024} MB. Split it into several.", maximum=LARGEST)
    name = "".join(char for char in filename if char.isprintable())[:120]
    job = ImportJob(program_id=program_id, filename=name, size=size, made_by=made_by)
    session.add(job)
    session.flush()
    return job


def take(session: Session, job: ImportJob, position: int, content: bytes) -> None:
    """One piece of the file; the same one again changes nothing. Raises Malformed, Conflict."""
    if job.stage != Stage.RECEIVING:
        raise Conflict("This file is here already.")
    most = (job.size + PIECE - 1) // PIECE
    whole = PIECE if position < most - 1 else job.size - PIECE * (most - 1)
    if not 0 <= position < most or len(content) != whole:
        raise Malformed("This is no piece of the file that was announced.")
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    piece = dialect.insert(ImportPiece).values(program_id=job.program_id, job_id=job.id, position=position, content=content)
    session.execute(piece.on_conflict_do_nothing())
    ours = col(ImportPiece.program_id) == job.program_id, col(ImportPiece.job_id) == job.id
    job.pieces = session.exec(select(func.count()).select_from(ImportPiece).where(*ours)).one()
    session.add(job)


def look_at(job: ImportJob, *, encoding: str = "", delimiter: str = "") -> Look:
    """The first look at a file that is here as a whole, or another one by what a person has chosen. It takes its time, so no
    transaction is open meanwhile; `settle` writes down what was seen. Raises Malformed, Conflict."""
    _must(job, *BEFORE)
    if job.pieces * PIECE < job.size:
        raise Conflict("The file is not here yet as a whole.")
    if encoding or delimiter:
        _choices(encoding, delimiter)
    return look(source(job), encoding=encoding, delimiter=delimiter)


def settle(session: Session, job: ImportJob, found: Look) -> ImportJob:
    """Raises Conflict."""
    _must(job, *BEFORE)
    plan = found.plan
    job.encoding, job.delimiter, job.header, job.dates, job.width = plan.encoding, plan.delimiter, plan.header, plan.dates, plan.width
    job.mapping, job.total, job.stage = dict(plan.mapping), found.total, Stage.RECEIVED
    session.add(job)
    session.flush()
    return job


def check(session: Session, job: ImportJob, *, header: bool, dates: str, mapping: Mapping[str, int]) -> None:
    """Ask for a dry run. Raises Malformed, Conflict."""
    _must(job, *WAITS)
    if dates not in ("dmy", "mdy"):
        raise Malformed("Dates are written dmy or mdy.", field="dates")
    job.header, job.dates, job.mapping = header, dates, columns.checked(mapping)
    from_the_start(session, job, Stage.CHECKING)


def run(session: Session, job: ImportJob, *, invite: bool = False) -> None:
    """Let the guests in, after the dry run. Raises Conflict."""
    _must(job, Stage.CHECKED)
    job.invite = invite
    from_the_start(session, job, Stage.RUNNING)


def run_as(session: Session, job: ImportJob, plan: Plan, *, invite: bool) -> None:
    """Let the guests in by a plan that was made elsewhere. Raises Malformed, Conflict."""
    _must(job, *WAITS)
    _choices(plan.encoding, plan.delimiter)
    job.encoding, job.delimiter, job.header, job.dates, job.width = plan.encoding, plan.delimiter, plan.header, plan.dates, plan.width
    job.mapping, job.invite = columns.checked(plan.mapping), invite
    from_the_start(session, job, Stage.RUNNING)


def drop(session: Session, job: ImportJob) -> None:
    """Let a file go; what an import has brought in by then stays. Raises Conflict for one that is being worked at."""
    if job.stage in AT_WORK:
        raise Conflict("This import is under way.")
    for table in (ImportPiece, ImportRefusal):
        session.execute(delete(table).where(col(table.program_id) == job.program_id, col(table.job_id) == job.id))
    session.delete(job)
    session.flush()


def forget_files(session: Session, job: ImportJob) -> None:
    session.execute(delete(ImportPiece).where(col(ImportPiece.program_id) == job.program_id, col(ImportPiece.job_id) == job.id))


def forget_abandoned(session: Session) -> int:
    """Let go of every file that was brought a day ago and not imported."""
    old = select(ImportJob).where(col(ImportJob.created_at) < now() - FORGOTTEN_AFTER)
    found = session.exec(old.where(col(ImportJob.stage).in_(BEFORE))).all()
    for job in found:
        drop(session, job)
    return len(found)


def get(session: Session, program_id: str, job_id: str, *, lock: bool = False) -> ImportJob:
    """Raises NotFound."""
    wanted = select(ImportJob).where(col(ImportJob.program_id) == program_id, col(ImportJob.id) == job_id)
    job = session.exec(wanted.with_for_update() if lock else wanted).first()
    if job is None:
        raise NotFound("This import is not known here.")
    return job


def latest(session: Session, program_id: str, limit: int = 10) -> Sequence[ImportJob]:
    return session.exec(
        select(ImportJob).where(col(ImportJob.program_id) == program_id).order_by(col(ImportJob.id).desc()).limit(limit)
    ).all()


def refusals(session: Session, job: ImportJob, *, after: int = 0, limit: int = 1_000) -> Sequence[ImportRefusal]:
    ours = col(ImportRefusal.program_id) == job.program_id, col(ImportRefusal.job_id) == job.id, col(ImportRefusal.line) > after
    return session.exec(select(ImportRefusal).where(*ours).order_by(col(ImportRefusal.line)).limit(limit)).all()


def plan_of(job: ImportJob) -> Plan:
    return Plan(job.encoding, job.delimiter, job.header, job.dates, job.mapping, job.width)


def source(job: ImportJob) -> Source:
    """The file, a piece at a time."""

    def pieces() -> Iterator[bytes]:
        for position in range(job.pieces):
            with reading() as session:
                yield session.get_one(ImportPiece, (job.program_id, job.id, position)).content

    return pieces


def from_the_start(session: Session, job: ImportJob, stage: Stage) -> None:
    session.execute(delete(ImportRefusal).where(col(ImportRefusal.program_id) == job.program_id, col(ImportRefusal.job_id) == job.id))
    job.stage, job.owner, job.lease_until = stage, "", None
    job.reached = job.fresh = job.known = job.refused = job.points = 0
    session.add(job)
    session.flush()


def _must(job: ImportJob, *stages: Stage) -> None:
    if job.stage not in stages:
        raise Conflict("This import has gone on in the meantime. Load the page again.")


def _choices(encoding: str, delimiter: str) -> None:
    if encoding not in encodings.FOUND:
        raise Malformed(f"An encoding is one of {', '.join(encodings.CHOICES)}.", field="encoding")
    if delimiter not in lines.DELIMITERS:
        raise Malformed("A delimiter is a comma, a semicolon, a tab or a bar.", field="delimiter")
