"""Apple's ``signature`` file: a detached CMS SignedData in DER (RFC 5652), around one RSA signature.

Written by hand because the ready builders have no way to set the signing time, and equal passes must be equal bytes. All
that does not depend on the manifest is encoded once for each identity.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from walletpass.apple.certificates import SigningIdentity
from walletpass.database import now

SEQUENCE, SET, INTEGER, OCTETS, UTC_TIME, EXPLICIT_0 = 0x30, 0x31, 0x02, 0x04, 0x17, 0xA0

SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
DATA = bytes.fromhex("06092a864886f70d010701")
CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
SIGNING_TIME = bytes.fromhex("06092a864886f70d010905")
SHA256 = bytes.fromhex("300d06096086480165030402010500")
RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")

_PADDING, _HASH = padding.PKCS1v15(), hashes.SHA256()


@dataclass(frozen=True)
class _Envelope:
    """The signature file without its signed attributes and its signature."""

    before_attributes: bytes
    before_signature: bytes


def sign(identity: SigningIdentity, manifest: bytes, moment: datetime) -> bytes:
    """The DER of ``signature`` over exactly these bytes; the same arguments give the same bytes.

    The signing time is ``moment``, or the beginning of the certificate where that is later. Raises CertificateError
    when the certificate is not valid today.
    """
    identity.check(now())
    attributes = _attributes(max(moment, identity.not_before), hashlib.sha256(manifest).digest())
    signature = identity.key.sign(_der(SET, attributes), _PADDING, _HASH)
    envelope = _envelope(identity)
    return b"".join((envelope.before_attributes, attributes, envelope.before_signature, signature))


def _attributes(moment: datetime, digest: bytes) -> bytes:
    """In the order of DER's SET OF, which for these three is the order of their lengths. The sum never varies."""
    at = moment.astimezone(UTC)
    # strftime takes four times as long.
    time = b"%02d%02d%02d%02d%02d%02dZ" % (at.year % 100, at.month, at.day, at.hour, at.minute, at.second)
    return b"".join((_HEAD_OF_TIME, time, _HEAD_OF_DIGEST, digest))


@lru_cache(maxsize=64)
def _envelope(identity: SigningIdentity) -> _Envelope:
    attributes = b"\xfe" * len(_attributes(identity.not_before, bytes(32)))
    signature = b"\xff" * (identity.key.key_size // 8)
    certificates = sorted(part.public_bytes(serialization.Encoding.DER) for part in (identity.leaf, identity.intermediate))
    signer = _der(
        SEQUENCE,
        _integer(1),
        _der(SEQUENCE, identity.leaf.issuer.public_bytes(), _integer(identity.leaf.serial_number)),
        SHA256,
        _der(EXPLICIT_0, attributes),
        RSA_ENCRYPTION,
        _der(OCTETS, signature),
    )
    signed_data = _der(SEQUENCE, _integer(1), _der(SET, SHA256), _der(SEQUENCE, DATA), _der(EXPLICIT_0, *certificates), _der(SET, signer))
    whole = _der(SEQUENCE, SIGNED_DATA, _der(EXPLICIT_0, signed_data))
    before, _, after = whole.partition(attributes)
    return _Envelope(before, after.removesuffix(signature))


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + body


def _integer(value: int) -> bytes:
    return _der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


_HEAD_OF_TIME = _der(SEQUENCE, CONTENT_TYPE, _der(SET, DATA)) + _der(SEQUENCE, SIGNING_TIME, _der(SET, _der(UTC_TIME, bytes(13))))[:-13]
_HEAD_OF_DIGEST = _der(SEQUENCE, MESSAGE_DIGEST, _der(SET, _der(OCTETS, bytes(32))))[:-32]
