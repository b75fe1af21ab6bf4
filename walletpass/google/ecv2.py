"""Whether a call comes from Google: ECv2SigningOnly, from the root keys down to the message.

A root key signs an intermediate key, which signs the message. Each string that is signed stands behind its length, and it
is the strings as they came that are checked: written anew, the escapes in them would be lost. Nothing inside them is read
before its signature holds. https://developers.google.com/wallet/generic/use-cases/use-callbacks-for-saves-and-deletions
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from walletpass.errors import Refusal

PROTOCOL = "ECv2SigningOnly"
# How far our clock may be ahead of Google's.
SKEW_MS = 5 * 60_000
# Each costs a verification per root key and sender; Google sends one.
MOST_SIGNATURES = 2
# Milliseconds; the year 5138.
LATEST = 10**14


class Forged(Refusal):
    """``reason`` is malformed, too_large, unsigned, wrong_protocol, bad_chain, expired_key, bad_signature, expired_message, other_issuer.

    A wrong sender shows as bad_chain and a wrong recipient as bad_signature: both are signed along, and sent nowhere.
    """

    code = "forged"

    def __init__(self, reason: str) -> None:
        super().__init__("This call does not come from Google Wallet.")
        self.reason = reason


@dataclass(frozen=True)
class RootKey:
    key: ec.EllipticCurvePublicKey
    expires_ms: int | None = None

    def is_usable(self, now_ms: int) -> bool:
        return self.expires_ms is None or self.expires_ms > now_ms


@dataclass(frozen=True)
class Envelope:
    """A call of the right shape, unverified: two strings and the signatures over them."""

    signed_key: str
    key_signatures: tuple[bytes, ...]
    signed_message: str
    signature: bytes


@dataclass(frozen=True)
class Call:
    """What Google says. ``event`` is save or del; after ``expires_ms``, its only time, it is not to be believed."""

    event: str
    class_id: str
    object_id: str
    nonce: str
    expires_ms: int


def read(body: bytes) -> Envelope:
    """Raises Forged for a body that no key needs to be asked about."""
    try:
        table = strict_json(body.decode())
        if _text(table, "protocolVersion") != PROTOCOL:
            raise Forged("wrong_protocol")
        intermediate = table["intermediateSigningKey"]
        signatures = intermediate["signatures"]
        if not isinstance(signatures, list) or len(signatures) > MOST_SIGNATURES:
            raise Forged("malformed")
        envelope = Envelope(
            signed_key=_text(intermediate, "signedKey"),
            key_signatures=tuple(strict_base64(one) for one in signatures),
            signed_message=_text(table, "signedMessage"),
            signature=strict_base64(table["signature"]),
        )
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise Forged("malformed") from error
    if not envelope.signature or not any(envelope.key_signatures):
        raise Forged("unsigned")
    return envelope


def verify(envelope: Envelope, roots: Sequence[RootKey], *, recipient: str, senders: Sequence[str], now_ms: int) -> Call:
    """What the envelope says, when one of ``senders`` wrote it to ``recipient``, our own issuer id. Raises Forged."""
    usable = [root.key for root in roots if root.is_usable(now_ms)]
    sender = next((sender for sender in senders if _is_chained(envelope, usable, sender)), None)
    if sender is None:
        raise Forged("bad_chain")
    try:
        intermediate = strict_json(envelope.signed_key)
        if millis(intermediate["keyExpiration"]) <= now_ms:
            raise Forged("expired_key")
        key = public_key(_text(intermediate, "keyValue"))
        if not _signs(key, envelope.signature, counted(sender, recipient, PROTOCOL, envelope.signed_message)):
            raise Forged("bad_signature")
        call = _call(strict_json(envelope.signed_message))
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise Forged("malformed") from error
    if call.expires_ms + SKEW_MS < now_ms:
        raise Forged("expired_message")
    if not all(id.startswith(f"{recipient}.") for id in (call.class_id, call.object_id)):
        raise Forged("other_issuer")
    return call


def counted(*parts: str) -> bytes:
    """Each part as UTF-8 behind its length in bytes: four of them, the smallest first."""
    return b"".join(len(part).to_bytes(4, "little") + part for part in map(str.encode, parts))


def public_key(text: str) -> ec.EllipticCurvePublicKey:
    """A key on P-256 from the base64 of its DER SubjectPublicKeyInfo. Raises ValueError for anything else."""
    try:
        key = load_der_public_key(strict_base64(text))
    except UnsupportedAlgorithm as error:
        raise ValueError(f"not a key on P-256: {error}") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not a key on P-256")
    return key


def millis(value: object) -> int:
    """Unix milliseconds, as a number or as Google's JSON writes large ones, in quotes. Raises ValueError."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LATEST:
        raise ValueError("not a time in milliseconds")
    return value


def strict_json(text: str) -> dict[str, Any]:
    """An object in which no name stands twice. Raises ValueError."""
    table = json.loads(text, object_pairs_hook=_once, parse_constant=_refused)
    if not isinstance(table, dict):
        raise ValueError("not a JSON object")
    return table


def strict_base64(text: object) -> bytes:
    """Raises ValueError also where two texts would mean the same bytes."""
    if not isinstance(text, str):
        raise ValueError("not base64")
    content = base64.b64decode(text, validate=True)
    if base64.b64encode(content).decode() != text:
        raise ValueError("not the only base64 of these bytes")
    return content


def _is_chained(envelope: Envelope, roots: Sequence[ec.EllipticCurvePublicKey], sender: str) -> bool:
    signed = counted(sender, PROTOCOL, envelope.signed_key)
    return any(_signs(root, signature, signed) for root in roots for signature in envelope.key_signatures)


def _signs(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _call(message: dict[str, Any]) -> Call:
    return Call(
        event=_text(message, "eventType"),
        class_id=_text(message, "classId"),
        object_id=_text(message, "objectId"),
        nonce=_text(message, "nonce"),
        expires_ms=millis(message["expTimeMillis"]),
    )


def _text(table: dict[str, Any], name: str) -> str:
    value = table[name]
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a string")
    value.encode()  # half a character cannot have been signed
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name stands twice")
    return table


def _refused(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
