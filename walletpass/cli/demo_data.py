"""The two restaurants of the demo, their people and what happened there so far."""

import json
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.progress import Progress
from sqlmodel import Session

from walletpass import cards, checks, coatcheck, config, guests, ledger, programs, staff
from walletpass.cli import demo_evening
from walletpass.cli.files import write
from walletpass.database import as_of, new_id, now, reading, transaction
from walletpass.errors import NotFound
from walletpass.guests import ConsentGiven
from walletpass.ledger import Bill, Origin
from walletpass.programs import Program, Venue

GUESTS = 200
DAYS = 330.0
RULES_OF_POINTS = {
    "en": "One point for every €0.10 you pay. A point pays €0.01, up to half of a check. Points of an undone check go back.",
    "uk": "Один бал за кожні сплачені 0,10 €. Бал оплачує 0,01 €, до половини чека. Бали скасованого чека повертаються.",
    "ru": "Один балл за каждые оплаченные 0,10 €. Балл оплачивает 0,01 €, до половины чека. Баллы отменённого чека возвращаются.",
}
# A restaurant has one text for all its guests: its own language comes first.
TERMS = {
    id: "\n\n".join(RULES_OF_POINTS[language] for language in order)
    for id, order in (("luna", ["en", "uk", "ru"]), ("sova", ["uk", "en", "ru"]))
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
    "luna": [
        ("Bruno", "cashier", "1470"),
        ("Elena", "hostess", "4680"),
        ("Clara", "coats", "2580"),
        ("Marta", "manager", "7416"),
        ("Dmitro", "owner", "3690"),
    ],
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
# Of each cloakroom its name, what leaving a thing costs, and its zones: letter, hooks, things on each, kinds.
COATS: dict[str, tuple[str, dict[str, int], list[tuple[str, int, int, tuple[str, ...]]]]] = {
    "luna": ("Garderobe", {"coat": 100, "suitcase": 200}, [("A", 40, 1, ()), ("B", 20, 3, ("bag", "umbrella"))]),
}
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
    missing = [program_id for program_id in HOUSES if program_id not in api_keys or not _is_open(program_id)]
    if missing:
        api_keys |= _open_all(missing)
        write(kept, api_keys)
    with transaction() as session:
        demo_evening.begin(session, programs.get(session, "luna"))
    return [_told(program_id, api_keys[program_id]) for program_id in HOUSES]


def _open_all(missing: list[str]) -> dict[str, str]:
    """The key of each restaurant's till; those whose key alone was lost keep their guests."""
    api_keys: dict[str, str] = {}
    of_each = GUESTS // len(HOUSES)
    with Progress() as progress:
        task = progress.add_task(f"Inviting {of_each * len(missing)} guests", total=of_each * len(missing))
        for program_id in missing:
            with transaction() as session:
                if not _is_open(program_id):
                    _open(session, program_id, of_each, lambda: progress.advance(task))
                api_keys[program_id] = staff.make_api_key(session, program_id, "Demo POS", scopes=[*staff.EVERYDAY, "members", "coats"])
    return api_keys


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


def _open(session: Session, program_id: str, count: int, step: Callable[[], None]) -> None:
    """A restaurant with the year it had: written visit by visit and with the time it was then, so that nothing of it is of today."""
    chance = random.Random(program_id)
    opened = now() - timedelta(days=DAYS + 1)
    with as_of(opened):
        program = programs.create(session, id=program_id, terms=TERMS[program_id], **HOUSES[program_id])
        venue = programs.add_venue(session, program, **VENUES[program_id])
        programs.add_channel(session, program, f"{program_id}-table", "Table tent", venue.id)
        team = [staff.hire(session, program_id, name=name, role=role, pin=pin) for name, role, pin in TEAM[program_id]]
        if program_id in COATS:
            _cloakroom(session, program, venue, *COATS[program_id])
    guests_cards: dict[int, cards.Card] = {}
    for ago, number, last in _evenings(count, chance):
        with as_of(now() - timedelta(days=ago)):
            if number not in guests_cards:
                guests_cards[number] = _invite(session, program, number, chance)
            # Half of the guests are always served by the same one.
            _visit(session, program, guests_cards[number], venue.id, chance, team[0].id if number % 2 else "")
            if last:
                cards.show(session, guests_cards[number], points=ledger.balance(session, program.id, guests_cards[number].id).points)
                step()


def _evenings(count: int, chance: random.Random) -> list[tuple[float, int, bool]]:
    """Who came when, the first visit of all first: days ago, the guest's number, and whether it was that guest's last visit."""
    every: list[tuple[float, int, bool]] = []
    for number in range(count):
        # Many came once or twice, some are regulars.
        visits = min(24, int(chance.expovariate(1 / 5)) + 1)
        *earlier, last = sorted((chance.uniform(1, DAYS) for _ in range(visits)), reverse=True)
        every += [(ago, number, False) for ago in earlier]
        every.append((last, number, True))
    return sorted(every, reverse=True)


def _cloakroom(
    session: Session, program: Program, venue: Venue, name: str, costs: dict[str, int], zones: list[tuple[str, int, int, tuple[str, ...]]]
) -> None:
    room = coatcheck.rooms.add_room(session, venue, name)
    for zone, count, capacity, kinds in zones:
        coatcheck.rooms.add_zone(session, room, zone, count, capacity=capacity, kinds=kinds)
    coatcheck.rooms.set_prices(session, program, costs)


def _invite(session: Session, program: Program, number: int, chance: random.Random) -> cards.Card:
    guest = guests.register(
        session,
        program,
        name=f"{chance.choice(FIRST)} {chance.choice(LAST)}",
        phone=f"+49 151 555{number:05d}" if program.country == "DE" else f"+380 50 55{number:05d}",
        language=program.language,
        consent=CONSENT,
        channel_code=f"{program.id}-table",
    )
    return cards.issue(session, guest)


def _visit(session: Session, program: Program, card: cards.Card, venue_id: str, chance: random.Random, waiter: str) -> None:
    bill = Bill.of(f"demo-{new_id()}", int(chance.triangular(900, 11_000, 3_200)) // 10 * 10)
    origin = Origin("system", venue_id=venue_id)
    most = min(ledger.balance(session, program.id, card.id).points, ledger.most_redeemable(session, program, bill))
    if most > 300 and chance.random() < 0.3:
        ledger.redeem(session, program, card, bill, most // 100 * 100, origin)
    ledger.earn(session, program, card, bill, origin)
    checks.record(session, card, bill.check_id, bill.amount, venue_id, now(), waiter=waiter)
