"""The guest's face or finger, as their own phone knows it (WebAuthn level 3).

The phone keeps the face; we keep a public key, a counter and the key's name. A challenge is a word of ours about a card, a purpose
and a time, signed so that no table holds it until it was answered, and good once.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import webauthn
from sqlalchemy import Executable, bindparam
from sqlmodel import Session, col, select
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from walletpass.cards import Card
from walletpass.cards.codes import current_key_id, derive
from walletpass.database import now, prepared
from walletpass.errors import ConfigurationError, Conflict, WrongFactor
from walletpass.identification import once
from walletpass.identification.models import Passkey
from walletpass.programs import Program

SECONDS = 300
MOST = 8
NONCE, TIME, MAC = 16, 5, 24
# What comes of an answer that was made up.
NOT_SIGNED = (WebAuthnException, ValueError, TypeError, KeyError, IndexError)
NOT_PROVED = "This could not be confirmed. Please try again."


@dataclass(frozen=True)
class Site:
    """The page that asks: the name that keys are made for, and its exact origin."""

    host: str
    origin: str


def of(session: Session, card: Card) -> list[Passkey]:
    """The keys of this card, the newest first."""
    found = session.execute(_of_card(session), {"program": card.program_id, "card": card.id}).scalars()
    return sorted(found, key=lambda one: one.id, reverse=True)


@prepared
def _of_card(dialect: Any) -> Executable:
    ours = col(Passkey.program_id) == bindparam("program"), col(Passkey.card_id) == bindparam("card")
    return select(Passkey).where(*ours)


def begin_making(session: Session, program: Program, card: Card, site: Site) -> str:
    """What the browser is given to make a key with, as JSON. Raises Conflict for a card that has enough of them."""
    held = of(session, card)
    if len(held) >= MOST:
        raise Conflict("There are enough phones for this card already. Take one off first.")
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=program.name,
        # Shown by the phone when it asks which key to take. No name and no number of the guest leaves with it.
        user_name=f"{program.name} {card.number[:4]} {card.number[4:]}",
        user_id=hashlib.sha256(f"{card.program_id}/{card.id}".encode()).digest(),
        challenge=_challenge(card, "make"),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in held],
    )
    return webauthn.options_to_json(options)


def finish_making(session: Session, card: Card, site: Site, answer: str) -> Passkey:
    """Keep the key that the phone made. Raises WrongFactor."""
    challenge = _answered(session, card, "make", answer)
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except NOT_SIGNED as error:
        raise WrongFactor(NOT_PROVED) from error
    key = Passkey(
        program_id=card.program_id,
        card_id=card.id,
        credential_hash=hashlib.sha256(made.credential_id).hexdigest(),
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
    )
    known = col(Passkey.program_id) == card.program_id, col(Passkey.credential_hash) == key.credential_hash
    if session.exec(select(Passkey).where(*known)).first() is not None:
        raise WrongFactor(NOT_PROVED)
    session.add(key)
    session.flush()
    return key


def begin_confirming(session: Session, card: Card, site: Site) -> str:
    """What the browser is given to ask for the face or finger, as JSON. Raises WrongFactor for a card without keys."""
    held = of(session, card)
    if not held:
        raise WrongFactor("This card has no phone that can confirm.")
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=_challenge(card, "confirm"),
        allow_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in held],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def finish_confirming(session: Session, card: Card, site: Site, answer: str) -> Passkey:
    """The key that answered, with its counter. A counter that went back is a copy of the key. Raises WrongFactor."""
    challenge = _answered(session, card, "confirm", answer)
    key = _named(session, card, answer)
    try:
        seen = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except NOT_SIGNED as error:
        raise WrongFactor(NOT_PROVED) from error
    key.sign_count, key.used_at = seen.new_sign_count, now()
    session.add(key)
    session.flush()
    return key


def take_off(session: Session, card: Card, key_id: str = "") -> int:
    """A phone that was sold, or all of them. How many."""
    gone = [key for key in of(session, card) if key_id in ("", key.id)]
    for key in gone:
        session.delete(key)
    session.flush()
    return len(gone)


def _named(session: Session, card: Card, answer: str) -> Passkey:
    try:
        credential = base64url_to_bytes(str(_parsed(answer)["rawId"]))
    except (KeyError, ValueError):
        raise WrongFactor(NOT_PROVED) from None
    ours = col(Passkey.program_id) == card.program_id, col(Passkey.card_id) == card.id
    mine = col(Passkey.credential_hash) == hashlib.sha256(credential).hexdigest()
    key = session.exec(select(Passkey).where(*ours, mine).with_for_update()).first()
    if key is None:
        raise WrongFactor(NOT_PROVED)
    return key


def _challenge(card: Card, purpose: str) -> bytes:
    said = os.urandom(NONCE) + (int(time.time()) + SECONDS).to_bytes(TIME)
    return current_key_id().encode() + said + _mac(card, purpose, current_key_id(), said)


def _answered(session: Session, card: Card, purpose: str, answer: str) -> bytes:
    """The challenge in an answer, if it is ours, of this card and purpose and time, and was not answered before."""
    try:
        told = json.loads(base64url_to_bytes(_parsed(answer)["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(told["challenge"])
        key_id, said, mac = challenge[:1].decode(), challenge[1:-MAC], challenge[-MAC:]
        sound = len(said) == NONCE + TIME and hmac.compare_digest(_mac(card, purpose, key_id, said), mac)
    except (KeyError, TypeError, ValueError, ConfigurationError):
        raise WrongFactor(NOT_PROVED) from None
    until = int.from_bytes(said[NONCE:])
    if not sound or until <= time.time():
        raise WrongFactor(NOT_PROVED)
    if not once.spend(session, card.program_id, f"challenge:{challenge.hex()}", datetime.fromtimestamp(until, UTC)):
        raise WrongFactor(NOT_PROVED)
    return challenge


def _parsed(answer: str) -> dict[str, Any]:
    parsed = json.loads(answer)
    if not isinstance(parsed, dict):
        raise ValueError("no object")
    return parsed


def _mac(card: Card, purpose: str, key_id: str, said: bytes) -> bytes:
    key = derive(key_id, "passkey challenge", card.program_id)
    return hmac.digest(key, b":".join([purpose.encode(), card.id.encode(), base64.b16encode(said)]), "sha256")[:MAC]
