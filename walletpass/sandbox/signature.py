"""The detached CMS signature over manifest.json, read with a parser the product does not use.

What a phone insists on: one signer, its certificate and Apple's intermediate inside, the signature over the signed attributes,
the right digest among them, a signing time, and a chain that ends at a root it knows.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier
from pyasn1.codec.der import decoder, encoder
from pyasn1.error import PyAsn1Error
from pyasn1_modules import rfc5652

from walletpass.sandbox.refusal import WontOpen

MARKER = ObjectIdentifier("1.2.840.113635.100.6.1.16")
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"
DATA, SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
RSA_SIGNATURES = ("1.2.840.113549.1.1.1", "1.2.840.113549.1.1.5", "1.2.840.113549.1.1.11")
DIGESTS: dict[str, tuple[str, type[hashes.HashAlgorithm]]] = {
    "1.3.14.3.2.26": ("sha1", hashes.SHA1),
    "2.16.840.1.101.3.4.2.1": ("sha256", hashes.SHA256),
}


@dataclass(frozen=True)
class Signer:
    pass_type_identifier: str
    team_identifier: str
    signed_at: datetime
    certificate: x509.Certificate


def check(manifest: bytes, signature: bytes, root: x509.Certificate, now: datetime) -> Signer:
    """Who signed ``manifest``, or WontOpen."""
    signed = _signed_data(signature)
    certificates = _certificates(signed)
    info = _only_signer(signed)
    leaf = _signing_certificate(info, certificates)
    attributes = _attributes(info)
    name, algorithm = _digest(info)
    _check_digest(manifest, name, attributes)
    signed_at = _signing_time(attributes)
    _check_key(info, leaf, algorithm)
    _check_chain(leaf, certificates, root, now)
    if not leaf.not_valid_before_utc <= signed_at <= leaf.not_valid_after_utc:
        raise WontOpen(f"The pass says it was signed on {signed_at:%d %B %Y}, when its certificate was not valid.")
    return Signer(_subject(leaf, NameOID.USER_ID), _subject(leaf, NameOID.ORGANIZATIONAL_UNIT_NAME), signed_at, leaf)


def _signed_data(signature: bytes) -> Any:
    try:
        outer, rest = decoder.decode(signature, asn1Spec=rfc5652.ContentInfo())
        if rest or str(outer["contentType"]) != SIGNED_DATA:
            raise WontOpen("The file 'signature' is not a CMS signature in DER form.")
        signed, _ = decoder.decode(outer["content"], asn1Spec=rfc5652.SignedData())
    except PyAsn1Error as error:
        raise WontOpen("The file 'signature' is not a CMS signature in DER form.") from error
    if signed["encapContentInfo"]["eContent"].isValue:
        raise WontOpen("The signature carries the manifest inside; it has to be detached.")
    if str(signed["encapContentInfo"]["eContentType"]) != DATA:
        raise WontOpen("The signature is over something that is not plain data.")
    return signed


def _certificates(signed: Any) -> list[x509.Certificate]:
    if not signed["certificates"].isValue or not len(signed["certificates"]):
        raise WontOpen("The signature contains no certificates: the pass certificate and Apple's intermediate have to be inside.")
    return [x509.load_der_x509_certificate(encoder.encode(choice["certificate"])) for choice in signed["certificates"]]


def _only_signer(signed: Any) -> Any:
    if len(signed["signerInfos"]) != 1:
        raise WontOpen(f"The signature has {len(signed['signerInfos'])} signers; a pass has one.")
    return signed["signerInfos"][0]


def _signing_certificate(info: Any, certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    sid = info["sid"]
    for certificate in certificates:
        if sid.getName() == "issuerAndSerialNumber":
            named = sid["issuerAndSerialNumber"]
            if (
                int(named["serialNumber"]) == certificate.serial_number
                and encoder.encode(named["issuer"]) == certificate.issuer.public_bytes()
            ):
                return certificate
        elif bytes(sid["subjectKeyIdentifier"]) == _key_identifier(certificate):
            return certificate
    raise WontOpen("The certificate that signed the pass is not inside the signature.")


def _key_identifier(certificate: x509.Certificate) -> bytes:
    return x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest


def _attributes(info: Any) -> dict[str, Any]:
    if not info["signedAttrs"].isValue or not len(info["signedAttrs"]):
        raise WontOpen("The signature has no signed attributes, so it has no signing time; a phone refuses that.")
    return {str(attribute["attrType"]): attribute["attrValues"] for attribute in info["signedAttrs"]}


def _digest(info: Any) -> tuple[str, type[hashes.HashAlgorithm]]:
    oid = str(info["digestAlgorithm"]["algorithm"])
    if oid not in DIGESTS:
        raise WontOpen(f"The signature uses the digest {oid}; a phone takes SHA-256 or SHA-1.")
    return DIGESTS[oid]


def _check_digest(manifest: bytes, name: str, attributes: dict[str, Any]) -> None:
    if CONTENT_TYPE not in attributes or str(decoder.decode(attributes[CONTENT_TYPE][0])[0]) != DATA:
        raise WontOpen("The signed attributes lack the content type.")
    if MESSAGE_DIGEST not in attributes:
        raise WontOpen("The signed attributes lack the digest of the manifest.")
    digest = bytes(decoder.decode(attributes[MESSAGE_DIGEST][0])[0])
    if digest == hashlib.new(name, manifest, usedforsecurity=False).digest():
        return
    if digest == hashlib.new(name, manifest.replace(b"\n", b"\r\n"), usedforsecurity=False).digest():
        raise WontOpen("The signature is over the manifest with other line ends: it was signed as text instead of as binary.")
    raise WontOpen("The manifest was changed after it was signed.")


def _signing_time(attributes: dict[str, Any]) -> datetime:
    if SIGNING_TIME not in attributes:
        raise WontOpen("The signature has no signing time; a phone refuses that.")
    moment: datetime = decoder.decode(attributes[SIGNING_TIME][0])[0].asDateTime
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _check_key(info: Any, leaf: x509.Certificate, algorithm: type[hashes.HashAlgorithm]) -> None:
    """The signature is by the leaf's key, over the attributes as a SET OF (RFC 5652, section 5.4)."""
    if str(info["signatureAlgorithm"]["algorithm"]) not in RSA_SIGNATURES:
        raise WontOpen("The signature is not an RSA signature.")
    attributes = rfc5652.SignedAttributes()
    attributes.extend(info["signedAttrs"])
    key = leaf.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise WontOpen("The pass certificate has no RSA key.")
    try:
        key.verify(bytes(info["signature"]), encoder.encode(attributes), padding.PKCS1v15(), algorithm())
    except InvalidSignature as error:
        raise WontOpen("The signature was not made with the key of the certificate inside it.") from error


