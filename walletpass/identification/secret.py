"""Hashes of what must be found again and never read back. Under a key of the ring: who steals the table cannot try every number."""

import hmac

from walletpass import config
from walletpass.cards.codes import current_key_id, derive


def digest(program_id: str, purpose: str, text: str, key_id: str = "") -> str:
    """64 hexadecimal digits, for one purpose in one program."""
    return hmac.digest(derive(key_id or current_key_id(), f"identification {purpose}", program_id), text.encode(), "sha256").hex()


def digests(program_id: str, purpose: str, text: str) -> list[str]:
    """The same under every key of the ring, the newest first: older rows carry older ones."""
    return [digest(program_id, purpose, text, key_id) for key_id in config.current().keys]
