"""A phone's authenticator in software (WebAuthn level 3, section 6): it makes keys and signs, and can be told to cheat."""

import hashlib
import json
import os
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


class Phone:
    def __init__(self, origin: str = "https://cards.luna.example") -> None:
        self.origin, self.count, self.flags = origin, 0, PRESENT | VERIFIED
        self.key, self.id = ec.generate_private_key(ec.SECP256R1()), os.urandom(20)

    def make(self, options: str) -> str:
        asked = json.loads(options)
        numbers = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        data = self._data(asked["rp"]["id"], ATTESTED) + bytes(16) + len(self.id).to_bytes(2) + self.id + cose
        told = {
            "attestationObject": cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}),
            "clientDataJSON": self._client("webauthn.create", asked),
        }
        return self._answer(told)

    def confirm(self, options: str) -> str:
        asked = json.loads(options)
        self.count += 1
        data, client = self._data(asked["rpId"], 0), self._client("webauthn.get", asked)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"authenticatorData": data, "clientDataJSON": client, "signature": signature})

    def _data(self, host: str, more: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4)

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, parts: dict[str, bytes]) -> str:
        name = bytes_to_base64url(self.id)
        response = {key: bytes_to_base64url(value) for key, value in parts.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}})


def challenge_in(options: str) -> bytes:
    return base64url_to_bytes(json.loads(options)["challenge"])
