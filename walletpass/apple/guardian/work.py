"""A look at DER from outside: what a file is, and how much work its password would cost us.

A .p12 names the number of rounds its key derivation takes; two thousand million of them would keep a thread for an hour.
"""

import base64
import re
from collections.abc import Iterator

SEQUENCE, INTEGER, OCTETS, OBJECT, CONSTRUCTED = 0x30, 0x02, 0x04, 0x06, 0x20
MOST_ROUNDS, MOST_OF_SCRYPT, DEEPEST = 2_000_000, 2**24, 24
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")


def is_pkcs12(data: bytes) -> bool:
    """Version 3, then contents: RFC 7292."""
    parts = _inside(data)
    return len(parts) >= 2 and parts[0] == (INTEGER, b"\x03") and parts[1][0] == SEQUENCE


def is_signed_data(data: bytes) -> bool:
    parts = _inside(data)
    return bool(parts) and parts[0] == (OBJECT, SIGNED_DATA)


def is_key(data: bytes) -> bool:
    """PKCS 8, locked or not, and the older forms of RSA and EC keys."""
    parts = _inside(data)
    if len(parts) == 2 and parts[0][0] == SEQUENCE and parts[1][0] == OCTETS:
        return True
    return len(parts) >= 3 and parts[0][0] == INTEGER and parts[0][1] in (b"\x00", b"\x01")


def too_much_in_pem(text: bytes) -> bool:
    body = re.sub(rb"-----[^-]+-----|\s", b"", text)
    try:
        return too_much(base64.b64decode(body, validate=True))
    except ValueError:
        return False


def too_much(data: bytes, depth: int = 0) -> bool:
    """Rounds stand behind a salt: an INTEGER after an OCTET STRING; scrypt has three of them."""
    parts = list(_parts(data))
    numbers: list[int] = []
    salted = False
    for tag, body in parts:
        if tag == INTEGER and salted and len(body) <= 8:
            numbers.append(int.from_bytes(body))
        salted = salted or tag == OCTETS
        if depth < DEEPEST and (tag & CONSTRUCTED or tag == OCTETS) and too_much(body, depth + 1):
            return True
    product = 1
    for number in numbers:
        product *= number
    return any(number > MOST_ROUNDS for number in numbers) or (len(numbers) >= 3 and product > MOST_OF_SCRYPT)


def _inside(data: bytes) -> list[tuple[int, bytes]]:
    """The members of the one SEQUENCE that ``data`` is."""
    whole = next(_parts(data), None)
    return list(_parts(whole[1])) if whole and whole[0] == SEQUENCE else []


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and body of each element, up to the first that is none. BER's endless lengths run to the end."""
    at = 0
    while at + 2 <= len(data):
        tag, size = data[at], data[at + 1]
        at += 2
        if size == 0x80:
            yield tag, data[at:]
            return
        if size > 0x80:
            count = size & 0x7F
            size = int.from_bytes(data[at : at + count])
            at += count
        if tag & 0x1F == 0x1F or at + size > len(data):
            return
        yield tag, data[at : at + size]
        at += size
