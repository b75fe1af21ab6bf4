"""Words that are good once."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from walletpass.database import now
from walletpass.identification.models import SpentWord
from walletpass.identification.secret import digest


def spend(session: Session, program_id: str, word: str, until: datetime) -> bool:
    """Whether this was its first use; it is kept ``until`` it would be refused for its age. A refused deed leaves it good.

    Of two at once the second waits for the first one's commit, and is told no.
    """
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(SpentWord).values(program_id=program_id, word_hash=digest(program_id, "word", word), until=until)
    return session.execute(row.on_conflict_do_nothing().returning(col(SpentWord.word_hash))).first() is not None


def forget_old(session: Session) -> None:
    session.execute(delete(SpentWord).where(col(SpentWord.until) < now()))
