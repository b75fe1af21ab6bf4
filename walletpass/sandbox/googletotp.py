"""A code that changes by itself, worked out on the phone from the key in the card (RFC 6238)."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

VALUE = re.compile(r"\{totp_value_(\d+)\}")


def code(key: bytes, counter: int, digits: int) -> str:
    mac = hmac.digest(key, counter.to_bytes(8, "big"), hashlib.sha1)
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def period(rotating: Mapping[str, Any]) -> int:
    """Milliseconds that a code is shown."""
    return int(rotating["totpDetails"]["periodMillis"])


def message(rotating: Mapping[str, Any], now_ms: int) -> str:
    """What the barcode of a ``rotatingBarcode`` says at a moment."""
    parameters, counter = rotating["totpDetails"]["parameters"], now_ms // period(rotating)

    def value(found: re.Match[str]) -> str:
        one = parameters[int(found[1])]
        return code(bytes.fromhex(one["key"]), counter, int(one["valueLength"]))

    text = VALUE.sub(value, str(rotating["valuePattern"]))
    return text.replace("{totp_timestamp_millis}", str(now_ms)).replace("{totp_timestamp_seconds}", str(now_ms // 1000))
