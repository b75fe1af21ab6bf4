from sqlmodel import Session

from walletpass.guests.consents import ConsentGiven, record
from walletpass.guests.models import Guest
from walletpass.guests.words import clean_name, clean_phone
from walletpass.programs import Program


def register(
    session: Session,
    program: Program,
    *,
    name: str | None,
    phone: str,
    language: str,
    consent: ConsentGiven | None,
    channel_code: str = "",
    referred_by: str = "",
    vouched: bool = True,
) -> Guest:
    """A new guest with the proof of consent. ``referred_by`` is the id of the card whose holder sent them. Raises Malformed for a
    name or number that is none.

    A number typed at the till may be all that is known: ``name`` is then None, and so is a consent that nobody was asked for.
    ``vouched`` is False where it was typed by who-knows-whom.
    """
    guest = Guest(
        program_id=program.id,
        name="" if name is None else clean_name(name),
        phone=clean_phone(phone, program.country),
        language=language,
        channel_code=channel_code,
        referred_by=referred_by,
        vouched=vouched,
    )
    session.add(guest)
    session.flush()
    if consent is not None:
        record(session, guest, consent)
    return guest
