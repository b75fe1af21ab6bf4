"""Finding guests by what they said of themselves. Who was erased, or turned out to be somebody else, is not found."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from walletpass.guests.models import Guest
from walletpass.guests.shelf import is_theirs
from walletpass.guests.words import clean_email

ESCAPE = "\\"


def here(program_id: str) -> tuple[Any, ...]:
    """Guests of the program who are still themselves."""
    return col(Guest.program_id) == program_id, col(Guest.erased_at).is_(None), col(Guest.merged_into) == ""


def lock_phones(session: Session, program_id: str, phones: Iterable[str]) -> None:
    """Whoever is about to make a guest with one of these numbers, or to prove one, comes one after the other, until commit.

    In one order everywhere, so that two files with the same guests cannot wait for each other. On SQLite writers do anyway.
    """
    if session.get_bind().dialect.name != "sqlite":
        for phone in sorted(set(phones)):
            session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"phone/{program_id}/{phone}", 0))))


def known_phones(session: Session, program_id: str, phones: Sequence[str]) -> set[str]:
    """Which of these numbers (E.164) somebody here has, and not only says to have."""
    return set(session.exec(select(Guest.phone).where(*here(program_id), is_theirs(), col(Guest.phone).in_(phones))).all())


def by_email(session: Session, program_id: str, email: str) -> Sequence[Guest]:
    """Raises Malformed."""
    wanted = select(Guest).where(*here(program_id), col(Guest.email) == clean_email(email))
    return session.exec(wanted.order_by(col(Guest.id))).all()


def page(session: Session, program_id: str, *, after: str = "", limit: int = 50) -> Sequence[Guest]:
    """Guests in the order in which they came."""
    wanted = select(Guest).where(*here(program_id), col(Guest.id) > after)
    return session.exec(wanted.order_by(col(Guest.id)).limit(limit)).all()


def newest(
    session: Session, program_id: str, *, channel_code: str | None = None, nameless: bool = False, limit: int = 50
) -> Sequence[Guest]:
    wanted = select(Guest).where(*here(program_id))
    if channel_code is not None:
        wanted = wanted.where(col(Guest.channel_code) == channel_code)
    if nameless:
        wanted = wanted.where(col(Guest.name) == "")
    return session.exec(wanted.order_by(col(Guest.id).desc()).limit(limit)).all()


def search(session: Session, program_id: str, text: str, *, limit: int = 50) -> Sequence[Guest]:
    """By a part of the name, of the number or of the e-mail address, newest first."""
    text = " ".join(text.split())[:80]
    digits = "".join(char for char in text if char.isdigit())
    # SQLite compares Cyrillic letters as they are, so the usual ways to write a name are asked for.
    names = {_part(said) for said in (text, text.lower(), text.title(), text.upper())}
    ways = [col(Guest.name).like(said, escape=ESCAPE) for said in sorted(names)]
    ways.append(col(Guest.email).like(_part(text.lower()), escape=ESCAPE))
    if len(digits) >= 3:
        ways.append(col(Guest.phone).like(_part(digits.removeprefix("0")), escape=ESCAPE))
    found = select(Guest).where(*here(program_id), or_(*ways)).order_by(col(Guest.id).desc())
    return session.exec(found.limit(limit)).all()


def _part(text: str) -> str:
    for char in (ESCAPE, "%", "_"):
        text = text.replace(char, ESCAPE + char)
    return f"%{text}%"
