"""Dates in the W3C profile of ISO 8601: with the time, and with the zone."""

import re
from collections.abc import Generator
from datetime import datetime

from walletpass.apple.inspection.findings import Finding, Findings, advice, refused, said

DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
LIKE = "Write it like 2026-11-22T19:30:00+01:00"


def moment(path: str, value: object) -> Generator[Finding, None, datetime | None]:
    """The moment, or None after a finding."""
    match = MOMENT.fullmatch(value) if isinstance(value, str) else None
    if isinstance(value, str) and DAY.fullmatch(value):
        yield refused("date-without-time", f"pass.json: {path} is the day {said(value)} without a time. {LIKE}.")
        return None
    if match is None:
        yield refused("date-unreadable", f"pass.json: {path} is no date: {said(value)}. {LIKE}.")
        return None
    minutes, seconds, fraction, zone = match.groups()
    if zone is None:
        yield refused("date-without-zone", f"pass.json: {path} is {said(value)}, without a zone. {LIKE}.")
        return None
    try:
        parsed = datetime.fromisoformat(f"{minutes}:{seconds or '00'}{zone}")
    except ValueError:
        yield refused("date-unreadable", f"pass.json: {path} is no day or hour there is: {said(value)}. {LIKE}.")
        return None
    if fraction:
        yield advice("date-with-fraction", f"pass.json: {path} has fractions of a second, which Apple does not describe. Leave them out.")
    return parsed


def silently(path: str, value: object) -> Findings:
    """The findings without the moment."""
    yield from moment(path, value)
