"""What a guest agreed to, and took back. Rows are only added."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from walletpass.database import now
from walletpass.errors import Malformed
from walletpass.guests.models import Consent, Guest

# What the guest agreed to beside the card itself: without it nobody is written to.
MARKETING = "marketing"
EARLIEST = 1990
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True)
class ConsentGiven:
    """The ticked text, word for word as it stood on the screen or on paper; or its SHA-256, where another system keeps the text.

    ``channel`` is web, till, paper or api; ``given_at`` is None for this moment.
    """

    purpose: str
    version: str
    language: str
    text: str
    channel: str = "web"
    given_at: datetime | None = None
    sha256: str = ""

    @property
    def text_hash(self) -> str:
        return self.sha256 or hashlib.sha256(self.text.encode()).hexdigest()


def record(session: Session, guest: Guest, consent: ConsentGiven) -> None:
    """Keep the proof. Raises Malformed for a time that has not come."""
    moment = now()
    given_at = consent.given_at or moment
    if given_at.year < EARLIEST or given_at > moment + CLOCKS_DIFFER:
        raise Malformed("A consent cannot have been given at that time.", field="given_at")
    _add(session, guest, consent.purpose, consent.version, consent.language, consent.text_hash, consent.channel, True, given_at)


def withdraw(session: Session, guest: Guest, purpose: str, channel: str) -> bool:
    """The guest takes a consent back. False when none stands."""
    last = standing(session, guest).get(purpose)
    if last is None:
        return False
    # Later than what it takes back, whatever the clock of the other system said.
    moment = max(now(), last.given_at + timedelta(microseconds=1))
    _add(session, guest, purpose, last.version, last.language, last.text_hash, channel, False, moment)
    return True


def standing(session: Session, guest: Guest) -> dict[str, Consent]:
    """The consents that hold today, by purpose."""
    newest = {row.purpose: row for row in consents(session, guest.program_id, guest.id)}
    return {purpose: row for purpose, row in newest.items() if row.granted}


def consents(session: Session, program_id: str, guest_id: str) -> Sequence[Consent]:
    """All that was ever said, oldest first."""
    ours = col(Consent.program_id) == program_id, col(Consent.guest_id) == guest_id
    return session.exec(select(Consent).where(*ours).order_by(col(Consent.given_at), col(Consent.id))).all()


def _add(
    session: Session,
    guest: Guest,
    purpose: str,
    version: str,
    language: str,
    text_hash: str,
    channel: str,
    granted: bool,
    given_at: datetime,
) -> None:
    session.add(
        Consent(
            program_id=guest.program_id,
            guest_id=guest.id,
            purpose=purpose,
            version=version,
            language=language,
            text_hash=text_hash,
            channel=channel,
            granted=granted,
            given_at=given_at,
        )
    )
    session.flush()
