"""The address behind the button "Add to Google Wallet"."""

import time
from collections.abc import Sequence
from typing import Any

from walletpass import config
from walletpass.cards import CardFace
from walletpass.errors import ConfigurationError
from walletpass.google.account import Account
from walletpass.google.ids import class_id, object_id, ticket_class_id, ticket_id

# Browsers and mail programs carry this much of a token safely.
LONGEST_TOKEN = 1800
# A phone whose clock is behind ours must not see a token from the future.
BACKDATED = 30


def save_link(account: Account, *cards: CardFace, tickets: Sequence[CardFace] = ()) -> str:
    """A link that saves cards and coat tickets which Google has already been told of; whoever holds it may use it, so make it
    on demand."""
    return f"{config.current().google_save_url.rstrip('/')}/{save_token(account, *cards, tickets=tickets)}"


def save_token(account: Account, *cards: CardFace, tickets: Sequence[CardFace] = ()) -> str:
    """The signed token: the ids of objects and classes, and nothing that they contain. Raises ConfigurationError when too long."""
    passes = [*cards, *tickets]
    token = account.sign(
        {
            "iss": account.email,
            "aud": "google",
            "typ": "savetowallet",
            "iat": int(time.time()) - BACKDATED,
            "origins": sorted({face.base_url for face in passes}),
            "payload": _payload(cards, tickets),
        }
    )
    if len(token) > LONGEST_TOKEN:
        raise ConfigurationError(
            f"The save link for Google Wallet holds {len(token)} characters, and {LONGEST_TOKEN} is all that browsers carry safely. "
            + (
                "Put fewer passes into one link."
                if len(passes) > 1
                else "Use a service account key of 2048 bits and a short WALLETPASS_BASE_URL."
            )
        )
    return token


def _payload(cards: Sequence[CardFace], tickets: Sequence[CardFace]) -> dict[str, Any]:
    if not cards and not tickets:
        raise ValueError("a save link needs a pass")
    said = {
        "loyaltyObjects": [{"id": object_id(face), "classId": class_id(face)} for face in cards],
        "genericObjects": [{"id": ticket_id(face), "classId": ticket_class_id(face)} for face in tickets],
    }
    return {kind: objects for kind, objects in said.items() if objects}
