"""Small secrets in a column that a copy of the database must not give away: AES-256-GCM under a key of the ring.

A sealed text is ``<key id>.<base64url of nonce, ciphertext and tag>``, 66 characters for 20 bytes. It opens in the row
that it was sealed for and nowhere else: column, program and row are authenticated with it.
"""

import base64
import binascii
import hmac
import json
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from walletpass import config
from walletpass.errors import ConfigurationError

NONCE_BYTES = 12


@dataclass(frozen=True)
class Place:
    """Where a secret lies: ``column`` is ``table.column``, ``row`` what names the row in its program."""

    column: str
    program_id: str
    row: str

    def __str__(self) -> str:
        return f"{self.column} of {self.program_id}/{self.row}"

    @property
    def bytes(self) -> bytes:
        return json.dumps([self.column, self.program_id, self.row]).encode()


def seal(secret: bytes, place: Place) -> str:
    """Under the first key of the ring; each time another text."""
    key_id = next(iter(config.current().keys))
    nonce = os.urandom(NONCE_BYTES)
    closed = nonce + _cipher(key_id, place).encrypt(nonce, secret, place.bytes)
    return f"{key_id}.{base64.urlsafe_b64encode(closed).rstrip(b'=').decode()}"


def unseal(text: str, place: Place) -> bytes:
    """Raises ConfigurationError for a key that has left the ring, and for a text that was not sealed for this place."""
    key_id, _, body = text.partition(".")
    if key_id not in config.current().keys:
        raise ConfigurationError(
            f"Key {key_id[:1] or '?'} has left WALLETPASS_SECRET_KEYS, but {place} is sealed with it. Put it back, behind the others."
        )
    try:
        closed = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        return _cipher(key_id, place).decrypt(closed[:NONCE_BYTES], closed[NONCE_BYTES:], place.bytes)
    except (binascii.Error, InvalidTag, ValueError) as error:
        raise ConfigurationError(
            f"{place} does not open: it was changed, belongs to another row, or key {key_id} of WALLETPASS_SECRET_KEYS is not "
            "the one that it was sealed with. Restore the row from a backup, or the key."
        ) from error


def _cipher(key_id: str, place: Place) -> AESGCM:
    """A key for this column of this program alone."""
    return AESGCM(hmac.digest(config.current().keys[key_id], f"walletpass:sealed {place.column}:{place.program_id}".encode(), "sha256"))
