"""The service account that speaks for the restaurant at Google: ``google.json`` in the folder of certificates."""

import json
from functools import lru_cache
from pathlib import Path
from stat import S_IMODE
from typing import Any

from google.auth import jwt
from google.oauth2 import service_account

from walletpass import config
from walletpass.errors import ConfigurationError

SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
FIELDS = ("client_email", "private_key", "token_uri")


class NotSetUp(ConfigurationError):
    """Google Wallet has not been set up here; no harm where nobody offers it."""


class Account(service_account.Credentials):
    """Access tokens for the API and signatures for save links, from one private key."""

    def _after_refresh(self, *_: object) -> None:
        # The library would now ask iamcredentials.googleapis.com, in a thread of its own, which regions the account may
        # use. Wallet has no regions, and a sandbox's account must not be shown to the real Google.
        return

    @property
    def email(self) -> str:
        return str(self.service_account_email)

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT (RS256, with the id of the key) over the claims as they are."""
        token: bytes = jwt.encode(self.signer, claims)  # type: ignore[no-untyped-call]  # google-auth has no annotations here
        return token.decode("ascii")


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
    missing = [name for name in FIELDS if not isinstance(table, dict) or not isinstance(table.get(name), str) or not table[name]]
    if missing:
        raise ConfigurationError(f"{path} is not the JSON key of a service account: it lacks {', '.join(missing)}.")
    try:
        account: Account = Account.from_service_account_info(table, scopes=[SCOPE])  # type: ignore[no-untyped-call]  # as above
    except ValueError as error:
        raise ConfigurationError(f"{path} holds a private_key that cannot sign: {str(error) or 'it is not a PEM key'}.") from error
    return account
