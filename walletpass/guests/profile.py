from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from walletpass.database import now
from walletpass.errors import Malformed
from walletpass.guests.birthdays import Birthday, read_birthday
from walletpass.guests.models import Guest
from walletpass.guests.words import LANGUAGES, clean_city, clean_email, clean_name
from walletpass.programs import Program


def profile(
    session: Session,
    program: Program,
    guest: Guest,
    *,
    name: str | None = None,
    email: str | None = None,
    city: str | None = None,
    birthday: str | None = None,
    language: str | None = None,
) -> Guest:
    """Change what is given; None leaves as it is, and "" takes off all but the name and the language.

    Raises Malformed, with ``field``; nothing is changed then. A birthday that really changes counts as on file from now.
    """
    values: dict[str, object] = {}
    if name is not None:
        values["name"] = clean_name(name)
    if email is not None:
        values["email"] = clean_email(email) if email.strip() else ""
    if city is not None:
        values["city"] = clean_city(city)
    if language is not None:
        if language not in LANGUAGES:
            raise Malformed(f"A language is one of {', '.join(LANGUAGES)}.", field="language")
        values["language"] = language
    if birthday is not None:
        values |= _birthday(program, guest, birthday)
    guest.sqlmodel_update(values)
    session.add(guest)
    session.flush()
    return guest


def birthday_of(guest: Guest) -> Birthday | None:
    return Birthday(guest.birth_month, guest.birth_day, guest.birth_year) if guest.birth_month else None


def _birthday(program: Program, guest: Guest, text: str) -> dict[str, object]:
    today = datetime.now(ZoneInfo(program.timezone)).date()
    born = read_birthday(text, today) if text.strip() else None
    if born == birthday_of(guest):
        return {}
    if born is None:
        return {"birth_year": 0, "birth_month": 0, "birth_day": 0, "birthday_at": None}
    return {"birth_year": born.year, "birth_month": born.month, "birth_day": born.day, "birthday_at": now()}
