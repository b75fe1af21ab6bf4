"""The restaurant that is measured: Trattoria Luna with one card, in a folder that goes away, with certificates like Apple's."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from walletpass import cards, config, database, guests, programs
from walletpass.apple import certificates
from walletpass.apple.certificates import SigningIdentity
from walletpass.cards import Card, CardFace
from walletpass.config import Settings
from walletpass.migrations import schema
from walletpass.programs import Program
from walletpass.sandbox import chain

PASS_TYPE, TEAM = "pass.example.luna", "LUNA000001"
TERMS = "One point for each euro. A hundred points pay one euro of the next bill. Points are kept for two years. " * 3


@dataclass(frozen=True)
class Luna:
    """``outside`` holds what is not the server's: the certificate of an APNs and who may have signed it."""

    settings: Settings
    program: Program
    card: Card
    identity: SigningIdentity
    certs: Path
    outside: Path


@contextmanager
def opened(port: int = 8000, database_url: str = "") -> Iterator[Luna]:
    """On SQLite, or on an empty database of one's own."""
    with TemporaryDirectory(prefix="walletpass-") as name:
        folder = Path(name)
        certs, outside = folder / "certs", folder / "outside"
        kind = chain.PassType("luna", PASS_TYPE, TEAM, "Trattoria Luna")
        chain.prepare(certs, outside, [kind], token_uri="http://127.0.0.1:9/token")
        settings = config.use(
            Settings(
                secret_keys=f"1:{secrets.token_hex(32)}",
                base_url=f"http://127.0.0.1:{port}",
                database_url=database_url or f"sqlite:///{folder}/walletpass.sqlite",
                certs_dir=str(certs),
                port=port,
                embedded_worker=False,
                log_level="error",
                apns_url="https://127.0.0.1:9",
            )
        )
        database.bind(settings.database_url)
        schema.upgrade()
        try:
            program, card = _first_card()
            yield Luna(settings, program, card, certificates.identity(program), certs / "luna", outside)
        finally:
            database.unbind()


def more_cards(luna: Luna, count: int, *, first: int = 0) -> list[Card]:
    """Guests with a card that an iPhone holds, so that every change has to travel."""
    consent = guests.ConsentGiven("loyalty card", "benchmark", "en", "I agree.")
    made = []
    with database.transaction() as session:
        for number in range(first, first + count):
            guest = guests.register(session, luna.program, name=f"Ana {number}", phone=f"+49151{number:08}", language="en", consent=consent)
            made.append(cards.issue(session, guest, points=0))
            cards.put_on(session, made[-1], "apple")
    return made


def faces(luna: Luna, count: int) -> list[CardFace]:
    """As many different cards, each with its own serial number, token, code, holder and points."""
    with database.reading() as session:
        first = cards.face(session, cards.get(session, luna.program.id, luna.card.id), luna.program)
    return [
        replace(
            first,
            card_id=f"{number:026}",
            serial_number=secrets.token_hex(13),
            authentication_token=secrets.token_urlsafe(32),
            code=str(10**56 + number),
            number=f"{number // 10_000:04} {number % 10_000:04}",
            changed_at=first.changed_at + timedelta(seconds=number),
            values={**first.values, "points": number, "holder": f"Ana {number}"},
        )
        for number in range(count)
    ]


def _first_card() -> tuple[Program, Card]:
    with database.transaction() as session:
        program = programs.create(
            session,
            id="luna",
            name="Trattoria Luna",
            pass_type_identifier=PASS_TYPE,
            team_identifier=TEAM,
            phone="+49 30 1234567",
            email="ciao@luna.example",
            website="https://luna.example",
            terms=TERMS.strip(),
        )
        programs.add_venue(session, program, "Luna am Park", address="Parkstrasse 12", latitude=52.5, longitude=13.4)
        consent = guests.ConsentGiven("loyalty card", "benchmark", "en", "I agree.")
        ana = guests.register(session, program, name="Ana", phone="+49 151 23456789", language="en", consent=consent)
        return program, cards.issue(session, ana, points=120)
