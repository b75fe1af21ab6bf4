"""A guest signed in to the restaurant's own app, which says so in a signed token (JWT, RFC 7519) of ten minutes at most.

The app's owner keeps the private key, we the public one (`AppKey`); so algorithms with a shared secret are not on the list: whoever
read our database could then sign. The key decides what it is checked with, and never the token (RFC 8725).
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from sqlmodel import Session, col, select

from walletpass.cards import Card
from walletpass.errors import CodeExpired, CodeUsed, NotOurCode
from walletpass.identification import carriers, once
from walletpass.identification.models import AppKey
from walletpass.identification.way import NOT_OURS, Asked, Identified, Strength, living
from walletpass.identification.ways.card_id import LENGTH

MOST_AHEAD, LEEWAY = 600, 30
LONGEST_NAME = 200
OLD = "This sign-in has run out. Ask the guest to open the app again."


class AppToken:
    name = "app_token"
    uses_up = True

    def reads(self, text: str) -> bool:
        return text.startswith("eyJ") and text.count(".") == 2

    def find(self, asked: Asked) -> Identified:
        claims, key = _verified(asked.session, asked.program.id, asked.text)
        named = claims.get("jti")
        card = _card(asked.session, asked.program.id, str(claims["sub"]))
        if not named:
            # Good for ten minutes to whoever copied it.
            return Identified(card, self.name, Strength.SHOWN)
        until = datetime.fromtimestamp(claims["exp"], UTC) + timedelta(seconds=LEEWAY)
        if not once.spend(asked.session, asked.program.id, f"jti:{key.issuer}:{named}", until):
            raise CodeUsed("This sign-in was used already. Ask the guest to show a new one in the app.")
        return Identified(card, self.name, Strength.PROVED)


def _verified(session: Session, program_id: str, token: str) -> tuple[dict[str, Any], AppKey]:
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except (jwt.PyJWTError, ValueError):
        raise NotOurCode(NOT_OURS) from None
    for key in _keys(session, program_id, issuer):
        try:
            claims = jwt.decode(
                token, key.public_key, algorithms=[key.algorithm], audience=key.audience, issuer=key.issuer, leeway=LEEWAY,
                options={"require": ["exp", "sub", "iss", "aud"]},
            )  # fmt: skip
        except jwt.ExpiredSignatureError:
            raise CodeExpired(OLD) from None
        except (jwt.PyJWTError, ValueError):
            continue
        if not claims["exp"] <= time.time() + MOST_AHEAD + LEEWAY:
            raise NotOurCode("This sign-in is good for too long: ten minutes at most.")
        return claims, key
    raise NotOurCode(NOT_OURS)


def _keys(session: Session, program_id: str, issuer: object) -> list[AppKey]:
    if not isinstance(issuer, str) or not issuer.isprintable():
        return []
    ours = col(AppKey.program_id) == program_id, col(AppKey.issuer) == issuer, col(AppKey.revoked_at).is_(None)
    return list(session.exec(select(AppKey).where(*ours).order_by(col(AppKey.created_at).desc())).all())


def _card(session: Session, program_id: str, subject: str) -> Card:
    """By the card's id, or by the name that the app has for its member, which was bound to the card."""
    if len(subject) == LENGTH and subject.isascii() and subject.isalnum() and session.get(Card, (program_id, subject)) is not None:
        return living(session, program_id, subject)
    return carriers.opened(session, program_id, "app", subject)
