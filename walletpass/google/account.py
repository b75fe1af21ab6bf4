"""The service account that speaks for the restaurant at Google: ``google.json`` in the folder of certificates."""

import base64
import json
import re
from functools import lru_cache
from pathlib import Path
from stat import S_IMODE
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from google.auth.crypt import RSASigner
from google.oauth2 import service_account

from walletpass import config
from walletpass.errors import ConfigurationError

SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
KIND = "service_account"
FIELDS = ("type", "client_email", "private_key", "token_uri")
SHORTEST_KEY = 2048
PADDING, HASH = padding.PKCS1v15(), hashes.SHA256()
# An account of a project; those that Google makes by itself are called otherwise.
OF_A_PROJECT = re.compile(r"[^@\s]+@(?P<project>[a-z0-9.-]+)\.iam\.gserviceaccount\.com")
ANEW = "Make a new JSON key: Google Cloud console, IAM, Service accounts, Keys."


class NotSetUp(ConfigurationError):
    """Google Wallet has not been set up here; no harm where nobody offers it."""


class Account(service_account.Credentials):
    """Access tokens for the API and signatures for save links, from one private key."""

    key: rsa.RSAPrivateKey
    header: bytes

    def _after_refresh(self, *_: object) -> None:
        # The library would now ask iamcredentials.googleapis.com, in a thread of its own, which regions the account may
        # use. Wallet has no regions, and a sandbox's account must not be shown to the real Google.
        return

    @property
    def email(self) -> str:
        return str(self.service_account_email)

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT (RFC 7515, RS256, with the id of the key) over the claims as they are."""
        # The library would write the header and make an encoder for each; both together cost a twentieth of the signature.
        signed = self.header + _base64(_compact(claims).encode())
        return (signed + b"." + _base64(self.key.sign(signed, PADDING, HASH))).decode("ascii")


def key_file() -> Path:
    return Path(config.current().certs_dir) / "google.json"


def load() -> Account:
    """The account of this installation; the key is parsed once, and again when its file has changed.

    Raises NotSetUp when there is no file, ConfigurationError for one that others may read or that is no service account's.
    """
    path = key_file()
    try:
        state = path.stat()
    except OSError as error:
        raise NotSetUp(f"Google Wallet is not set up: there is no {path}. It is the JSON key of a service account.") from error
    if S_IMODE(state.st_mode) & 0o077:
        raise ConfigurationError(f"{path} can be read by other users of this machine. Mend it with: chmod 600 {path}")
    return _parse(path, state.st_mtime_ns)


@lru_cache(maxsize=8)
def _parse(path: Path, changed_ns: int) -> Account:
    try:
        table = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read as JSON: {error}.") from error
    _must_be_a_service_account(path, table)
    key = _private_key(path, table["private_key"])
    # The library would parse the key a second time.
    signer = RSASigner(key, table.get("private_key_id"))  # type: ignore[no-untyped-call]  # google-auth has no annotations
    account = Account(signer, table["client_email"], table["token_uri"], scopes=[SCOPE], project_id=table.get("project_id"))  # type: ignore[no-untyped-call]  # as above
    header = {"typ": "JWT", "alg": "RS256", **({"kid": table["private_key_id"]} if table.get("private_key_id") else {})}
    account.key, account.header = key, _base64(_compact(header).encode()) + b"."
    return account


def _must_be_a_service_account(path: Path, table: Any) -> None:
    kind = table.get("type", KIND) if isinstance(table, dict) else KIND
    if kind != KIND:
        raise ConfigurationError(f"{path} is not the JSON key of a service account: its type is {kind!r}. {ANEW}")
    missing = [name for name in FIELDS if not isinstance(table, dict) or not isinstance(table.get(name), str) or not table[name]]
    if missing:
        raise ConfigurationError(f"{path} is not the JSON key of a service account: it lacks {', '.join(missing)}.")
    found = OF_A_PROJECT.fullmatch(table["client_email"])
    project = str(table.get("project_id") or "")
    # The project example.com:cards has accounts at cards.example.com.iam.gserviceaccount.com.
    domain, _, name = project.rpartition(":")
    if project and found is not None and found["project"] != (f"{name}.{domain}" if domain else name):
        raise ConfigurationError(
            f"{path} is put together from two files: the account {table['client_email']} is not of the project {project}. {ANEW}"
        )


def _private_key(path: Path, pem: str) -> rsa.RSAPrivateKey:
    try:
        key = _parsed(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(f"{path} holds a private_key that cannot sign: it is not a PEM key. {ANEW}") from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < SHORTEST_KEY:
        raise ConfigurationError(
            f"{path} holds a private_key that Google does not take: it must be RSA with {SHORTEST_KEY} bits at least. {ANEW}"
        )
    return key


_parsed = lru_cache(maxsize=8)(lambda pem: serialization.load_pem_private_key(pem.encode(), None))
_compact = json.JSONEncoder(separators=(",", ":")).encode


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
