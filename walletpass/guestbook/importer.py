"""The one who works at imports, in the server or in a command: a few lines at a time, so that no till waits."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count

import structlog
from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from walletpass import database, ledger, programs
from walletpass.database import now, reading, transaction
from walletpass.delivery import owners
from walletpass.errors import Conflict, Malformed
from walletpass.guestbook import inviting, jobs
from walletpass.guestbook.joining import join
from walletpass.guestbook.lines import Record
from walletpass.guestbook.looking import all_records
from walletpass.guestbook.models import ImportJob, ImportRefusal, OldNumber, Stage
from walletpass.guestbook.sifting import Counts, Refusal, Seen, batches, sift
from walletpass.guestbook.values import Newcomer
from walletpass.guests import lock_phones
from walletpass.ledger import Origin
from walletpass.programs import Program
from walletpass.rounds import Rounds

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
# Lines of one transaction: an eighth of a second for whoever waits at a till.
AT_ONCE = 40
CHECKED_AT_ONCE = 500
BREATH = 0.01  # seconds between two transactions: the lock of SQLite goes to whoever asks first
CLEAR_EVERY = 3_600  # rounds; an hour

Heard = Callable[[ImportJob], None]


class Importer(Rounds):
    """Takes up what was asked for, and what a killed process left."""

    name, every = "imports", 1.0

    def __init__(self) -> None:
        super().__init__()
        self._rounds = count()

    def round(self) -> None:
        if next(self._rounds) % CLEAR_EVERY == 0:
            with transaction() as session:
                jobs.forget_abandoned(session)
        while not self.stopping.is_set() and (job := claim()) is not None:
            work(job, stopping=self.stopping)


def claim(job_id: str = "") -> ImportJob | None:
    """A job that nobody works at, now ours; None where there is none."""
    with reading() as session:
        asked_for = select(ImportJob).where(col(ImportJob.stage).in_(jobs.AT_WORK)).order_by(col(ImportJob.id))
        found = session.exec(asked_for.where(col(ImportJob.id) == job_id) if job_id else asked_for).all()
        free = [job for job in found if _is_free(job)]
    for job in free:
        with transaction() as session:
            ours = col(ImportJob.program_id) == job.program_id, col(ImportJob.id) == job.id, col(ImportJob.stage).in_(jobs.AT_WORK)
            same = or_(col(ImportJob.owner) == job.owner, col(ImportJob.lease_until) <= now())
            won = update(ImportJob).where(*ours, same).values(owner=owners.name(), lease_until=now() + LEASE)
            if session.execute(won.returning(col(ImportJob.id))).first() is not None:
                return jobs.get(session, job.program_id, job.id)
    return None


def _is_free(job: ImportJob) -> bool:
    return not job.owner or job.lease_until is None or job.lease_until <= now() or owners.is_gone(job.owner)


def work(job: ImportJob, *, heard: Heard = lambda _: None, stopping: threading.Event | None = None) -> None:
    """To the end, or until ``stopping``. What is wrong with the file ends the job, with the reason; a faulty database does not."""
    stopping = stopping or threading.Event()
    seen = Seen()
    try:
        with reading() as session:
            program = programs.get(session, job.program_id)
        if job.stage == Stage.CHECKING:
            # What stood further up was kept in the memory of whoever was killed.
            _again(job)
        checking = job.stage == Stage.CHECKING
        for batch in batches(all_records(jobs.source(job), jobs.plan_of(job), after=job.reached), CHECKED_AT_ONCE if checking else AT_ONCE):
            job = database.retrying(lambda: _step(job, program, batch, seen))  # noqa: B023 (called at once)
            heard(job)
            if stopping.wait(BREATH):
                _let_go(job)
                return
        database.retrying(lambda: _finish(job))
        heard(job)
    except Malformed as error:
        _fail(job, error.message)
    except Conflict:
        log.warning("imports.taken_over", job=job.id)


def _step(job: ImportJob, program: Program, batch: Sequence[Record], seen: Seen) -> ImportJob:
    """Some lines, with how far we have come: one transaction, so that no guest comes in twice."""
    with transaction() as session:
        mine = _mine(session, job)
        checking = mine.stage == Stage.CHECKING
        newcomers, refusals = sift(session, program, jobs.plan_of(mine), batch, seen if checking else Seen())
        if not checking:
            newcomers, refusals = _let_in(session, program, mine, batch, newcomers, refusals)
        counts = Counts(mine.fresh, mine.known, mine.refused, mine.points)
        counts.add(newcomers, refusals)
        mine.fresh, mine.known, mine.refused, mine.points = counts.fresh, counts.known, counts.refused, counts.points
        mine.reached, mine.lease_until = batch[-1].last, now() + LEASE
        session.add_all(
            ImportRefusal(program_id=mine.program_id, job_id=mine.id, line=one.line, reason=one.reason, field=one.field) for one in refusals
        )
        session.add(mine)
        return mine


def _let_in(
    session: Session, program: Program, job: ImportJob, batch: Sequence[Record], newcomers: list[Newcomer], refusals: list[Refusal]
) -> tuple[list[Newcomer], list[Refusal]]:
    # Somebody may have come in by another door since we looked: now nobody can, and we look again.
    lock_phones(session, program.id, [newcomer.phone for newcomer in newcomers])
    if session.get_bind().dialect.name != "sqlite":
        newcomers, refusals = sift(session, program, jobs.plan_of(job), batch, Seen())
    for newcomer in newcomers:
        # The card is made with the points that the next lines give it: one version, not two.
        guest, card = join(session, program, newcomer.application, points=newcomer.points)
        if newcomer.old_number:
            session.add(OldNumber(program_id=program.id, number=newcomer.old_number, card_id=card.id))
        if newcomer.points:
            origin = Origin("import", f"import:{job.id}:{newcomer.line}", staff_id=job.made_by, reason="opening balance")
            ledger.opening(session, program, card, newcomer.points, newcomer.expires_at, origin)
        if job.invite:
            inviting.invite(session, program, guest, card)
    return newcomers, refusals


def _finish(job: ImportJob) -> None:
    with transaction() as session:
        mine = _mine(session, job)
        if mine.stage == Stage.RUNNING:
            jobs.forget_files(session, mine)
            mine.done_at = now()
        mine.stage = Stage.CHECKED if mine.stage == Stage.CHECKING else Stage.DONE
        mine.owner, mine.lease_until, mine.reached = "", None, mine.total
        session.add(mine)
        job.stage = mine.stage


def _again(job: ImportJob) -> None:
    with transaction() as session:
        mine = _mine(session, job)
        jobs.from_the_start(session, mine, Stage.CHECKING)
        mine.owner, mine.lease_until = job.owner, now() + LEASE
        session.add(mine)
    job.reached = 0


def _let_go(job: ImportJob) -> None:
    with transaction() as session:
        mine = _mine(session, job)
        mine.owner, mine.lease_until = "", None
        session.add(mine)


def _fail(job: ImportJob, reason: str) -> None:
    with transaction() as session:
        mine = _mine(session, job)
        jobs.forget_files(session, mine)
        mine.stage, mine.reason, mine.owner, mine.lease_until, mine.done_at = Stage.FAILED, reason[:200], "", None, now()
        session.add(mine)


def _mine(session: Session, job: ImportJob) -> ImportJob:
    """The row, locked. Raises Conflict when the lease has passed to somebody else."""
    mine = jobs.get(session, job.program_id, job.id, lock=True)
    if mine.owner != job.owner:
        raise Conflict("Somebody else goes on with this import.")
    return mine
