"""Bearer secrets: handed out once, kept as SHA-256 (they are random, so a slow hash would add nothing)."""

import hashlib
import secrets


def make() -> tuple[str, str]:
    """A new secret and its hash."""
    secret = secrets.token_urlsafe(32)
    return secret, digest(secret)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