def _check_chain(leaf: x509.Certificate, certificates: Sequence[x509.Certificate], root: x509.Certificate, now: datetime) -> None:
    """leaf -> intermediate inside the signature -> the root this phone knows, all valid now."""
    if leaf.issuer == leaf.subject:
        raise WontOpen("The pass certificate signed itself; it has to come from Apple.")
    _check_dates(leaf, "pass certificate", now)
    intermediates = [one for one in certificates if one != leaf and one.subject == leaf.issuer]
    if not intermediates:
        raise WontOpen("Apple's intermediate certificate (WWDR) that issued the pass certificate is not inside the signature.")
    issuer = next((one for one in intermediates if _issued(leaf, one)), None)
    if issuer is None:
        raise WontOpen("The intermediate certificate inside the signature has the right name but did not issue the pass certificate.")
    _check_dates(issuer, "intermediate certificate (WWDR)", now)
    if not _is_authority(issuer):
        raise WontOpen("The certificate that issued the pass certificate may not issue certificates.")
    if issuer.issuer != root.subject or not _issued(issuer, root):
        raise WontOpen("The intermediate certificate does not come from a root this phone trusts.")
    _check_dates(root, "root certificate", now)
    _check_marker(leaf)


def _check_dates(certificate: x509.Certificate, name: str, now: datetime) -> None:
    if now < certificate.not_valid_before_utc:
        raise WontOpen(f"The {name} is not valid before {certificate.not_valid_before_utc:%d %B %Y}.")
    if now > certificate.not_valid_after_utc:
        raise WontOpen(f"The {name} expired on {certificate.not_valid_after_utc:%d %B %Y}.")


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _check_marker(leaf: x509.Certificate) -> None:
    try:
        value = leaf.extensions.get_extension_for_oid(MARKER).value
    except x509.ExtensionNotFound as error:
        raise WontOpen("The certificate is of another kind: it lacks the mark of a Pass Type ID certificate.") from error
    raw = value.value if isinstance(value, x509.UnrecognizedExtension) else b""
    if raw[2:] != _subject(leaf, NameOID.USER_ID).encode():
        raise WontOpen("The certificate's pass type mark and its subject name different pass types.")


def _subject(certificate: x509.Certificate, oid: ObjectIdentifier) -> str:
    values = certificate.subject.get_attributes_for_oid(oid)
    return str(values[0].value) if values else ""
