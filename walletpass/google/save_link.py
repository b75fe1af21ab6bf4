"""The address behind the button "Add to Google Wallet"."""

import time

from walletpass import config
from walletpass.cards import CardFace
from walletpass.errors import ConfigurationError
from walletpass.google.account import Account
from walletpass.google.objects import class_id, object_id

# Browsers and mail programs carry this much of a token safely.
LONGEST_TOKEN = 1800
# A phone whose clock is behind ours must not see a token from the future.
BACKDATED = 30


def save_link(account: Account, face: CardFace) -> str:
    """A link that saves a card which Google has already been told of; whoever holds it may use it, so make it on demand."""
    return f"{config.current().google_save_url.rstrip('/')}/{save_token(account, face)}"


def save_token(account: Account, face: CardFace) -> str:
    """The signed token: the ids of object and class, and nothing that they contain. Raises ConfigurationError when too long."""
    token = account.sign(
        {
            "iss": account.email,
            "aud": "google",
            "typ": "savetowallet",
            "iat": int(time.time()) - BACKDATED,
            "origins": [face.base_url],
            "payload": {"loyaltyObjects": [{"id": object_id(face), "classId": class_id(face)}]},
        }
    )
    if len(token) > LONGEST_TOKEN:
        raise ConfigurationError(
            f"The save link for Google Wallet holds {len(token)} characters, and {LONGEST_TOKEN} is all that browsers carry safely. "
            "Use a service account key of 2048 bits and a short WALLETPASS_BASE_URL."
        )
    return token
