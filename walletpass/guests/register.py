import hashlib
from dataclasses import dataclass

from sqlmodel import Session

from walletpass.guests.models import Consent, Guest
from walletpass.guests.words import clean_name, clean_phone
from walletpass.programs import Program


@dataclass(frozen=True)
class ConsentGiven:
    """The ticked text, word for word as it stood on the screen."""

    purpose: str
    version: str
    language: str
    text: str


def register(
    session: Session, program: Program, *, name: str, phone: str, language: str, consent: ConsentGiven, channel_code: str = ""
) -> Guest:
    """A new guest with the proof of consent. Raises Malformed for a name or number that is none."""
    guest = Guest(
        program_id=program.id,
        name=clean_name(name),
        phone=clean_phone(phone, program.country),
        language=language,
        channel_code=channel_code,
    )
    session.add(guest)
    session.flush()
    session.add(
        Consent(
            program_id=program.id,
            guest_id=guest.id,
            purpose=consent.purpose,
            version=consent.version,
            language=consent.language,
            text_hash=hashlib.sha256(consent.text.encode()).hexdigest(),
        )
    )
    return guest
