"""What signs a program's passes: ``<certs_dir>/<program id>/`` with ``pass.pem``, ``pass.key`` and ``wwdr.pem``.

``pass.pem`` is the pass type certificate from Apple, ``pass.key`` its private key (for us alone: chmod 600), ``wwdr.pem`` the
intermediate that issued it. Everything a phone would refuse in silence is refused here in a sentence.
"""

import os
import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from walletpass import config
from walletpass.database import now
from walletpass.errors import CertificateError
from walletpass.programs import Program

LEAF, KEY, INTERMEDIATE = "pass.pem", "pass.key", "wwdr.pem"

_Stamp = tuple[tuple[int, ...] | None, ...]
_cache: dict[tuple[Path, str, str], "tuple[_Stamp, SigningIdentity]"] = {}
_cache_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class SigningIdentity:
    """A pass certificate with its key and intermediate, parsed once. ``fingerprint`` is the leaf's SHA-256 in hex."""

    program_id: str
    pass_type_identifier: str
    leaf: x509.Certificate
    intermediate: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)
    fingerprint: str
    not_before: datetime
    not_after: datetime
    certificate_pem: bytes = field(repr=False)
    key_pem: bytes = field(repr=False)

    def check(self, moment: datetime) -> None:
        """Raises CertificateError when nothing may be signed at this moment."""
        if moment > self.not_after:
            raise CertificateError(
                f"{self.program_id}/{LEAF} or its issuer expired on {self.not_after:%Y-%m-%d}. Renew the pass type certificate "
                f"for {self.pass_type_identifier} at developer.apple.com and put the new {LEAF} and {KEY} here; cards on phones stay valid."
            )
        if moment < self.not_before:
            raise CertificateError(
                f"{self.program_id}/{LEAF} is not valid before {self.not_before:%Y-%m-%d %H:%M} UTC. Check the clock of this server."
            )


def available(program: Program) -> bool:
    """Whether a page may show the button: the program has certificates, sound or not. A request that waits is none."""
    folder = Path(config.current().certs_dir) / program.id
    try:
        return any((folder / name).exists() for name in (LEAF, KEY, INTERMEDIATE))
    except OSError:  # a folder closed to us is for `identity` to complain of
        return True


def identity(program: Program) -> SigningIdentity:
    """The program's signing identity, valid now. Files are read again when one has changed. Raises CertificateError."""
    folder = Path(config.current().certs_dir) / program.id
    place = (folder, program.pass_type_identifier, program.team_identifier)
    stamp = _stamps(folder)
    with _cache_lock:
        known = _cache.get(place)
        if known is None or known[0] != stamp:
            _cache.pop(place, None)
            known = _cache[place] = _loaded(folder, program, stamp)
    known[1].check(now())
    return known[1]


def _loaded(folder: Path, program: Program, stamp: _Stamp) -> tuple[_Stamp, SigningIdentity]:
    """Files that were renewed while they were read are read again: half of the old set and half of the new fit nowhere."""
    while True:
        try:
            made = load(folder, program)
        except CertificateError:
            before, stamp = stamp, _stamps(folder)
            if stamp == before:
                raise
        else:
            return stamp, made


def _stamps(folder: Path) -> _Stamp:
    return tuple(_stamp(folder / name) for name in (LEAF, KEY, INTERMEDIATE))


