"""The digits under the guest's thumb.

The card code (QR) is digits only, because a hardware scanner is a keyboard and keyboards have layouts:

    1        2      3 .. 41          42 .. 56                      57
    version  key id card token       truncated HMAC-SHA256         Luhn check digit
    (1)      (1-9)  (128 bits)       (48 bits, over all before it)

The key is the program's own, so a code of another restaurant fails like a forged one. The card number (eight digits, the
last a Luhn check digit) is for typing; it names a card and proves nothing. Version 2 is a code that changes: see `rotation`.
"""

import hashlib
import hmac
import secrets

from walletpass import config
from walletpass.errors import ConfigurationError, NotOurCode

VERSION = "1"
TOKEN_DIGITS, MAC_DIGITS, NUMBER_DIGITS = 39, 15, 8
CODE_DIGITS = 2 + TOKEN_DIGITS + MAC_DIGITS + 1
NOT_OURS = "This is not one of our cards."
_BETWEEN = str.maketrans("", "", " -\u00a0")
# Twice a digit, and of two digits their sum.
_TWICE = str.maketrans("0123456789", "0246813579")


def derive(key_id: str, purpose: str, program_id: str) -> bytes:
    """A key for one purpose in one program. Raises ConfigurationError for a key that has left the ring."""
    ring = config.current().keys
    if key_id not in ring:
        raise ConfigurationError(f"Key {key_id} has left WALLETPASS_SECRET_KEYS, but there are cards that carry it. Put it back.")
    return hmac.digest(ring[key_id], f"walletpass:{purpose}:{program_id}".encode(), "sha256")


def keyed(program_id: str, purpose: str, said: str) -> str:
    """A digest (hex) that only we can compare with. By the oldest key of the ring, which stays while there are cards of its time."""
    oldest = list(config.current().keys)[-1]
    return hmac.digest(derive(oldest, purpose, program_id), said.encode(), "sha256").hex()


def current_key_id() -> str:
    return next(iter(config.current().keys))


def check_digit(digits: str) -> str:
    """Luhn's check digit for a string of digits: finds every single typing error and nearly every swap."""
    twice, once = digits[::-2].translate(_TWICE), digits[-2::-2]
    return str(-sum(map(int, twice + once)) % 10)


def card_code(program_id: str, key_id: str, token: str) -> str:
    """The digits of the QR for a card's ``token`` (32 hex digits)."""
    body = f"{VERSION}{key_id}{int(token, 16):0{TOKEN_DIGITS}d}"
    body += _mac(program_id, key_id, body)
    return body + check_digit(body)


def read_card_code(program_id: str, code: str) -> str:
    """The token (32 hex digits) in a code of this program; NotOurCode, with one sentence, for everything else."""
    body, last = code[:-1], code[-1:]
    key_id, signed, mac = code[1:2], code[: 2 + TOKEN_DIGITS], body[2 + TOKEN_DIGITS :]
    if not is_card_code(code) or check_digit(body) != last or key_id not in config.current().keys:
        raise NotOurCode(NOT_OURS)
    if not hmac.compare_digest(_mac(program_id, key_id, signed), mac):
        raise NotOurCode(NOT_OURS)
    token = int(signed[2:])
    if token >> 128:
        raise NotOurCode(NOT_OURS)
    return f"{token:032x}"


def bare(text: str) -> str:
    """A code or a number without what people put between digits."""
    return text.translate(_BETWEEN)


def is_card_code(text: str) -> bool:
    return len(text) == CODE_DIGITS and text.isascii() and text.isdigit() and text[0] == VERSION


def new_number() -> str:
    body = f"{secrets.randbelow(9) + 1}{secrets.randbelow(10 ** (NUMBER_DIGITS - 2)):0{NUMBER_DIGITS - 2}d}"
    return body + check_digit(body)


def is_card_number(text: str) -> bool:
    return len(text) == NUMBER_DIGITS and text.isascii() and text.isdigit() and check_digit(text[:-1]) == text[-1]


def _mac(program_id: str, key_id: str, signed: str) -> str:
    digest = hmac.digest(derive(key_id, "card code", program_id), signed.encode(), hashlib.sha256)
    return f"{int.from_bytes(digest[:6]):0{MAC_DIGITS}d}"
