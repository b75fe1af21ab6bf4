"""A word for one till that a card was shown there, or that its guest was: what lets points of it be spent.

    key id . until . way . strength . nonce . signature

It names the card and who it was given to without saying either. A proof of strength PROVED is good for five minutes and, where it
was needed, once; one that a code was shown is good for a shift, as the code itself is for ever.
"""

import base64
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from walletpass.cards import Card
from walletpass.cards.codes import current_key_id, derive
from walletpass.errors import ConfigurationError
from walletpass.identification.way import Strength

LASTS = {Strength.PROVED: 300, Strength.SHOWN: 12 * 3600, Strength.NAMED: 12 * 3600}
PARTS = 6


@dataclass(frozen=True)
class Proof:
    way: str
    strength: Strength
    nonce: str
    until: datetime


def new_nonce() -> str:
    return secrets.token_urlsafe(9)


def prove(card: Card, bearer: str, way: str, strength: Strength, nonce: str = "") -> str:
    """At most 80 characters. The same ``nonce`` makes proofs of which one is good once."""
    until, key_id = int(time.time()) + LASTS[strength], current_key_id()
    said = f"{until}.{way}.{int(strength)}.{nonce or new_nonce()}"
    return f"{key_id}.{said}.{_signature(key_id, card, said, bearer)}"


def read(card: Card, bearer: str, proof: str) -> Proof | None:
    """What `prove` said of this card to this bearer; None for anything else, and when its time is over."""
    parts = proof.split(".")
    if len(parts) != PARTS or not proof.isascii():
        return None
    key_id, until, way, strength, nonce, signature = parts
    if not until.isdigit() or len(until) > 12 or int(until) <= time.time():
        return None
    try:
        if not hmac.compare_digest(_signature(key_id, card, f"{until}.{way}.{strength}.{nonce}", bearer), signature):
            return None
    except ConfigurationError:
        return None
    return Proof(way, Strength(int(strength)), nonce, datetime.fromtimestamp(int(until), UTC))


def _signature(key_id: str, card: Card, said: str, bearer: str) -> str:
    digest = hmac.digest(derive(key_id, "redeem proof", card.program_id), f"{said}:{card.id}:{bearer}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:18]).decode()