def load(folder: Path, program: Program) -> SigningIdentity:
    """Read and check the three files. Raises CertificateError with the sentence that mends the first fault found."""
    leaf = _certificate(folder, LEAF)
    key, key_pem = _private_key(folder)
    intermediate = _certificate(folder, INTERMEDIATE)
    if key.public_key() != leaf.public_key():
        raise _fault(folder, KEY, f"is not the key of {LEAF}. Use the key that made the certificate signing request.")
    _check_subject(folder, leaf, program)
    _check_chain(folder, leaf, intermediate)
    made = SigningIdentity(
        program_id=program.id,
        pass_type_identifier=program.pass_type_identifier,
        leaf=leaf,
        intermediate=intermediate,
        key=key,
        fingerprint=leaf.fingerprint(hashes.SHA256()).hex(),
        not_before=max(leaf.not_valid_before_utc, intermediate.not_valid_before_utc),
        not_after=min(leaf.not_valid_after_utc, intermediate.not_valid_after_utc),
        certificate_pem=b"".join(part.public_bytes(serialization.Encoding.PEM) for part in (leaf, intermediate)),
        key_pem=key_pem,
    )
    if intermediate.not_valid_after_utc < now():
        raise _fault(
            folder,
            INTERMEDIATE,
            f"expired on {intermediate.not_valid_after_utc:%Y-%m-%d}. Get the current one from apple.com/certificateauthority.",
        )
    made.check(now())
    return made


def _certificate(folder: Path, name: str) -> x509.Certificate:
    data = _read(folder, name)
    try:
        return x509.load_pem_x509_certificate(data)
    except ValueError as error:
        hint = "Convert Apple's .cer with: openssl x509 -inform der -in pass.cer -out pass.pem"
        raise _fault(folder, name, f"is not a certificate in PEM form. {hint}") from error


def _private_key(folder: Path) -> tuple[rsa.RSAPrivateKey, bytes]:
    data = _read(folder, KEY)
    status = (folder / KEY).stat()
    if status.st_uid != os.geteuid():
        raise _fault(folder, KEY, "belongs to another user. Make it ours with chown, so that nobody else can change it.")
    if status.st_mode & 0o077:
        raise _fault(folder, KEY, f"can be read by others. Run: chmod 600 {KEY}")
    try:
        key = serialization.load_pem_private_key(data, None)
    except TypeError as error:
        raise _fault(folder, KEY, "is protected by a password. Remove it: openssl rsa -in pass.key -out pass.key") from error
    except ValueError as error:
        raise _fault(folder, KEY, "is not a private key in PEM form.") from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < 2048:
        raise _fault(folder, KEY, "is not an RSA key of 2048 bits, the only kind Apple takes for passes.")
    return key, data


def _check_subject(folder: Path, leaf: x509.Certificate, program: Program) -> None:
    wanted = (
        (NameOID.USER_ID, "UID", program.pass_type_identifier, "pass type identifier"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "OU", program.team_identifier, "team identifier"),
    )
    for oid, short, value, words in wanted:
        held = [attribute.value for attribute in leaf.subject.get_attributes_for_oid(oid)]
        if held != [value]:
            said = " ".join(map(str, held)) or "nothing"
            raise _fault(folder, LEAF, f"is for {said} ({short}), but the program's {words} is {value}. Put the certificate for that here.")


def _check_chain(folder: Path, leaf: x509.Certificate, intermediate: x509.Certificate) -> None:
    mend = "Put the intermediate that issued it here (its OU, G4 for example, stands in the certificate's issuer)."
    if leaf.issuer != intermediate.subject:
        raise _fault(folder, INTERMEDIATE, f"is not the issuer of {LEAF}: that is {leaf.issuer.rfc4514_string()}. {mend}")
    if _authority_key(leaf) not in (None, _subject_key(intermediate)):
        raise _fault(folder, INTERMEDIATE, f"has the name of the issuer of {LEAF}, but another key. {mend}")
    try:
        leaf.verify_directly_issued_by(intermediate)
    except (InvalidSignature, ValueError, TypeError) as error:
        raise _fault(folder, LEAF, f"was not signed by {INTERMEDIATE}; one of the two is damaged or forged. {mend}") from error


def _authority_key(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except x509.ExtensionNotFound:
        return None


def _subject_key(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return None


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError as error:
        raise _fault(folder, name, "is missing. The README of the certs folder says how to get it from Apple.") from error
    except OSError as error:
        raise _fault(folder, name, f"cannot be read: {error.strerror}.") from error


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode, status.st_uid)


def _fault(folder: Path, name: str, sentence: str) -> CertificateError:
    return CertificateError(f"{folder.name}/{name} {sentence}")
