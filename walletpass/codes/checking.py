"""Looking at a code that somebody typed."""

from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from walletpass.codes.digests import fits
from walletpass.codes.models import Code
from walletpass.codes.sending import DIGITS, TRIES
from walletpass.database import now, retrying, transaction
from walletpass.programs import Program


def check(session: Session, program: Program, purpose: str, subject: str, code: str, *, asker: str = "", to: str = "") -> bool:
    """Whether this is the code; if so, it is used up. With ``to``, only one that was sent there.

    The try is counted before the code is looked at, and counts when the caller commits: answer False by a commit, not by an
    exception that leaves ``transaction()`` - or call `check_at_once`.
    """
    typed = "".join(char for char in code if char.isdigit())[: DIGITS + 1] if len(code) < 100 else ""
    row = _count(session, program.id, purpose, subject, asker)
    if row is None:
        return False
    # Both are looked at whatever comes of the first: the answer takes its time.
    right = fits(row.digest, program.id, purpose, subject, asker, typed)
    there = not to or fits(row.recipient, program.id, "recipient", to)
    if not (right and there):
        return False
    session.execute(update(Code).where(*_ours(program.id, purpose, subject, asker)).values(used_at=now()))
    return True


def check_at_once(program: Program, purpose: str, subject: str, code: str, *, asker: str = "", to: str = "") -> bool:
    """`check` in a transaction of its own, for callers that refuse by raising. Not inside another one."""

    def work() -> bool:
        with transaction() as session:
            return check(session, program, purpose, subject, code, asker=asker, to=to)

    return retrying(work)


def _count(session: Session, program_id: str, purpose: str, subject: str, asker: str) -> Any:
    """Digest and recipient of a code that bears another try. The row is ours until commit, so a hundred at once are a hundred."""
    alive = col(Code.tries) < TRIES, col(Code.used_at).is_(None), col(Code.expires_at) > now()
    counted = (
        update(Code)
        .where(*_ours(program_id, purpose, subject, asker), *alive)
        .values(tries=col(Code.tries) + 1)
        .returning(col(Code.digest), col(Code.recipient))
        .execution_options(synchronize_session=False)
    )
    return session.execute(counted).first()


def _ours(program_id: str, purpose: str, subject: str, asker: str) -> tuple[Any, ...]:
    return (
        col(Code.program_id) == program_id,
        col(Code.purpose) == purpose,
        col(Code.subject) == subject,
        col(Code.asker) == asker,
    )
