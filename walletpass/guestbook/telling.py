"""The base as a file: everybody but those who were erased."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from walletpass import guests, ledger, programs
from walletpass.cards import Card
from walletpass.checks import Habit
from walletpass.database import reading
from walletpass.guestbook.formulas import escaped
from walletpass.guestbook.joining import cards_of
from walletpass.guests import Consent, Guest
from walletpass.ledger import CardTier
from walletpass.programs import Tier

AT_ONCE = 200
COLUMNS = (
    "id", "name", "phone", "email", "birthday", "city", "language", "card_number", "points", "expires", "lots", "pending", "tier", "visits", "last_visit",
    "consents", "channel", "joined",
)  # fmt: skip
MARK = "\ufeff"  # Excel reads a file without it in the letters of its own country


def csv_rows(program_id: str) -> Iterator[str]:
    """RFC 4180 in UTF-8, with nothing that a spreadsheet would run. What `import` reads comes back as it was.

    A line has one day on which points end, so ``expires`` is the last day of any of them, and empty where some never end: nobody
    loses points by moving. ``lots`` has them one by one, as ``120:2026-12-31 50:``.
    """
    yield MARK + _csv([list(COLUMNS)])
    for rows in _pages(program_id):
        yield _csv([[escaped(_cell(row[name])) for name in COLUMNS] for row in rows])


def ndjson_rows(program_id: str) -> Iterator[str]:
    """A JSON object a line."""
    for rows in _pages(program_id):
        yield "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _pages(program_id: str) -> Iterator[list[dict[str, Any]]]:
    """Each look is short: whoever reads slowly holds nobody up."""
    after = ""
    while True:
        with reading() as session:
            found = guests.page(session, program_id, after=after, limit=AT_ONCE)
            rows = _rows(session, program_id, found)
        if not found:
            return
        after = found[-1].id
        yield rows


def _rows(session: Session, program_id: str, found: Sequence[Guest]) -> list[dict[str, Any]]:
    ids = [guest.id for guest in found]
    its_card = cards_of(session, program_id, ids)
    of_card = [card.id for card in its_card.values()]
    habits = {
        habit.card_id: habit
        for habit in session.exec(select(Habit).where(col(Habit.program_id) == program_id, col(Habit.card_id).in_(of_card)))
    }
    tiers = _tiers(session, program_id, of_card)
    agreed = _consents(session, program_id, ids)
    zone = ZoneInfo(programs.get(session, program_id).timezone)
    return [_row(session, guest, its_card.get(guest.id), habits, tiers, agreed.get(guest.id, []), zone) for guest in found]


def _row(
    session: Session,
    guest: Guest,
    card: Card | None,
    habits: Mapping[str, Habit],
    tiers: Mapping[str, str],
    agreed: list[str],
    zone: ZoneInfo,
) -> dict[str, Any]:
    lots = _lots(session, card, zone) if card else []
    balance = ledger.balance(session, guest.program_id, card.id) if card else ledger.Balance()
    habit = habits.get(card.id) if card else None
    return {
        "id": guest.id,
        "name": guest.name,
        "phone": guest.phone,
        "email": guest.email,
        "birthday": str(guests.birthday_of(guest) or ""),
        "city": guest.city,
        "language": guest.language,
        "card_number": card.number if card else "",
        "points": balance.points,
        "expires": max(lot["expires"] for lot in lots) if lots and all(lot["expires"] for lot in lots) else "",
        "lots": lots,
        "pending": balance.pending,
        "tier": tiers.get(card.id, "") if card else "",
        "visits": habit.visits if habit else 0,
        "last_visit": habit.last_visit.isoformat() if habit and habit.last_visit else "",
        "consents": agreed,
        "channel": guest.channel_code,
        "joined": guest.created_at.isoformat(),
    }


def _lots(session: Session, card: Card, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The soonest first. A lot ends with the day that is named, where the restaurant is, as the import has it."""
    schedule = ledger.schedule(session, card.program_id, card.id)
    return [{"points": points, "expires": _day_before(end.astimezone(zone)) if end else ""} for end, points in schedule]


def _day_before(end: datetime) -> str:
    """The day whose midnight it is, or on which it comes."""
    return (end - timedelta(microseconds=1)).date().isoformat()


def _tiers(session: Session, program_id: str, of_card: Sequence[str]) -> dict[str, str]:
    names = dict(session.exec(select(Tier.position, Tier.name).where(col(Tier.program_id) == program_id)).all())
    stands = select(CardTier).where(col(CardTier.program_id) == program_id, col(CardTier.card_id).in_(of_card))
    return {row.card_id: names.get(row.position, "") for row in session.exec(stands)}


def _consents(session: Session, program_id: str, ids: Sequence[str]) -> dict[str, list[str]]:
    """The purposes that each of the guests agrees to today."""
    said: dict[tuple[str, str], bool] = {}
    ours = col(Consent.program_id) == program_id, col(Consent.guest_id).in_(ids)
    for row in session.exec(select(Consent).where(*ours).order_by(col(Consent.given_at), col(Consent.id))):
        said[row.guest_id, row.purpose] = row.granted
    agreed: dict[str, list[str]] = {}
    for (guest_id, purpose), granted in said.items():
        if granted:
            agreed.setdefault(guest_id, []).append(purpose)
    return agreed


def check_program(program_id: str) -> None:
    """Raises NotFound, before the first byte has left."""
    with reading() as session:
        programs.get(session, program_id)


def _cell(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    if value and isinstance(value[0], dict):
        return " ".join(f"{lot['points']}:{lot['expires']}" for lot in value)
    return ", ".join(value)


def _csv(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
