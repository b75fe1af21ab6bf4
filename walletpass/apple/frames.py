"""The bytes of HTTP/2 that pushes need (RFC 9113, and RFC 7541 for header fields).

All requests of a connection differ in three values: path, expiration and apns-id. The others are named once and stand in the
server's table from then on. For what comes back we keep no table (we announce a size of 0), so each answer can be read by itself,
and the common ones begin with a byte that says it all.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

import hpack

DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
NO_ERROR, CANCEL = 0x0, 0x8
HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE = 1, 2, 3, 4

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEAD = struct.Struct(">BHBBL")  # length (24 bits), type, flags, stream
SETTING = struct.Struct(">HL")
LONGEST_FRAME = 16_384
# The size of a table unless its owner says otherwise; and what our few fields take, and more.
TABLE, SMALLEST_TABLE = 4_096, 1_024
FIRST_OWN_INDEX = 62


class Frame(NamedTuple):
    kind: int
    flags: int
    stream: int
    content: bytes


class Broken(ValueError):
    """The other side does not keep to the rules of HTTP/2."""


class Unreadable(Broken):
    """A header block that speaks of a table that we do not keep."""


def frame(kind: int, flags: int, stream: int, content: bytes = b"") -> bytes:
    size = len(content)
    return HEAD.pack(size >> 16, size & 0xFFFF, kind, flags, stream) + content


def settings(**values: int) -> bytes:
    names = {"header_table_size": HEADER_TABLE_SIZE, "enable_push": ENABLE_PUSH}
    return frame(SETTINGS, 0, 0, b"".join(SETTING.pack(names[name], value) for name, value in values.items()))


def read_settings(content: bytes) -> dict[int, int]:
    return dict(SETTING.iter_unpack(content[: len(content) // SETTING.size * SETTING.size]))


def frames(inbox: bytearray) -> Iterator[Frame]:
    """Take the whole frames off the front of ``inbox``. Raises Broken for one that is longer than we allow."""
    offset, size = 0, len(inbox)
    try:
        while size - offset >= HEAD.size:
            high, low, kind, flags, stream = HEAD.unpack_from(inbox, offset)
            end = offset + HEAD.size + (high << 16 | low)
            if (high << 16 | low) > LONGEST_FRAME:
                raise Broken("a frame that is too long")
            if end > size:
                break
            content = bytes(inbox[offset + HEAD.size : end])
            offset = end
            yield Frame(kind, flags, stream & 0x7FFFFFFF, content)
    finally:
        del inbox[:offset]


def unpadded(one: Frame) -> Frame:
    """Without padding and priority. Raises Broken where they leave nothing."""
    if not one.flags & (PADDED | PRIORITY):
        return one
    content, start, end = one.content, 0, len(one.content)
    if one.flags & PADDED:
        start, end = 1, end - (content[0] if content else 0)
    if one.kind == HEADERS and one.flags & PRIORITY:
        start += 5
    if start > end:
        raise Broken("more padding than content")
    return one._replace(content=content[start:end])


class Requests:
    """Header blocks of one connection, each `POST` with an empty JSON object. ``table`` is the size of the server's."""

    def __init__(self, authority: str, topic: str, table: int) -> None:
        self._indexing = table >= SMALLEST_TABLE
        # RFC 7541, 4.2: who is given less says in the first block that it keeps to it.
        self._promise = _integer(table, 5, 0x20) if table < TABLE else b""
        self._fields = (
            (b":authority", authority.encode()),
            (b"apns-topic", topic.encode()),
            (b"apns-push-type", b"background"),
            (b"apns-priority", b"5"),
            (b"content-type", b"application/json"),
        )
        self._settled: tuple[bytes, bytes, bytes, bytes] | None = None

    def block(self, path: str, expiration: int, apns_id: str) -> bytes:
        """Not to be left out once it was asked for: the server counts on having seen each."""
        before, same, expires, identified = self._settled or self._first()
        expiry = str(expiration).encode()
        promise, self._promise = self._promise, b""
        block = b"".join((promise, before, _text(path.encode()), same, expires, _text(expiry), identified, _text(apns_id.encode())))
        if self._indexing and self._settled is None:
            self._settled = self._later()
        return block

    def _first(self) -> tuple[bytes, bytes, bytes, bytes]:
        """Literal fields, which the server adds to its table where it has one."""
        mark = b"\x40" if self._indexing else b"\x00"
        authority, *rest = (mark + _text(name) + _text(value) for name, value in self._fields)
        return _METHOD_AND_SCHEME + authority + _PATH, b"".join(rest), mark + _text(b"apns-expiration"), mark + _text(b"apns-id")

    def _later(self) -> tuple[bytes, bytes, bytes, bytes]:
        """The newest entry of the table has the lowest index. Expiration and apns-id came last and lend their names alone."""
        apns_id, expiration = FIRST_OWN_INDEX, FIRST_OWN_INDEX + 1
        authority, *rest = (bytes((0x80 | FIRST_OWN_INDEX + 2 + place,)) for place in reversed(range(len(self._fields))))
        return _METHOD_AND_SCHEME + authority + _PATH, b"".join(rest), _integer(expiration, 4, 0), _integer(apns_id, 4, 0)


class Answers:
    """Reads the header blocks of answers."""

    def __init__(self, table: int = 0) -> None:
        self._table = table
        self._decoder = hpack.Decoder()
        self._decoder.max_allowed_table_size = self._decoder.header_table_size = table

    def status(self, block: bytes) -> int:
        """0 for trailers, which have none. Raises Unreadable."""
        if not self._table and (known := _STATUS.get(block[:1])):
            return known
        try:
            fields = self._decoder.decode(block, raw=True)
            status = next((int(value) for name, value in fields if name == b":status"), 0)
        except (hpack.HPACKError, ValueError) as error:
            raise Unreadable(f"a header block that cannot be read: {error}") from error
        if status and not 100 <= status <= 999:
            raise Broken(f"a status of {status}")
        return status


def _text(value: bytes) -> bytes:
    size = len(value)
    return (_SHORT[size] if size < 127 else _integer(size, 7, 0)) + value


def _integer(value: int, bits: int, mark: int) -> bytes:
    """RFC 7541, 5.1: a number that begins in the last ``bits`` of a byte."""
    most = (1 << bits) - 1
    if value < most:
        return bytes((mark | value,))
    parts = [mark | most]
    value -= most
    while value >= 128:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes((*parts, value))


# What RFC 7541 gives an index of its own (appendix A). The status comes first, and other fields do not matter to us.
_STATUS = {bytes((0x88 + place,)): status for place, status in enumerate((200, 204, 206, 304, 400, 404, 500))}
_METHOD_AND_SCHEME = b"\x83\x87"  # POST, https
_PATH = b"\x04"  # a literal that no table keeps
_SHORT = tuple(bytes((size,)) for size in range(127))
