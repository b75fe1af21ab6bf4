"""A key and the signing request for it, waiting here until Apple's answer comes."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from walletpass.apple import certificates
from walletpass.apple.guardian import disk
from walletpass.database import now
from walletpass.errors import CertificateError
from walletpass.programs import Program

NEW_KEY, REQUEST = "pass.key.new", "pass.csr"


@dataclass(frozen=True)
class Pending:
    """``fresh`` when it was made just now."""

    key_path: Path
    request_path: Path
    request_pem: bytes = field(repr=False)
    made_at: datetime
    fresh: bool = False


def request(program: Program, *, again: bool = False) -> Pending:
    """The request to upload at Apple. The one that waits is given again, unless ``again``: then it is kept as a .bak file.

    The key in use is not touched. Raises CertificateError for a waiting key that cannot be used, Unavailable for a folder
    that cannot be written.
    """
    folder = disk.folder_of(program)
    with disk.writing(folder):
        if not again and (waiting := _waiting(folder, program)):
            return waiting
        key = new_key()
        _put_away(folder)
        (folder / REQUEST).unlink(missing_ok=True)
        disk.write(folder / NEW_KEY, key_pem(key))
        disk.write(folder / REQUEST, _signed(program, key))
        return Pending(folder / NEW_KEY, folder / REQUEST, (folder / REQUEST).read_bytes(), now(), fresh=True)


def new_key() -> rsa.RSAPrivateKey:
    """RSA of 2048 bits is all that Apple takes for passes."""
    return rsa.generate_private_key(65537, 2048)


def pending(program: Program) -> Pending | None:
    """The request that waits for its certificate. Raises CertificateError when its key cannot be used."""
    folder = disk.folder_of(program)
    key = read_key(folder / NEW_KEY)
    if key is None or _in_use(folder, key) or not _is_of(folder / REQUEST, key):
        return None
    made = (folder / NEW_KEY).stat().st_mtime
    return Pending(folder / NEW_KEY, folder / REQUEST, (folder / REQUEST).read_bytes(), datetime.fromtimestamp(made, UTC))


def waiting_keys(folder: Path) -> list[tuple[str, rsa.RSAPrivateKey]]:
    """The key that waits, and those of requests made before it: Apple may answer those too."""
    paths = [folder / NEW_KEY, *sorted(folder.glob(f"{NEW_KEY}.*.bak"), reverse=True)]
    return [(path.name, key) for path in paths if (key := read_key(path)) is not None]


def current_key(folder: Path) -> list[tuple[str, rsa.RSAPrivateKey]]:
    key = read_key(folder / certificates.KEY)
    return [] if key is None else [(certificates.KEY, key)]


def read_key(path: Path) -> rsa.RSAPrivateKey | None:
    """None when there is no such file. Raises CertificateError."""
    try:
        data, mode = path.read_bytes(), path.stat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CertificateError(f"{path.parent.name}/{path.name} cannot be read: {error.strerror}.") from error
    if mode & 0o077:
        raise CertificateError(f"{path.parent.name}/{path.name} can be read by others. Run: chmod 600 {path.name}")
    try:
        key = serialization.load_pem_private_key(data, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        mend = f"Make a new request with: walletpass certs request {path.parent.name} --again"
        raise CertificateError(f"{path.parent.name}/{path.name} is damaged, or no RSA key. {mend}")
    return key


def key_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def settled(folder: Path, key: rsa.RSAPrivateKey) -> None:
    """The certificate for the waiting key has come: it waits no longer."""
    waiting = read_key(folder / NEW_KEY)
    if waiting is not None and waiting.public_key() == key.public_key():
        (folder / REQUEST).unlink(missing_ok=True)
        (folder / NEW_KEY).unlink(missing_ok=True)


def _waiting(folder: Path, program: Program) -> Pending | None:
    """Whatever a process that was killed has left undone is done here."""
    key = read_key(folder / NEW_KEY)
    if key is None:
        return None
    if _in_use(folder, key):
        settled(folder, key)
        return None
    if not _is_of(folder / REQUEST, key):
        disk.write(folder / REQUEST, _signed(program, key))
    return pending(program)


def _put_away(folder: Path) -> None:
    if (folder / NEW_KEY).exists():
        (folder / NEW_KEY).replace(folder / f"{NEW_KEY}.{now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}.bak")


def _signed(program: Program, key: rsa.RSAPrivateKey) -> bytes:
    """Apple writes a subject of its own over this one."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"walletpass {program.id}"[:64])])
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def _is_of(path: Path, key: rsa.RSAPrivateKey) -> bool:
    try:
        return x509.load_pem_x509_csr(path.read_bytes()).public_key() == key.public_key()
    except (OSError, ValueError):
        return False


def _in_use(folder: Path, key: rsa.RSAPrivateKey) -> bool:
    try:
        leaf = x509.load_pem_x509_certificate((folder / certificates.LEAF).read_bytes())
        return leaf.public_key() == key.public_key()
    except (OSError, ValueError):
        return False
