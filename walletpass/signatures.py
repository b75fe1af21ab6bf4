"""Signing what one server tells another over HTTP, and checking what others signed: one scheme for both directions.

    Walletpass-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">[,v1=...]

The key is the whole secret, ``whsec_`` included, in UTF-8. While a secret is being changed both sign, each with a ``v1`` of its own;
one that fits is enough. The time is signed along, so a request that somebody recorded is refused when it is sent again later.
"""

import hmac
import secrets
from collections.abc import Iterable

from walletpass.errors import WrongSignature

HEADER = "Walletpass-Signature"
PREFIX = "whsec_"
# Seconds that two clocks, and the way, may differ.
WITHIN = 300
# A header with a thousand signatures would be a thousand tries.
MOST_SIGNATURES = 8


def new_secret() -> str:
    """256 bits of chance, as text that fits a header and a shell."""
    return PREFIX + secrets.token_urlsafe(32)


def sign(keys: Iterable[str], body: bytes, at: int) -> str:
    """The header's value for ``body``, signed with each of the secrets at the unix time ``at``."""
    return ",".join([f"t={at}", *(f"v1={_signature(key, body, at)}" for key in keys)])


def must_fit(keys: Iterable[str], header: str, body: bytes, now: int, *, within: int = WITHIN) -> int:
    """The unix time at which ``body`` was signed with one of the secrets. Raises WrongSignature."""
    at, given = _read(header)
    if abs(now - at) > within:
        raise WrongSignature(f"This was signed more than {within} seconds away from our time. Check the clock, and sign each try anew.")
    # Every pair is compared, in constant time: how long it takes says nothing of which was near.
    fits = [hmac.compare_digest(_signature(key, body, at), signature) for key in keys for signature in given]
    if not any(fits):
        raise WrongSignature("The signature does not fit. Sign the bytes of the body as they are sent, with the secret of this address.")
    return at


def _signature(key: str, body: bytes, at: int) -> str:
    return hmac.digest(key.encode(), b"%d." % at + body, "sha256").hex()


def _read(header: str) -> tuple[int, list[str]]:
    parts = [part.strip().partition("=") for part in header.split(",")] if len(header) <= 1_000 else []
    times = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1" and value.isascii()][:MOST_SIGNATURES]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12) or not given:
        raise WrongSignature(f"{HEADER} is missing or not of the form t=<unix time>,v1=<hex>.")
    return int(times[0]), given
