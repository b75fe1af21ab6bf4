"""Opening a restaurant: the values an operator gives, checked once."""

import re
from typing import Any
from zoneinfo import available_timezones

from sqlmodel import Session, col, select

from walletpass.errors import Conflict, Malformed
from walletpass.programs.models import Channel, Program, Venue

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
PASS_TYPE = re.compile(r"pass\.[A-Za-z0-9.-]{1,120}")
TEAM = re.compile(r"[A-Z0-9]{10}")
ISSUER = re.compile(r"[0-9]{1,20}|")
LETTERS = re.compile(r"[A-Z]+")
LONGEST_NAME = 80
COLUMNS = frozenset(Program.model_fields)


def create(session: Session, *, id: str, name: str, pass_type_identifier: str, team_identifier: str, **rules: Any) -> Program:
    """A new program. Raises Malformed with the value at fault, Conflict where the id is taken."""
    _must(SLUG.fullmatch(id), f"A program id is lower-case letters, digits and dashes (it stands in links), not {id!r}.")
    _must(0 < len(name.strip()) <= LONGEST_NAME, f"A program needs a name, of {LONGEST_NAME} letters at most.")
    _must(
        PASS_TYPE.fullmatch(pass_type_identifier), f"A pass type identifier looks like pass.com.example.card, not {pass_type_identifier!r}."
    )
    _must(TEAM.fullmatch(team_identifier), f"A team identifier is Apple's ten capital letters and digits, not {team_identifier!r}.")
    _must(ISSUER.fullmatch(rules.get("google_issuer_id", "")), "A Google issuer id is digits only.")
    _must(_letters(rules.get("currency", "EUR"), 3), f"A currency is three capital letters like EUR, not {rules.get('currency')!r}.")
    _must(_letters(rules.get("country", "DE"), 2), f"A country is two capital letters like DE, not {rules.get('country')!r}.")
    _must(rules.get("timezone", "UTC") in available_timezones(), f"{rules.get('timezone')!r} is not a time zone like Europe/Kyiv.")
    _must(rules.keys() <= COLUMNS, f"Unknown rules: {', '.join(sorted(rules.keys() - COLUMNS))}.")
    if session.get(Program, id) is not None:
        raise Conflict(f"There is a program {id!r} already.")
    if session.exec(select(Program).where(col(Program.pass_type_identifier) == pass_type_identifier)).first() is not None:
        raise Conflict(f"Another program has the pass type identifier {pass_type_identifier!r}; each has its own.")
    program = Program(id=id, name=name.strip(), pass_type_identifier=pass_type_identifier, team_identifier=team_identifier, **rules)
    session.add(program)
    session.flush()
    return program


def change_google(session: Session, program: Program, **rules: Any) -> bool:
    """``google_issuer_id``, ``rotating_codes`` and ``google_names``; whether one of them is new. Raises Malformed."""
    _must(ISSUER.fullmatch(rules.get("google_issuer_id", "")), "A Google issuer id is digits only.")
    new = {name: value for name, value in rules.items() if getattr(program, name) != value}
    for name, value in new.items():
        setattr(program, name, value)
    session.add(program)
    return bool(new)


def add_venue(session: Session, program: Program, name: str, **place: Any) -> Venue:
    venue = Venue(program_id=program.id, name=name, **place)
    session.add(venue)
    session.flush()
    return venue


def add_channel(session: Session, program: Program, code: str, label: str, venue_id: str | None = None) -> Channel:
    """A new way in. Raises Malformed, or Conflict where the code is taken."""
    _must(SLUG.fullmatch(code), f"A channel code is lower-case letters, digits and dashes, not {code!r}.")
    if session.exec(select(Channel).where(col(Channel.code) == code)).first() is not None:
        raise Conflict(f"There is an invitation {code!r} already; a code belongs to one restaurant.")
    channel = Channel(program_id=program.id, code=code, label=label, venue_id=venue_id)
    session.add(channel)
    session.flush()
    return channel


def _letters(text: str, count: int) -> bool:
    return len(text) == count and LETTERS.fullmatch(text) is not None


def _must(truth: object, sentence: str) -> None:
    if not truth:
        raise Malformed(sentence)
