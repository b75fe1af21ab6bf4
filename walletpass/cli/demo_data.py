"""The two restaurants of the demo, their people and what happened there so far."""

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.progress import Progress
from sqlmodel import Session

from walletpass import cards, checks, config, guests, ledger, programs, staff
from walletpass.cli.files import write
from walletpass.database import now, reading, transaction
from walletpass.errors import NotFound
from walletpass.guests import ConsentGiven
from walletpass.ledger import Bill, Origin
from walletpass.programs import Program

GUESTS = 200
TERMS = {
    "luna": "One point for every 0.10 you pay. A point pays 0.01, up to half of a check. Points of an undone check go back.",
    "sova": "One point for every 0.10 you pay. A point pays 0.01, up to half of a check. Points of an undone check go back.",
}
HOUSES: dict[str, dict[str, Any]] = {
    "luna": {
        "name": "Trattoria Luna", "palette": "luna", "country": "DE", "timezone": "Europe/Berlin", "language": "en",
        "pass_type_identifier": "pass.example.luna", "team_identifier": "LUNA000001", "google_issuer_id": "3388000000000000001",
        "phone": "+49 30 5550 1234", "email": "ciao@luna.example", "website": "https://luna.example",
    },
    "sova": {
        "name": "Bistro Sova", "palette": "sova", "country": "UA", "timezone": "Europe/Kyiv", "language": "uk",
        "pass_type_identifier": "pass.example.sova", "team_identifier": "SOVA000001", "google_issuer_id": "3388000000000000002",
        "phone": "+380 44 555 0123", "email": "hu@sova.example", "website": "https://sova.example",
    },
}  # fmt: skip
VENUES: dict[str, dict[str, Any]] = {
    "luna": {"name": "Luna am Park", "address": "Parkstrasse 12, 10115 Berlin", "latitude": 52.5321, "longitude": 13.3849},
    "sova": {"name": "Sova on Podil", "address": "Sahaidachnoho 25, 04070 Kyiv", "latitude": 50.4592, "longitude": 30.5217},
}
TEAM = {
    "luna": [("Bruno", "cashier", "1470"), ("Clara", "manager", "2580"), ("Dmitro", "owner", "3690")],
    "sova": [("Olena", "cashier", "1590"), ("Taras", "manager", "3570"), ("Maryna", "owner", "2468")],
}
FIRST = [
    "Ana",
    "Anton",
    "Beatriz",
    "Chiara",
    "Daryna",
    "David",
    "Elif",
    "Emma",
    "Fedir",
    "Finn",
    "Giulia",
    "Hanna",
    "Ihor",
    "Ines",
    "Ivan",
    "Jonas",
    "Kateryna",
    "Lena",
    "Leon",
    "Lidia",
    "Luca",
    "Maksym",
    "Marta",
    "Mateo",
    "Mia",
    "Mykola",
    "Nadiia",
    "Nina",
    "Noah",
    "Oksana",
    "Oleh",
    "Paul",
    "Petra",
    "Roman",
    "Sara",
    "Sofia",
    "Solomiia",
    "Taras",
    "Tom",
    "Yana",
]
LAST = [
    "Bauer",
    "Bondarenko",
    "Costa",
    "Dahl",
    "Ferrari",
    "Fischer",
    "Hrytsenko",
    "Ivanenko",
    "Keller",
    "Koval",
    "Lange",
    "Lysenko",
    "Marin",
    "Melnyk",
    "Moretti",
    "Novak",
    "Orlov",
    "Petrenko",
    "Ricci",
    "Romano",
    "Roth",
    "Schwarz",
    "Shevchuk",
    "Silva",
    "Tkachenko",
    "Vogel",
    "Weber",
    "Wolf",
    "Yilmaz",
    "Zimmer",
]
CONSENT = ConsentGiven("loyalty card", "demo", "en", "Demo guests agreed to nothing; they are invented.")


def pass_types() -> list[Any]:
    from walletpass.sandbox.chain import PassType

    return [PassType(id, house["pass_type_identifier"], house["team_identifier"], house["name"]) for id, house in HOUSES.items()]


