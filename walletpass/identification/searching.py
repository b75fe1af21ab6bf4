"""The way round: a guest without card or phone, by a part of the name or of the number."""

import re
from dataclasses import dataclass

import phonenumbers
from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from walletpass.cards import Card
from walletpass.errors import Malformed, NotAllowed
from walletpass.guests import Guest
from walletpass.identification.masks import masked_number, masked_phone
from walletpass.programs import Program

MOST = 8
FEWEST_LETTERS, FEWEST_DIGITS, LONGEST = 2, 4, 80


@dataclass(frozen=True)
class Found:
    card: str
    name: str
    masked_phone: str
    number: str


def search(session: Session, program: Program, text: str) -> list[Found]:
    """At most eight, the newest first; phones and numbers masked. Raises Malformed for a text that is too short to narrow it down,
    NotAllowed where the program has switched it off."""
    if not program.phone_lookup:
        raise NotAllowed("Guests are not looked up by name or phone here. Scan the card, or type its number.")
    rows = session.exec(
        select(Card, Guest)
        .where(
            col(Guest.program_id) == program.id, col(Guest.erased_at).is_(None), col(Guest.merged_into) == "",
            col(Card.program_id) == program.id, col(Card.guest_id) == col(Guest.id), col(Card.state) == "active",
            col(Card.merged_into) == "", _matches(program, " ".join(text.split())),
        )
        .order_by(col(Card.id).desc())
        .limit(MOST)
    ).all()  # fmt: skip
    return [Found(card.id, guest.name, masked_phone(guest.phone), masked_number(card.number)) for card, guest in rows]


def _matches(program: Program, text: str) -> ColumnElement[bool]:
    if len(text) <= LONGEST and not any(char.isalpha() for char in text):
        digits = re.sub("[^0-9]", "", text)
        if len(digits) >= FEWEST_DIGITS:
            return _of_number(program, text, digits)
    elif FEWEST_LETTERS <= len(text) <= LONGEST:
        # SQLite knows upper and lower case of Latin letters only.
        forms = {text, text.lower(), text.upper(), text.title(), text[:1].upper() + text[1:]}
        begins = [col(Guest.name).startswith(form, autoescape=True) for form in sorted(forms)]
        return or_(*begins, *(col(Guest.name).contains(f" {form}", autoescape=True) for form in sorted(forms)))
    raise Malformed(f"Type at least {FEWEST_LETTERS} letters of the name, or {FEWEST_DIGITS} digits of the phone number.")


def _of_number(program: Program, text: str, digits: str) -> ColumnElement[bool]:
    """Any part of E.164, without the zero or whatever is dialled before numbers of this country; or its beginning, behind the 00 or
    whatever is dialled here before those of another one."""
    metadata = None if text.startswith("+") else phonenumbers.PhoneMetadata.metadata_for_region(program.country, None)
    if metadata is None:
        return col(Guest.phone).contains(digits, autoescape=True)
    part = col(Guest.phone).contains(digits.removeprefix(metadata.national_prefix or ""), autoescape=True)
    abroad = re.match(metadata.international_prefix or "(?!)", digits)
    whole = digits[abroad.end() :] if abroad else ""
    return or_(part, col(Guest.phone).startswith(f"+{whole}", autoescape=True)) if len(whole) >= FEWEST_DIGITS else part
