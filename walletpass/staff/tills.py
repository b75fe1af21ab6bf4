"""Which browsers are tills."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from walletpass.database import now
from walletpass.errors import Gone, NotFound
from walletpass.guests import clean_name
from walletpass.staff import secrets
from walletpass.staff.models import EnrolLink, StaffSession, Till

LINK_LIVES = timedelta(hours=24)


def make_enrol_link(session: Session, program_id: str, *, venue_id: str = "", made_by: str = "", lives: timedelta = LINK_LIVES) -> str:
    """The secret of a one-time link."""
    secret, digest = secrets.make()
    session.add(EnrolLink(program_id=program_id, token_hash=digest, venue_id=venue_id, made_by=made_by, expires_at=now() + lives))
    return secret


def check_enrol_link(session: Session, program_id: str, secret: str) -> EnrolLink:
    """Raises Gone for a link that was used, has expired or never was."""
    link = session.get(EnrolLink, (program_id, secrets.digest(secret)))
    if link is None or link.used_at is not None or link.expires_at < now():
        raise Gone("This link was used already or has expired. Ask a manager for a new one.")
    return link


def enrol(session: Session, program_id: str, secret: str, name: str) -> tuple[Till, str]:
    """Use up a link; the till and the secret for its cookie. Raises Gone, or Malformed for the name."""
    link = check_enrol_link(session, program_id, secret)
    taken = session.execute(
        update(EnrolLink)
        .where(
            col(EnrolLink.program_id) == program_id,
            col(EnrolLink.token_hash) == link.token_hash,
            col(EnrolLink.used_at).is_(None),
        )
        .values(used_at=now())
        .returning(col(EnrolLink.token_hash))
    )
    if taken.first() is None:
        raise Gone("This link was used already or has expired. Ask a manager for a new one.")
    token, digest = secrets.make()
    till = Till(program_id=program_id, name=clean_name(name), venue_id=link.venue_id, token_hash=digest)
    session.add(till)
    session.flush()
    return till, token


def till_by_token(session: Session, program_id: str, token: str) -> Till | None:
    return session.exec(
        select(Till).where(
            col(Till.program_id) == program_id, col(Till.token_hash) == secrets.digest(token), col(Till.revoked_at).is_(None)
        )
    ).first()


def tills(session: Session, program_id: str) -> Sequence[Till]:
    return session.exec(select(Till).where(col(Till.program_id) == program_id, col(Till.revoked_at).is_(None)).order_by(col(Till.id))).all()


def revoke_till(session: Session, program_id: str, till_id: str) -> None:
    """A lost till: its cookie and everybody signed in on it are out at once. Raises NotFound."""
    ours = col(Till.program_id) == program_id, col(Till.id) == till_id
    if session.execute(update(Till).where(*ours).values(revoked_at=now()).returning(col(Till.id))).first() is None:
        raise NotFound("There is no such till here.")
    session.execute(
        update(StaffSession).where(col(StaffSession.program_id) == program_id, col(StaffSession.till_id) == till_id).values(ended_at=now())
    )