def issuers() -> list[str]:
    return [house["google_issuer_id"] for house in HOUSES.values()]


def fill(folder: Path) -> list[dict[str, Any]]:
    """Open what is not open yet, and say how to get in; each restaurant appears whole or not at all."""
    kept = folder / "api-keys.json"
    api_keys: dict[str, str] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    with Progress() as progress:
        task = progress.add_task("Inviting 200 guests", total=GUESTS)
        for program_id in HOUSES:
            if _is_open(program_id) and program_id in api_keys:
                progress.advance(task, GUESTS // len(HOUSES))
                continue
            with transaction() as session:
                if not _is_open(program_id):
                    _open(session, program_id, lambda: progress.advance(task))
                api_keys[program_id] = staff.make_api_key(session, program_id, "Demo POS")
    write(kept, api_keys)
    return [_told(program_id, api_keys[program_id]) for program_id in HOUSES]


def _is_open(program_id: str) -> bool:
    with reading() as session:
        try:
            programs.get(session, program_id)
        except NotFound:
            return False
    return True


def _told(program_id: str, api_key: str) -> dict[str, Any]:
    base = config.current().base_url
    with transaction() as session:
        program = programs.get(session, program_id)
        venue = programs.venues(session, program_id)[0]
        link = staff.make_enrol_link(session, program_id, venue_id=venue.id)
    return {
        "id": program_id,
        "name": program.name,
        "join_url": f"{base}/j/{program_id}-table",
        "till_url": f"{base}/t/{program_id}",
        "api_key": api_key,
        "pass_type_identifier": program.pass_type_identifier,
        "staff": [{"name": name, "role": role, "pin": pin} for name, role, pin in TEAM[program_id]],
        "enrol_device_url": f"{base}/t/{program_id}/enrol/{link}",
    }


def _open(session: Session, program_id: str, step: Any) -> None:
    chance = random.Random(program_id)
    program = programs.create(session, id=program_id, terms=TERMS[program_id], **HOUSES[program_id])
    venue = programs.add_venue(session, program, **VENUES[program_id])
    programs.add_channel(session, program, f"{program_id}-table", "Table tent", venue.id)
    for name, role, pin in TEAM[program_id]:
        staff.hire(session, program_id, name=name, role=role, pin=pin)
    for number in range(GUESTS // len(HOUSES)):
        _guest(session, program, venue.id, number, chance)
        step()


def _guest(session: Session, program: Program, venue_id: str, number: int, chance: random.Random) -> None:
    guest = guests.register(
        session,
        program,
        name=f"{chance.choice(FIRST)} {chance.choice(LAST)}",
        phone=f"+49 151 555{number:05d}" if program.country == "DE" else f"+380 50 55{number:05d}",
        language=program.language,
        consent=CONSENT,
        channel_code=f"{program.id}-table",
    )
    card = cards.issue(session, guest)
    # Many came once or twice, some are regulars.
    visits = min(24, int(chance.expovariate(1 / 5)) + 1)
    days = sorted((chance.uniform(1, 330) for _ in range(visits)), reverse=True)
    for visit, ago in enumerate(days):
        _visit(session, program, card, venue_id, f"demo-{guest.id[-8:]}-{visit}", timedelta(days=ago), chance)
    cards.show(session, card, points=ledger.balance(session, program.id, card.id).points)


def _visit(
    session: Session, program: Program, card: cards.Card, venue_id: str, check_id: str, ago: timedelta, chance: random.Random
) -> None:
    at = now() - ago
    bill = Bill.of(check_id, int(chance.triangular(900, 11_000, 3_200)) // 10 * 10)
    origin = Origin("system", venue_id=venue_id, event_at=at)
    most = min(ledger.balance(session, program.id, card.id).points, ledger.most_redeemable(session, program, bill))
    if most > 300 and chance.random() < 0.3:
        ledger.redeem(session, program, card, bill, most // 100 * 100, origin)
    ledger.earn(session, program, card, bill, origin)
    checks.record(session, card, check_id, bill.amount, venue_id, at)
