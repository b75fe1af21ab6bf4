"""`walletpass keys`: the secret ring."""

import secrets

import click

from walletpass.config import keyring
from walletpass.errors import ConfigurationError


@click.group()
def keys() -> None:
    """Make the keys that sign card codes and sessions."""


@keys.command()
@click.option("--after", default="", help="The ring in use: the new key is put in front of it, and old cards stay valid.")
def new(after: str) -> None:
    """Print a new ring for WALLETPASS_SECRET_KEYS."""
    ring = keyring(after) if after else {}
    kid = next((digit for digit in "123456789" if digit not in ring), "")
    if not kid:
        raise ConfigurationError("The ring is full: it has nine keys. Take out the last one when no card is signed with it any more.")
    click.echo(",".join([f"{kid}:{secrets.token_hex(32)}", *(part for part in [after] if part)]))
