"""The credentials of the sandbox: what Apple and Google would have issued, made here and trusted nowhere else.

Two places. ``certs_dir`` is the server's side, laid out as for production: ``<program id>/pass.pem``, ``pass.key``,
``wwdr.pem``; ``google.json`` (service account) and ``apns-ca.pem`` (who may be the sandbox APNs). ``directory`` is the sandbox's
side: ``root.pem``/``root.key``, ``wwdr.pem``/``wwdr.key``, ``apns-ca.pem``, ``apns-server.pem``/``apns-server.key`` and
``google-users.json`` (public keys and the issuers each may write). No private key of the server is kept on the sandbox's side.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from walletpass.errors import CertificateError
from walletpass.sandbox import shelf

PASS_TYPE_MARKER = x509.ObjectIdentifier("1.2.840.113635.100.6.1.16")
ORGANIZATION = "walletpass sandbox"
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class PassType:
    """One pass certificate to issue: the program it belongs to, its identifiers and the name on the certificate."""

    program_id: str
    pass_type_identifier: str
    team_identifier: str
    organization: str


@dataclass(frozen=True)
class Issued:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def prepare(
    certs_dir: Path, directory: Path, programs: Sequence[PassType], *, token_uri: str = "", issuers: Sequence[str] = (), renew: bool = False
) -> None:
    """Make whatever is missing; what exists and is valid is kept, so that a restart keeps installed passes alive.

    ``token_uri`` and ``issuers`` describe the Google account; without issuers it may write for any. ``renew`` issues the
    pass certificates again (same identifiers, new keys), as an operator does once a year.
    """
    root = _authority(directory, "root", _name("walletpass sandbox Root CA", "Certification Authority"), None, path_length=1)
    wwdr_name = _name("Sandbox Worldwide Developer Relations Certification Authority", "G4")
    wwdr = _authority(directory, "wwdr", wwdr_name, root, path_length=0)
    apns_ca = _authority(directory, "apns-ca", _name("walletpass sandbox Server CA", "APNs"), None, path_length=0)
    if renew or not _usable(directory / "apns-server.pem", apns_ca):
        _store(directory, "apns-server", _server_certificate(apns_ca))
    shelf.write(certs_dir / "apns-ca.pem", _pem(apns_ca.certificate))
    for program in programs:
        folder = certs_dir / program.program_id
        if renew or not _usable(folder / "pass.pem", wwdr) or not (folder / "pass.key").exists():
            _store(folder, "pass", pass_certificate(wwdr, program))
        shelf.write(folder / "wwdr.pem", _pem(wwdr.certificate))
    _google_account(certs_dir / "google.json", directory / "google-users.json", token_uri, issuers)


def pass_certificate(
    authority: Issued, program: PassType, *, start: datetime | None = None, lasts: timedelta = timedelta(days=396)
) -> Issued:
    """A pass type certificate as Apple writes it: identifiers in UID and OU, the marker extension, about 13 months."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.USER_ID, program.pass_type_identifier),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Pass Type ID: {program.pass_type_identifier}"[:64]),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, program.team_identifier),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, program.organization),
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
        ]
    )
    marker = x509.UnrecognizedExtension(PASS_TYPE_MARKER, utf8_string(program.pass_type_identifier))
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        (_key_usage(digital_signature=True), True),
        (marker, False),
    ]
    return _issue(subject, authority, extensions, start=start, lasts=lasts)


def utf8_string(text: str) -> bytes:
    """DER UTF8String of at most 127 bytes."""
    data = text.encode()
    if len(data) > 127:
        raise ValueError("an identifier of a pass type has at most 127 bytes")
    return bytes([0x0C, len(data)]) + data


def load(folder: Path, name: str) -> Issued:
    key = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise CertificateError(f"{folder / name}.key is not an RSA key.")
    return Issued(x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes()), key)


def _authority(folder: Path, name: str, subject: x509.Name, issuer: Issued | None, *, path_length: int) -> Issued:
    if (folder / f"{name}.key").exists() and _usable(folder / f"{name}.pem", issuer):
        return load(folder, name)
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (_key_usage(key_cert_sign=True, crl_sign=True), True),
    ]
    issued = _issue(subject, issuer, extensions, lasts=10 * YEAR)
    _store(folder, name, issued)
    return issued


def _server_certificate(authority: Issued) -> Issued:
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1")), x509.IPAddress(ip_address("::1"))]
    )
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (_key_usage(digital_signature=True, key_encipherment=True), True),
        (names, False),
    ]
    return _issue(_name("localhost", "APNs"), authority, extensions, lasts=YEAR)


def _issue(
    subject: x509.Name,
    issuer: Issued | None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
    *,
    start: datetime | None = None,
    lasts: timedelta,
) -> Issued:
    key = rsa.generate_private_key(65537, 2048)
    begin = start or datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    parent_name = issuer.certificate.subject if issuer else subject
    parent_key = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(parent_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(parent_key.public_key()), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return Issued(builder.sign(parent_key, hashes.SHA256()), key)


def _usable(path: Path, issuer: Issued | None) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        if issuer is not None:
            certificate.verify_directly_issued_by(issuer.certificate)
    except Exception:  # any damage means: make a new one
        return False
    return certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=1)


def _google_account(account: Path, users: Path, token_uri: str, issuers: Sequence[str]) -> None:
    """A service account key file for the server, and its public half for the sandbox."""
    stored = shelf.load(account, {})
    known = shelf.load(users, {})
    if stored.get("client_email") not in known:
        key = rsa.generate_private_key(65537, 2048)
        stored = {
            "type": "service_account",
            "project_id": "walletpass-sandbox",
            "private_key_id": secrets.token_hex(20),
            "private_key": _key_pem(key).decode(),
            "client_email": "walletpass@walletpass-sandbox.iam.gserviceaccount.com",
        }
        public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        known[stored["client_email"]] = {"public_key": public.decode()}
    stored["token_uri"] = token_uri or stored.get("token_uri", "")
    known[stored["client_email"]]["issuers"] = list(issuers)
    shelf.write(account, json.dumps(stored, indent=2).encode(), private=True)
    shelf.save(users, known)


def _name(common_name: str, unit: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
        ]
    )


def _key_usage(**granted: bool) -> x509.KeyUsage:
    uses = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{use: granted.get(use, False) for use in uses})


def _store(folder: Path, name: str, issued: Issued) -> None:
    shelf.write(folder / f"{name}.key", _key_pem(issued.key), private=True)
    shelf.write(folder / f"{name}.pem", _pem(issued.certificate))


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
