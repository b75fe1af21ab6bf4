"""Ways into the house, for the tests of identification."""

import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.cast import House
from walletpass import cards, database, identification, programs
from walletpass.cards import Card
from walletpass.identification import BoundToken, Identified

ISSUER, AUDIENCE = "https://app.luna.example", "walletpass"


def code_of(card: Card) -> str:
    return cards.card_code(card.program_id, card.key_id, card.token)


def identify(house: House, text: str, kind: str = "") -> Identified:
    with database.transaction() as session:
        return identification.identify(session, programs.get(session, house.id), text, kind=kind)


def bind(card: Card, text: str, kind: str = "nfc", **more: Any) -> BoundToken:
    with database.transaction() as session:
        return identification.bind(session, card, text, kind, **more)


def pem(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


class App:
    """A restaurant's own app, which signs for its members."""

    def __init__(self, house: House, key: Any = None, algorithm: str = "EdDSA") -> None:
        self.key, self.algorithm = key or Ed25519PrivateKey.generate(), algorithm
        with database.transaction() as session:
            self.row = identification.add_app_key(
                session, house.id, label="Luna's app", issuer=ISSUER, audience=AUDIENCE, key=pem(self.key)
            )

    def token(self, subject: str, **claims: Any) -> str:
        said = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "exp": int(time.time()) + 300, "jti": database.new_id(), **claims}
        return jwt.encode({name: value for name, value in said.items() if value is not None}, self.key, self.algorithm)
