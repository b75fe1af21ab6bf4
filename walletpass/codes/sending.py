"""Making a code, and not too many."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass import config, messages
from walletpass.codes.digests import digest
from walletpass.codes.models import Allowance, Code, CodesOfDay
from walletpass.database import now
from walletpass.errors import Malformed, TooMany, Unavailable
from walletpass.messages import texts
from walletpass.messages.transport import UNSET
from walletpass.programs import Program

DIGITS = 6
TRIES = 3
LIFE = timedelta(minutes=5)
AGAIN = timedelta(seconds=30)
# How many codes one number gets in so many seconds.
LIMITS = ((3, 600), (10, 86_400))
PURPOSES = tuple(texts.CODES)


@dataclass(frozen=True)
class Waiting:
    """A code that somebody may type. ``again_at`` is when the next one may be asked for."""

    sent_at: datetime
    expires_at: datetime
    again_at: datetime
    tries_left: int


def send(
    session: Session, program: Program, purpose: str, to: str, subject: str, *, asker: str = "", language: str = ""
) -> Waiting:  # fmt: skip
    """Write a new code to a phone (E.164) or a mailbox; the one before is no good from now on.

    ``purpose`` is join, redeem or login; ``asker`` whoever alone may type it, when that is known. Raises TooMany, with the seconds
    to wait, when the number, the program or this subject has had its share, and Unavailable when there is no way there.
    """
    if purpose not in PURPOSES:
        raise Malformed(f"A code is for one of {', '.join(PURPOSES)}.")
    way = messages.way_to(to)
    if not messages.reachable(way):
        raise Unavailable(UNSET[way])
    moment, recipient = now(), digest(program.id, "recipient", to)
    row = _locked(session, program.id, purpose, subject, asker, moment)
    if row.message_id and row.sent_at + AGAIN > moment:
        raise _too_many((row.sent_at + AGAIN - moment).total_seconds())
    # Each purpose has its own: whoever joins with a stranger's number does not use up the codes that the stranger pays with.
    _allow(session, program.id, digest(program.id, f"allowance {purpose}", to), moment)
    messages.withdraw(session, program.id, row.message_id)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row.digest, row.recipient = digest(program.id, purpose, subject, asker, code), recipient
    row.tries, row.sent_at, row.expires_at, row.used_at = 0, moment, moment + LIFE, None
    words = texts.code(program, code, purpose, language or program.language)
    row.message_id = messages.post(session, program, to, words, "code", language or program.language, life=LIFE)
    session.add(row)
    session.flush()
    return _waiting(row)


def waiting(session: Session, program_id: str, purpose: str, subject: str, *, asker: str = "") -> Waiting | None:
    """The code that was sent last, while it lives and was not used."""
    row = session.get(Code, (program_id, purpose, subject, asker))
    return _waiting(row) if row and row.used_at is None and row.expires_at > now() else None


def sweep(session: Session) -> None:
    """Forget what counts no more. Rows that somebody is busy with are left for the next time."""
    yesterday = now() - timedelta(days=1)
    for table, old in ((Code, col(Code.expires_at) < yesterday), (Allowance, col(Allowance.last_at) < yesterday)):
        rows = session.exec(select(table).where(old).limit(10_000).with_for_update(skip_locked=True)).all()
        for row in rows:
            session.delete(row)
    session.execute(delete(CodesOfDay).where(col(CodesOfDay.day) < f"{yesterday:%Y-%m-%d}"))


def warnings(session: Session) -> list[str]:
    """A sentence for each program that has sent all the codes of today: it grows, or somebody pumps SMS through it."""
    most = config.current().codes_per_day
    full = select(CodesOfDay.program_id).where(col(CodesOfDay.day) == f"{now():%Y-%m-%d}", col(CodesOfDay.count) >= most)
    return [
        f"{program_id} has sent its {most} codes of today (UTC); no guest gets another one before midnight. More: WALLETPASS_CODES_PER_DAY."
        for program_id in (session.exec(full).all() if most else ())
    ]


def _waiting(row: Code) -> Waiting:
    return Waiting(row.sent_at, row.expires_at, row.sent_at + AGAIN, max(0, TRIES - row.tries))


def _allow(session: Session, program_id: str, recipient: str, moment: datetime) -> None:
    """Count one more; a hundred at once wait for each other here. Rolled back with the caller."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    # Never written to, so that a number's first code is the same work as its next.
    first = dialect.insert(Allowance).values(program_id=program_id, recipient=recipient, sent=[], last_at=moment - timedelta(days=1))
    session.execute(first.on_conflict_do_nothing())
    ours = col(Allowance.program_id) == program_id, col(Allowance.recipient) == recipient
    allowance = session.exec(select(Allowance).where(*ours).with_for_update().execution_options(populate_existing=True)).one()
    second = int(moment.timestamp())
    sent = [at for at in allowance.sent if at > second - LIMITS[-1][1]]
    for most, seconds in LIMITS:
        recent = [at for at in sent if at > second - seconds]
        if len(recent) >= most:
            raise _too_many(recent[-most] + seconds - second)
    _of_day(session, dialect, program_id, moment)
    allowance.sent, allowance.last_at = [*sent, second], moment
    session.add(allowance)


def _of_day(session: Session, dialect: Any, program_id: str, moment: datetime) -> None:
    most = config.current().codes_per_day
    first = dialect.insert(CodesOfDay).values(program_id=program_id, day=f"{moment:%Y-%m-%d}", count=1)
    more = first.on_conflict_do_update(index_elements=["program_id", "day"], set_={"count": col(CodesOfDay.count) + 1})
    count = session.execute(more.returning(col(CodesOfDay.count))).scalar_one()
    if most and count > most:
        tomorrow = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        raise _too_many((tomorrow - moment).total_seconds())


def _locked(session: Session, program_id: str, purpose: str, subject: str, asker: str, moment: datetime) -> Code:
    """The row of this code, ours until commit; a new one has no message yet."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    key = {"program_id": program_id, "purpose": purpose, "subject": subject, "asker": asker}
    empty = {"digest": "", "recipient": "", "message_id": "", "tries": 0, "sent_at": moment, "expires_at": moment}
    session.execute(dialect.insert(Code).values(**key, **empty).on_conflict_do_nothing())
    ours = [getattr(Code, name) == value for name, value in key.items()]
    return session.exec(select(Code).where(*ours).with_for_update().execution_options(populate_existing=True)).one()


def _too_many(seconds: float) -> TooMany:
    after = max(1, int(seconds + 0.999))
    return TooMany("Too many codes were asked for. Please wait, and try again later.", after=after)
