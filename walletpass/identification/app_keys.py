"""The apps whose word we take."""

from collections.abc import Sequence

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from jwt import PyJWK, PyJWTError
from sqlmodel import Session, col, select

from walletpass.database import now
from walletpass.errors import Malformed, NotFound
from walletpass.identification.models import AppKey

SMALLEST_RSA = 2048


def add_app_key(session: Session, program_id: str, *, label: str, issuer: str, audience: str, key: str) -> AppKey:
    """``key`` is a public key, PEM or JWK: Ed25519, P-256, or RSA of 2048 bits. Raises Malformed."""
    for name, text in (("issuer", issuer), ("audience", audience)):
        if not 0 < len(text) <= 200 or not text.isprintable():
            raise Malformed(f"An app's tokens name their {name}; give it, in 200 letters at most.")
    public = _public(key)
    made = AppKey(
        program_id=program_id,
        label=label[:80],
        issuer=issuer,
        audience=audience,
        algorithm=_algorithm(public),
        public_key=public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    )
    session.add(made)
    session.flush()
    return made


def revoke_app_key(session: Session, program_id: str, key_id: str) -> AppKey:
    """From now on its tokens open nothing. Raises NotFound."""
    key = session.get(AppKey, (program_id, key_id))
    if key is None:
        raise NotFound("This app's key is not known here.")
    key.revoked_at = key.revoked_at or now()
    session.add(key)
    return key


def every(session: Session, program_id: str) -> Sequence[AppKey]:
    return session.exec(select(AppKey).where(col(AppKey.program_id) == program_id).order_by(col(AppKey.id))).all()


def _public(key: str) -> Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey:
    try:
        found = PyJWK.from_json(key).key if key.lstrip().startswith("{") else load_pem_public_key(key.encode())
    except (PyJWTError, UnsupportedAlgorithm, ValueError, TypeError) as error:
        raise Malformed("This is no public key, in PEM or as a JWK.") from error
    if not isinstance(found, Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey):
        raise Malformed("An app signs with Ed25519, P-256 or RSA; give its public key, and keep the private one.")
    return found


def _algorithm(key: Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey) -> str:
    if isinstance(key, Ed25519PublicKey):
        return "EdDSA"
    if isinstance(key, RSAPublicKey) and key.key_size >= SMALLEST_RSA:
        return "RS256"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "ES256"
    raise Malformed(f"An app signs with Ed25519, P-256, or RSA of {SMALLEST_RSA} bits at least.")
