"""How a program's certificate stands: until when, and how urgent that is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from walletpass.apple import certificates
from walletpass.apple.guardian import disk, kinds
from walletpass.database import now
from walletpass.errors import CertificateError
from walletpass.programs import Program

# From calm to urgent. A certificate lives about 13 months.
STAGES = ("60", "30", "14", "7", "1", "expired")
OK, BROKEN = "ok", "broken"


@dataclass(frozen=True)
class State:
    """``stage`` is ``ok``, one of STAGES, or ``broken`` when it is something else than time that keeps it from signing.

    ``not_after`` is the end of the certificate or of its issuer, whichever is first; None when there is nothing to read.
    ``fault`` is the sentence why nothing can be signed now, or empty.
    """

    program_id: str
    name: str
    pass_type_identifier: str
    stage: str
    fault: str = ""
    not_after: datetime | None = None
    days_left: int | None = None
    key_bits: int | None = None
    intermediate: str = ""
    nfc: bool = False
    fingerprint: str = ""


def urgency(days: int) -> str:
    """The stage of a certificate with so many whole days left; a negative number has expired."""
    if days < 0:
        return "expired"
    return next((stage for stage in ("1", "7", "14", "30", "60") if days <= int(stage)), OK)


def state(program: Program) -> State | None:
    """How it stands at this moment; None for a program without certificates. Raises nothing."""
    if not certificates.available(program):
        return None
    folder = disk.folder_of(program)
    try:
        found = certificates.identity(program)
    except CertificateError as error:
        leaf = _certificate(folder / certificates.LEAF)
        if leaf is None:
            return State(program.id, program.name, program.pass_type_identifier, BROKEN, error.message)
        return _described(program, leaf, _certificate(folder / certificates.INTERMEDIATE), error.message)
    return _described(program, found.leaf, found.intermediate, "")


def _described(program: Program, leaf: x509.Certificate, intermediate: x509.Certificate | None, fault: str) -> State:
    until = min(part.not_valid_after_utc for part in (leaf, intermediate) if part)
    days = (until - now()) // timedelta(days=1)
    stage = urgency(days)
    key = leaf.public_key()
    return State(
        program_id=program.id,
        name=program.name,
        pass_type_identifier=program.pass_type_identifier,
        stage=BROKEN if fault and stage != "expired" else stage,
        fault=fault,
        not_after=until,
        days_left=days,
        key_bits=key.key_size if isinstance(key, rsa.RSAPublicKey) else None,
        intermediate=kinds.generation(leaf.issuer),
        nfc=kinds.for_nfc(leaf),
        fingerprint=leaf.fingerprint(hashes.SHA256()).hex(),
    )


def _certificate(path: Path) -> x509.Certificate | None:
    try:
        made = x509.load_pem_x509_certificate(path.read_bytes())
        return made if made.not_valid_after_utc and made.public_key() else None
    except (OSError, ValueError, TypeError):
        return None
