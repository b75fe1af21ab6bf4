"""The signature is over these very bytes of manifest.json, says when, and carries its certificates."""

import hashlib
from collections.abc import Generator, Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from walletpass.apple.inspection import chain, cms
from walletpass.apple.inspection.archive import MANIFEST, SIGNATURE
from walletpass.apple.inspection.findings import Finding, Findings, advice, refused, said

LARGEST = 64 * 1024
DIGESTS: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "1.3.14.3.2.26": ("sha1", hashes.SHA1()),  # noqa: S303 - old passes are signed with it
    "2.16.840.1.101.3.4.2.1": ("sha256", hashes.SHA256()),
    "2.16.840.1.101.3.4.2.2": ("sha384", hashes.SHA384()),
    "2.16.840.1.101.3.4.2.3": ("sha512", hashes.SHA512()),
}
RSA = tuple(f"1.2.840.113549.1.1.{kind}" for kind in (1, 5, 11, 12, 13))
SIGN_AGAIN = "Sign manifest.json as it is packed: openssl smime -sign -binary -outform DER."
EMBED = "Give the signer the WWDR intermediate too (-certfile wwdr.pem)."


def check(
    files: dict[str, bytes], trust: Sequence[x509.Certificate] | None, now: datetime
) -> Generator[Finding, None, cms.Certificate | None]:
    """The signer's certificate, None when it cannot be told. Without ``trust`` nobody asks where the chain ends."""
    data, manifest = files.get(SIGNATURE), files.get(MANIFEST)
    if data is None:
        return None
    signed = yield from _parsed(data)
    if signed is None:
        return None
    yield from _form(signed)
    if manifest is not None:
        yield from _content(signed, manifest)
    if signed.leaf is None:
        yield refused("certificate-leaf-missing", f"The certificate that signed is not inside the signature. {EMBED} Keep -nocerts off.")
        return None
    yield from _time(signed, signed.leaf, now)
    if manifest is not None:
        yield from _key(signed, signed.leaf, manifest)
    yield from chain.check(signed.leaf, signed.certificates, trust, now)
    return signed.leaf


def _parsed(data: bytes) -> Generator[Finding, None, cms.Signed | None]:
    if len(data) > LARGEST:
        yield refused("signature-too-large", f"The signature has {len(data):,} bytes; four thousand are usual. {SIGN_AGAIN}")
        return None
    if not data.startswith(b"0"):
        form = "empty" if not data else "text (PEM or S/MIME)" if data[:40].isascii() else "no DER"
        yield refused("signature-not-der", f"The file signature is {form}, but has to be binary DER. {SIGN_AGAIN}")
        return None
    try:
        return cms.parse(data)
    except cms.Unreadable as error:
        yield refused("signature-unreadable", f"The file signature is no CMS signature: {error}. {SIGN_AGAIN}")
        return None


def _form(signed: cms.Signed) -> Findings:
    if not signed.der:
        yield advice("signature-ber", "The signature is in BER with open lengths instead of DER. Sign without streaming.")
    if signed.signers > 1:
        yield advice("signature-several-signers", f"The signature has {signed.signers} signers; a pass has one. Sign a fresh manifest.")
    if signed.attributes is None:
        yield refused("signature-without-attributes", "The signature has no signed attributes, so no signing time. Sign without -noattr.")
    elif signed.signing_time() is None:
        yield refused("signing-time-missing", f"The signature has no signing time, which Wallet wants. {SIGN_AGAIN}")
    if signed.attributes is not None and signed.content_type() != cms.DATA:
        yield refused("signature-content-type", f"The signed attributes lack the content type of plain data. {SIGN_AGAIN}")


def _content(signed: cms.Signed, manifest: bytes) -> Findings:
    if signed.content is not None and signed.content != manifest:
        yield refused("signature-content-differs", f"The signature carries another manifest inside than the archive has. {SIGN_AGAIN}")
    elif signed.content is not None:
        yield advice(
            "signature-not-detached", "The signature carries the manifest inside; Apple describes a detached one. Sign without -nodetach."
        )
    if signed.digest not in DIGESTS:
        yield refused(
            "signature-digest-unknown", f"The signature uses the digest {signed.digest}, which Wallet does not take. Use SHA-256."
        )
        return
    name, _ = DIGESTS[signed.digest]
    if name == "sha1":
        yield advice("signature-sha1", "The signature uses SHA-1. Wallet still takes it; sign with SHA-256 (-md sha256).")
    if signed.attributes is None:
        return
    digest = signed.digest_attribute()
    if digest is None:
        yield refused("signature-digest-missing", f"The signed attributes lack the digest of manifest.json. {SIGN_AGAIN}")
    elif digest != hashlib.new(name, manifest, usedforsecurity=False).digest():
        yield _differs(name, digest, manifest)


def _differs(name: str, digest: bytes, manifest: bytes) -> Finding:
    unix = manifest.replace(b"\r\n", b"\n")
    dos = unix.replace(b"\n", b"\r\n")
    for other in (unix, dos, b"Content-Type: text/plain\r\n\r\n" + dos):
        if digest == hashlib.new(name, other, usedforsecurity=False).digest():
            return refused(
                "signature-line-ends",
                "The signature is over manifest.json with other line ends (CRLF): it was signed as text. Sign as binary (-binary).",
            )
    return refused("signature-digest-differs", f"manifest.json was changed after it was signed, or another one was signed. {SIGN_AGAIN}")


def _time(signed: cms.Signed, leaf: cms.Certificate, now: datetime) -> Findings:
    moment = signed.signing_time()
    if moment is None:
        return
    if moment > now + timedelta(days=1):
        yield advice("signing-time-ahead", f"The pass says it was signed on {moment:%Y-%m-%d %H:%M} UTC, which is to come. Set the clock.")
    elif not leaf.not_before <= moment <= leaf.not_after:
        yield advice(
            "signing-time-outside", f"The pass says it was signed on {moment:%Y-%m-%d}, when its certificate was not valid. Set the clock."
        )


def _key(signed: cms.Signed, leaf: cms.Certificate, manifest: bytes) -> Findings:
    try:
        key = leaf.parsed.public_key()
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if signed.algorithm not in RSA or not isinstance(key, rsa.RSAPublicKey):
        yield refused(
            "signature-not-rsa",
            "The signature is not an RSA signature, the only kind Apple certifies for passes. Use an RSA key of 2048 bits.",
        )
        return
    if signed.digest not in DIGESTS:
        return
    payload = manifest if signed.attributes is None else signed.attribute_bytes
    try:
        key.verify(signed.signature, payload, padding.PKCS1v15(), DIGESTS[signed.digest][1])
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        yield refused(
            "signature-wrong",
            f"The signature was not made with the key of {said(leaf.common_name)}. Sign with the key of that certificate.",
        )
