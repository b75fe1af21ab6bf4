"""Who may write what at Google: service accounts, their signed assertions and the bearer tokens given for them."""

import base64
import json
import secrets
from pathlib import Path
from threading import Lock
from time import time
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from walletpass.sandbox import shelf

SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
LIFETIME = 3600
SKEW = 60
WRITES = "WRITER"
ROLES = ("READER", WRITES, "OWNER")


class BadToken(ValueError):
    """A JWT that does not hold; the message says why."""


class Users:
    """The service accounts of ``google-users.json``: e-mail -> public key and issuers (none listed: all).

    What an issuer's list of permissions says, once it was written, outranks that; it is kept in ``permits``.
    """

    def __init__(self, path: Path, permits: Path) -> None:
        self._path, self._permits = path, permits
        self._lock = Lock()
        self._bearers: dict[str, tuple[str, float]] = {}

    def claims(self, jwt: str) -> dict[str, Any]:
        """The claims of a JWT signed by the account it names in ``iss``."""
        header, claims, signed, signature = _parts(jwt)
        if header.get("alg") != "RS256":
            raise BadToken(f"the algorithm is {header.get('alg')!r}, not RS256")
        user = shelf.load(self._path, {}).get(claims.get("iss"))
        if user is None:
            raise BadToken(f"nobody here is called {claims.get('iss')!r}")
        key = serialization.load_pem_public_key(user["public_key"].encode())
        if not isinstance(key, rsa.RSAPublicKey):
            raise BadToken("the account has no RSA key")
        try:
            key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as error:
            raise BadToken("the signature is not of this account's key") from error
        return claims

    def exchange(self, assertion: str) -> str:
        """A bearer token for a signed assertion (RFC 7523)."""
        claims, now = self.claims(assertion), time()
        if SCOPE not in str(claims.get("scope", "")).split():
            raise BadToken("the scope wallet_object.issuer is missing")
        if not str(claims.get("aud", "")).endswith("/token"):
            raise BadToken("the assertion is not for this token endpoint")
        if (
            not _number(claims, "iat") - SKEW <= now <= _number(claims, "exp") + SKEW
            or _number(claims, "exp") - _number(claims, "iat") > LIFETIME
        ):
            raise BadToken("the assertion is not valid now")
        token = f"sandbox.{secrets.token_urlsafe(32)}"
        with self._lock:
            self._bearers = {known: value for known, value in self._bearers.items() if value[1] > now}
            self._bearers[token] = (claims["iss"], now + LIFETIME)
        return token

    def who(self, authorization: str) -> str | None:
        """The account behind an ``Authorization`` header."""
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            email, until = self._bearers.get(token, ("", 0.0))
        return email if scheme.lower() == "bearer" and until > time() else None

    def may(self, email: str, issuer: str, role: str = WRITES) -> bool:
        given = dict(self.permitted(issuer)).get(email)
        return given is not None and ROLES.index(given) >= ROLES.index(role)

    def permitted(self, issuer: str) -> list[tuple[str, str]]:
        """(e-mail, role) of everybody who may do something for an issuer."""
        permits = shelf.load(self._permits, {})
        if issuer in permits:
            return [(email, role) for email, role in permits[issuer]]
        users = shelf.load(self._path, {})
        return [(email, WRITES) for email, user in users.items() if not user.get("issuers") or issuer in user["issuers"]]

    def permit(self, issuer: str, complete: list[tuple[str, str]]) -> None:
        """``complete`` is everybody from now on."""
        shelf.save(self._permits, {**shelf.load(self._permits, {}), issuer: complete})

    def issuers(self, email: str) -> list[str]:
        return [str(one) for one in shelf.load(self._path, {}).get(email, {}).get("issuers", [])]

    def save_request(self, jwt: str) -> dict[str, Any]:
        """The claims of a save link, as Google reads them."""
        claims = self.claims(jwt)
        if claims.get("aud") != "google":
            raise BadToken(f"aud is {claims.get('aud')!r}, not 'google'")
        if claims.get("typ") != "savetowallet":
            raise BadToken(f"typ is {claims.get('typ')!r}, not 'savetowallet'")
        if isinstance(claims.get("iat"), int) and claims["iat"] > time() + SKEW:
            raise BadToken("iat lies in the future")
        if not isinstance(claims.get("payload"), dict):
            raise BadToken("there is no payload")
        return claims


def _parts(jwt: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    try:
        signed, _, signature = jwt.rpartition(".")
        header, _, claims = signed.partition(".")
        decoded = json.loads(_unbase64(header)), json.loads(_unbase64(claims))
        if not all(isinstance(part, dict) for part in decoded):
            raise ValueError("not objects")
        return *decoded, signed.encode("ascii"), _unbase64(signature)
    except ValueError as error:
        raise BadToken("this is not a JWT") from error


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadToken(f"{name} is missing")
    return float(value)
