"""The file ``signature`` taken apart: a CMS SignedData with one signer (RFC 5652), read with pyasn1."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier
from pyasn1.codec.ber import decoder as ber
from pyasn1.codec.der import decoder as der
from pyasn1.codec.der import encoder
from pyasn1.error import PyAsn1Error
from pyasn1_modules import rfc5652

DATA, SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"
MARKER = ObjectIdentifier("1.2.840.113635.100.6.1.16")

# Whatever a parser of ASN.1 and X.509 raises over a stranger's bytes.
_BROKEN = (PyAsn1Error, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, x509.InvalidVersion)


_T = TypeVar("_T")


class Unreadable(Exception):
    """The bytes are no CMS signature."""


@dataclass(frozen=True)
class Certificate:
    """What an inspection asks of a certificate, read once; ``parsed`` is the certificate itself."""

    parsed: x509.Certificate
    subject: x509.Name
    issuer: x509.Name
    not_before: datetime
    not_after: datetime
    authority: bool
    key_identifier: bytes
    marker: str

    def named(self, oid: ObjectIdentifier) -> str:
        return _named(self.subject, oid)

    @property
    def common_name(self) -> str:
        return self.named(NameOID.COMMON_NAME)

    @property
    def title(self) -> str:
        """Common name and unit, which is what tells Apple's intermediates apart."""
        return title(self.subject)


@dataclass(frozen=True)
class Signed:
    """``attributes`` holds the DER of each signed attribute's values by OID, ``attribute_bytes`` what the signature is over.

    ``attributes`` is None when there are none. ``leaf`` is the signer's certificate, None when it is not inside.
    """

    der: bool
    content: bytes | None
    signers: int
    digest: str
    algorithm: str
    signature: bytes
    attributes: dict[str, list[bytes]] | None
    attribute_bytes: bytes
    certificates: tuple[Certificate, ...]
    leaf: Certificate | None

    def digest_attribute(self) -> bytes | None:
        return self._first(MESSAGE_DIGEST, bytes)

    def content_type(self) -> str | None:
        return self._first(CONTENT_TYPE, str)

    def signing_time(self) -> datetime | None:
        return self._first(SIGNING_TIME, _moment)

    def _first(self, oid: str, read: Callable[[Any], _T]) -> _T | None:
        values = (self.attributes or {}).get(oid)
        if not values:
            return None
        try:
            return read(der.decode(values[0])[0])
        except _BROKEN:
            return None


def parse(data: bytes) -> Signed:
    """Raises Unreadable."""
    try:
        content, strict = _decoded(data)
        if str(content["contentType"]) != SIGNED_DATA:
            raise Unreadable("it is CMS, but not SignedData")
        signed = (der if strict else ber).decode(content["content"], asn1Spec=rfc5652.SignedData())[0]
        return _signed(signed, strict)
    except _BROKEN as error:
        raise Unreadable("its ASN.1 cannot be read") from error


def certificate(parsed: x509.Certificate) -> Certificate:
    """Raises ValueError when something in it cannot be read."""
    return Certificate(
        parsed=parsed,
        subject=parsed.subject,
        issuer=parsed.issuer,
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        authority=_authority(parsed),
        key_identifier=_key_identifier(parsed),
        marker=_marker(parsed),
    )


def title(name: x509.Name) -> str:
    parts = (_named(name, NameOID.COMMON_NAME), _named(name, NameOID.ORGANIZATIONAL_UNIT_NAME))
    return ", ".join(part for part in parts if part) or name.rfc4514_string()


def _named(name: x509.Name, oid: ObjectIdentifier) -> str:
    values = name.get_attributes_for_oid(oid)
    return str(values[0].value) if values else ""


def _decoded(data: bytes) -> tuple[Any, bool]:
    try:
        return der.decode(data, asn1Spec=rfc5652.ContentInfo())[0], True
    except PyAsn1Error:  # BER, with lengths left open: some signers stream
        return ber.decode(data, asn1Spec=rfc5652.ContentInfo())[0], False


def _signed(signed: Any, strict: bool) -> Signed:
    infos = signed["signerInfos"]
    if not len(infos):
        raise Unreadable("nobody has signed it")
    info = infos[0]
    content = signed["encapContentInfo"]["eContent"]
    given = info["signedAttrs"]
    attributes: dict[str, list[bytes]] | None = None
    attribute_bytes = b""
    if given.isValue and len(given):
        attributes = {str(one["attrType"]): [bytes(value) for value in one["attrValues"]] for one in given}
        plain = rfc5652.SignedAttributes()
        plain.extend(given)
        attribute_bytes = encoder.encode(plain)  # as a SET OF, not with the tag it has inside (RFC 5652, 5.4)
    certificates = tuple(_certificates(signed))
    return Signed(
        der=strict,
        content=bytes(content) if content.isValue else None,
        signers=len(infos),
        digest=str(info["digestAlgorithm"]["algorithm"]),
        algorithm=str(info["signatureAlgorithm"]["algorithm"]),
        signature=bytes(info["signature"]),
        attributes=attributes,
        attribute_bytes=attribute_bytes,
        certificates=certificates,
        leaf=_leaf(info["sid"], certificates),
    )


def _certificates(signed: Any) -> Sequence[Certificate]:
    if not signed["certificates"].isValue:
        return ()
    choices = [one for one in signed["certificates"] if one.getName() == "certificate"]
    return [certificate(x509.load_der_x509_certificate(encoder.encode(one["certificate"]))) for one in choices]


def _leaf(sid: Any, certificates: Sequence[Certificate]) -> Certificate | None:
    if sid.getName() == "subjectKeyIdentifier":
        wanted = bytes(sid["subjectKeyIdentifier"])
        return next((one for one in certificates if one.key_identifier == wanted), None)
    named = sid["issuerAndSerialNumber"]
    serial, issuer = int(named["serialNumber"]), encoder.encode(named["issuer"])
    return next((one for one in certificates if one.parsed.serial_number == serial and one.issuer.public_bytes() == issuer), None)


def _authority(parsed: x509.Certificate) -> bool:
    try:
        return parsed.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _key_identifier(parsed: x509.Certificate) -> bytes:
    try:
        return parsed.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return b""


def _marker(parsed: x509.Certificate) -> str:
    """The pass type in Apple's extension: a string of ASN.1, two bytes of head before the text."""
    try:
        value = parsed.extensions.get_extension_for_oid(MARKER).value
    except x509.ExtensionNotFound:
        return ""
    return value.value[2:].decode("utf-8", "replace") if isinstance(value, x509.UnrecognizedExtension) else ""


def _moment(value: Any) -> datetime:
    moment: datetime = value.asDateTime
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
