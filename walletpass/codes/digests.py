"""HMACs of codes and numbers. Six digits are guessed in a second by whoever has their plain hash, and phone numbers in an hour."""

import hmac
import json

from walletpass import config


def digest(program_id: str, *parts: str) -> str:
    """Under the newest key of the ring."""
    return _under(next(iter(config.current().keys.values())), program_id, parts)


def fits(kept: str, program_id: str, *parts: str) -> bool:
    """Under any key of the ring: one may have been added since."""
    found = [hmac.compare_digest(kept, _under(key, program_id, parts)) for key in config.current().keys.values()]
    return any(found)


def _under(key: bytes, program_id: str, parts: tuple[str, ...]) -> str:
    return hmac.new(key, b"walletpass:code " + json.dumps([program_id, *parts]).encode(), "sha256").hexdigest()
