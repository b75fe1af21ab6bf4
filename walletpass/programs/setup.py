"""Opening a restaurant: the values an operator gives, checked once."""

import re
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from sqlmodel import Session, col, select

from walletpass.errors import Conflict, Malformed
from walletpass.programs import booking_page, judging
from walletpass.programs.models import Channel, Program, RuleChange, Venue
from walletpass.programs.rules import BY_NAME

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
PASS_TYPE = re.compile(r"pass\.[A-Za-z0-9.-]{1,120}")
TEAM = re.compile(r"[A-Z0-9]{10}")
ISSUER = re.compile(r"[0-9]{1,20}|")
LETTERS = re.compile(r"[A-Z]+")
LONGEST_NAME = 80
LONGEST = {"website": 200, "phone": 32, "email": 254, "terms": 4000, "address": 200}
WEBSITE = re.compile(r"(?:https?://[^\s/.]+\.[^\s]+)?")
MAIL = re.compile(r"(?:[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\"]+)?")
PHONE = re.compile(r"(?:\+?[0-9][0-9 ()/.-]*[0-9])?")
COLUMNS = frozenset(Program.model_fields)
CHANGED = frozenset({"website", "phone", "email", "terms", "currency", "booking_page", *BY_NAME})
# Looking for them walks through six hundred files.
_timezones = cache(available_timezones)


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
    _must(rules.get("timezone", "UTC") in _timezones(), f"{rules.get('timezone')!r} is not a time zone like Europe/Kyiv.")
    _must(rules.keys() <= COLUMNS, f"Unknown rules: {', '.join(sorted(rules.keys() - COLUMNS))}.")
    for name in rules.keys() & BY_NAME.keys():
        if fault := judging.alone(BY_NAME[name], rules[name], rules.get("currency", "EUR")):
            raise Malformed(fault.sentence, field=name)
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
    return bool(_set(session, program, rules))


def change(session: Session, program: Program, *, by: str = "", **values: Any) -> set[str]:
    """What guests read and the rules of points; the names of those that are new. A changed rule is kept with who changed it: ``by``
    is a staff id, empty for a command. Raises Malformed with the value at fault."""
    _must(values.keys() <= CHANGED, f"Unknown rules: {', '.join(sorted(values.keys() - CHANGED))}.")
    for name in ("website", "phone", "email", "terms"):
        longest = LONGEST[name]
        _must(len(values.get(name, "")) <= longest, f"{name.capitalize()} has room for {longest} letters.")
    _must(WEBSITE.fullmatch(values.get("website", "")), f"A website looks like https://luna.example, not {values.get('website')!r}.")
    _must(MAIL.fullmatch(values.get("email", "")), f"A mail address looks like ciao@luna.example, not {values.get('email')!r}.")
    _must(PHONE.fullmatch(values.get("phone", "")), f"A telephone number looks like +49 30 5550 1234, not {values.get('phone')!r}.")
    _must(_letters(values.get("currency", "EUR"), 3), f"A currency is three capital letters like EUR, not {values.get('currency')!r}.")
    booking_page.checked(values.get("booking_page", ""))
    rules = {name: value for name, value in values.items() if name in BY_NAME}
    for fault in judging.faults(program, rules):
        raise Malformed(fault.sentence, field=fault.rule)
    for name, value in rules.items():
        if (old := getattr(program, name)) != value:
            session.add(RuleChange(program_id=program.id, staff_id=by, name=name, old=old, new=value))
    return _set(session, program, values)


def change_venue(session: Session, venue: Venue, **values: Any) -> set[str]:
    """Its name, address and place; the names of what is new. Raises Malformed."""
    name, address = values.get("name", venue.name), values.get("address", "")
    _must(0 < len(name.strip()) <= LONGEST_NAME, f"A venue needs a name, of {LONGEST_NAME} letters at most.")
    _must(len(address) <= LONGEST["address"], f"An address has room for {LONGEST['address']} letters.")
    latitude, longitude = (values.get(part, getattr(venue, part)) for part in ("latitude", "longitude"))
    _must((latitude is None) == (longitude is None), "A place needs both, a latitude and a longitude.")
    _must(latitude is None or abs(latitude) <= 90, "A latitude is from -90 to 90.")
    _must(longitude is None or abs(longitude) <= 180, "A longitude is from -180 to 180.")
    return _set(session, venue, values)


def _set(session: Session, row: Program | Venue, values: dict[str, Any]) -> set[str]:
    new = {name for name, value in values.items() if getattr(row, name) != value}
    for name in new:
        setattr(row, name, values[name])
    session.add(row)
    session.flush()
    return new


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
