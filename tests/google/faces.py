"""Faces of cards and coat tickets in the designs that we ship, without a database."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from walletpass.cards import CardFace, Contact, Place
from walletpass.cards.designs import Design, read_design
from walletpass.config import Settings

ISSUER = "3388000000000000001"
SHIPPED = Path(Settings.designs_dir)
DESIGNS = ("bistro", "club", "coffee")
# What a card may come to say, by the names of the values.
KNOWN = {"points": 1240, "stamps": 4, "visits": 12, "tier": "Gold", "next_reward": "Tiramisu", "coat": "A17", "message": "Truffles!"}
EVENING = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)


@cache
def drawn(name: str) -> Design:
    design = read_design(SHIPPED / name).design
    assert design is not None
    return design


def shipped(name: str, **changes: Any) -> CardFace:
    """A card that knows nothing but its number; ``values`` and the rest as given."""
    design = drawn(name)
    face = CardFace(
        program_id="luna",
        organization="Trattoria Luna",
        pass_type_identifier="pass.example.luna",
        team_identifier="LUNA000001",
        google_issuer_id=ISSUER,
        card_id="01J0000000000000000000ANA0",
        serial_number="abcdefghijklmnopqrstuvwxyz",
        authentication_token="t" * 43,
        version=1,
        changed_at=datetime(2026, 11, 19, 18, 0, tzinfo=UTC),
        voided=False,
        code="110031844674407370955161500000000000000000123456789012345",
        number="1042 5531",
        currency="EUR",
        language="en",
        values={},
        contact=Contact("+49 30 123456", "ciao@luna.example", "https://luna.example", "One point for every euro.", "Am Kanal 1"),
        places=(Place("Luna", 52.5, 13.4),),
        design=design,
        palette=next(iter(design.palettes.values())),
        base_url="https://cards.luna.example",
        web_url="https://cards.luna.example/c/luna/x",
        country="DE",
    )
    return replace(face, **changes)


def ticket(name: str = "bistro", **changes: Any) -> CardFace:
    """The coat ticket of somebody without a card, on hook A17."""
    values = {"coat": "A17", "items": 2, "venue": "By the river"}
    face = shipped(name, serial_number="ticket1", authentication_token="", values=values, number="0042", expires_at=EVENING)
    assert face.design.ticket is not None
    return replace(face, design=face.design.ticket, **changes)
