"""The calls Google makes when a card is saved or removed, signed ECv2SigningOnly by a root that lives no longer than the sandbox.

A root key signs an intermediate key, which signs the message; every string is preceded by its length in bytes (four, the smallest
first). https://developers.google.com/pay/api/processors/guides/advanced/process-payment-data
"""

import base64
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from walletpass.sandbox import shelf

PROTOCOL = "ECv2SigningOnly"
SENDER = "GooglePayPasses"
SAVED, REMOVED = "save", "del"
HOUR = 3_600_000
STRANGER = "3388000000099999999"
Call = dict[str, Any]


@dataclass(frozen=True)
class Signer:
    root: ec.EllipticCurvePrivateKey
    intermediate: ec.EllipticCurvePrivateKey = field(default_factory=lambda: _key())

    @classmethod
    def new(cls) -> Self:
        return cls(_key())

    @classmethod
    def kept(cls, path: Path) -> Self:
        """The signer whose root is in ``path``, made at the first call: whoever remembers its keys trusts it after a restart."""
        if not path.exists():
            pkcs8 = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            shelf.write(path, _key().private_bytes(*pkcs8), private=True)
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{path} is not an elliptic curve key.")
        return cls(key)

    def keys(self, *, expires_ms: int | None = None) -> dict[str, Any]:
        """The list of root keys as Google publishes it."""
        end = now_ms() + 30 * 24 * HOUR if expires_ms is None else expires_ms
        return {"keys": [{"keyValue": public(self.root), "protocolVersion": PROTOCOL, "keyExpiration": str(end)}]}

    def call(
        self,
        issuer_id: str,
        class_id: str,
        object_id: str,
        event: str,
        *,
        sender: str = SENDER,
        expires_ms: int | None = None,
        nonce: str = "",
        protocol: str = PROTOCOL,
        key_expires_ms: int | None = None,
        root: ec.EllipticCurvePrivateKey | None = None,
    ) -> Call:
        """The JSON of one callback. ``issuer_id`` is whom it is for; ``root`` signs the intermediate key in place of ours."""
        end = now_ms() + HOUR if key_expires_ms is None else key_expires_ms
        # Real ones escape the base64's padding; whoever writes the JSON anew before checking it fails.
        signed_key = json.dumps({"keyValue": public(self.intermediate), "keyExpiration": str(end)}).replace("=", "\\u003d")
        message = {
            "classId": class_id,
            "objectId": object_id,
            "eventType": event,
            "expTimeMillis": now_ms() + HOUR if expires_ms is None else expires_ms,
            "count": 1,
            "nonce": nonce or str(uuid.uuid4()),
        }
        signed_message = json.dumps(message)
        return {
            "signature": sign(self.intermediate, sender, issuer_id, protocol, signed_message),
            "intermediateSigningKey": {"signedKey": signed_key, "signatures": [sign(root or self.root, sender, protocol, signed_key)]},
            "protocolVersion": protocol,
            "signedMessage": signed_message,
        }

    def forged(self, kind: str, issuer_id: str, class_id: str, object_id: str, event: str, *, nonce: str = "") -> Call:
        """A call that is bad in one of the ways of FORGERIES; ``replayed nonce`` needs the nonce of an earlier call."""
        return FORGERIES[kind](self, issuer_id, class_id, object_id, event, nonce)


def _unsigned(signer: Signer, *about: str) -> Call:
    return {**signer.call(*about[:4]), "signature": ""}


def _wrong_sender(signer: Signer, *about: str) -> Call:
    return signer.call(*about[:4], sender="GoogleAdsPasses")


def _expired_message(signer: Signer, *about: str) -> Call:
    return signer.call(*about[:4], expires_ms=now_ms() - HOUR)


def _expired_key(signer: Signer, *about: str) -> Call:
    return signer.call(*about[:4], key_expires_ms=now_ms() - HOUR)


def _bad_chain(signer: Signer, *about: str) -> Call:
    return signer.call(*about[:4], root=_key())


def _other_issuer(signer: Signer, *about: str) -> Call:
    """All of it right, for somebody else's card."""
    _, class_id, object_id, event, _ = about
    theirs = [f"{STRANGER}.{id.partition('.')[2]}" for id in (class_id, object_id)]
    return signer.call(STRANGER, theirs[0], theirs[1], event)


def _replayed_nonce(signer: Signer, *about: str) -> Call:
    if not about[4]:
        raise ValueError("a replay needs the nonce of an earlier call")
    return signer.call(*about[:4], nonce=about[4])


def _altered_message(signer: Signer, *about: str) -> Call:
    call = signer.call(*about[:4])
    message = json.loads(call["signedMessage"])
    message["eventType"] = REMOVED if message["eventType"] == SAVED else SAVED
    return {**call, "signedMessage": json.dumps(message)}


def _wrong_protocol(signer: Signer, *about: str) -> Call:
    return signer.call(*about[:4], protocol="ECv2")


FORGERIES: dict[str, Callable[..., Call]] = {
    "unsigned": _unsigned,
    "wrong sender": _wrong_sender,
    "expired message": _expired_message,
    "expired key": _expired_key,
    "bad chain": _bad_chain,
    "other issuer": _other_issuer,
    "replayed nonce": _replayed_nonce,
    "altered message": _altered_message,
    "wrong protocol": _wrong_protocol,
}


def sign(key: ec.EllipticCurvePrivateKey, *parts: str) -> str:
    """Base64 of a DER signature (ECDSA, SHA-256) over the parts, each behind its length."""
    return base64.b64encode(key.sign(counted(*parts), ec.ECDSA(hashes.SHA256()))).decode("ascii")


def counted(*parts: str) -> bytes:
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "little") + part for part in encoded)


def public(key: ec.EllipticCurvePrivateKey) -> str:
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(key.public_key().public_bytes(*form)).decode("ascii")


def now_ms() -> int:
    return int(time.time() * 1000)


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())
