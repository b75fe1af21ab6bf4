"""A zip's directory, read without trusting it (PKWARE APPNOTE 4.3).

Everything is measured before anything is unpacked: the number of lines, the sizes, whether members overlap. What is wrong with
the archive as a whole ends the inspection, since nothing after it would mean anything.
"""

import struct
import zlib
from collections.abc import Generator
from dataclasses import dataclass

from walletpass.apple.inspection.findings import Finding, advice, refused, said

MOST_ENTRIES = 1_000
_END = struct.Struct("<4s4H2LH")
_LINE = struct.Struct("<4s6H3L5H2L")
_HEADER = struct.Struct("<4s5H3L2H")
END, LINE, HEADER = b"PK\5\6", b"PK\1\2", b"PK\3\4"
STORED, DEFLATED = 0, 8
ENCRYPTED, UTF_8 = 0x1, 0x800
FULL = 0xFFFFFFFF

LOOKS_LIKE = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"-----BEGIN", "a certificate or key in PEM form"),
    (b"0\x82", "a certificate, a .p12 or a signature"),
    (b"HTTP/", "the headers of a web server"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"#!", "a script"),
)


@dataclass(frozen=True)
class Entry:
    """A line of the directory that agrees with the member's own header. ``start`` is where its packed bytes begin."""

    name: str
    readable: bool
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    mode: int
    header: int
    start: int

    @property
    def end(self) -> int:
        return self.start + self.packed


class Damaged(Exception):
    """A member that does not unpack to what the directory says."""


def read_directory(data: bytes) -> Generator[Finding, None, list[Entry]]:
    """The entries in the order of the directory; none after a finding about the whole file."""
    end = data.rfind(END, max(0, len(data) - _END.size - 0xFFFF))
    if end < 0 or end + _END.size > len(data):
        yield _no_zip(data)
        return []
    _, disk, first_disk, here, count, size, offset, comment = _END.unpack_from(data, end)
    if FULL in (size, offset):
        yield refused("zip-64", "The archive is in the zip64 form, which is for more than 4 GB. Write an ordinary zip.")
        return []
    if count > MOST_ENTRIES:
        yield _too_many(f"{count:,}")
        return []
    shift = end - size - offset
    if disk or first_disk or here != count or shift < 0:
        yield refused("zip-damaged", "The zip's directory is not where it should be: the file was cut or is a part. Send the whole file.")
        return []
    try:
        entries = _lines(data, end - size, end, shift)
    except _TooMany:
        yield _too_many(f"more than {MOST_ENTRIES:,}")
        return []
    except (Damaged, struct.error) as error:
        yield refused("zip-damaged", f"The zip is damaged: {error}. Pack the pass again, and send it as it is (binary).")
        return []
    if len(entries) != count:
        yield refused("zip-damaged", f"The zip says it has {count:,} files and lists {len(entries):,}. Pack the pass again.")
        return []
    if overlap := _overlap(entries):
        yield refused("zip-overlap", f"{said(overlap)} lies inside another file of the zip, as in a zip bomb. Pack the pass again.")
        return []
    yield from _around(data, entries, end + _END.size + comment)
    return entries


def unpacked(data: bytes, entry: Entry) -> bytes:
    """The member's bytes; never more than the directory promises. Raises Damaged with the reason."""
    packed = data[entry.start : entry.end]
    if entry.method == DEFLATED:
        inflater = zlib.decompressobj(-15)
        try:
            packed = inflater.decompress(packed, entry.size + 1)
        except zlib.error as error:
            raise Damaged("its compressed bytes cannot be read") from error
    if len(packed) != entry.size:
        raise Damaged(f"it should have {entry.size:,} bytes and has {'more' if len(packed) > entry.size else f'{len(packed):,}'}")
    if zlib.crc32(packed) != entry.crc:
        raise Damaged("its checksum is another one")
    return packed


class _TooMany(Exception):
    pass


def _too_many(count: str) -> Finding:
    return refused("zip-too-many-entries", f"The archive has {count} files; a pass has a few dozen. Pack only what the pass shows.")


def _lines(data: bytes, position: int, end: int, shift: int) -> list[Entry]:
    entries: list[Entry] = []
    while position < end:
        if len(entries) >= MOST_ENTRIES:
            raise _TooMany
        signature, _, _, flags, method, _, _, crc, packed, size, named, extra, comment, _, _, attributes, offset = _LINE.unpack_from(
            data, position
        )
        if signature != LINE:
            raise Damaged("its directory cannot be read")
        raw = data[position + _LINE.size : position + _LINE.size + named]
        name, readable = _name(raw, flags)
        if FULL in (packed, size, offset):
            raise Damaged(f"{said(name)} is in the zip64 form, which is for more than 4 GB")
        start = _start(data, offset + shift, raw, method, name)
        if start + packed > end:
            raise Damaged(f"{said(name)} is longer than the file")
        entries.append(Entry(name, readable, flags, method, crc, packed, size, attributes >> 16, offset + shift, start))
        position += _LINE.size + named + extra + comment
    return entries


def _start(data: bytes, place: int, raw: bytes, method: int, name: str) -> int:
    """Some readers believe the directory, others the header before the member; both must say the same."""
    signature, _, _, said_method, _, _, _, _, _, named, extra = _HEADER.unpack_from(data, place)
    if signature != HEADER:
        raise Damaged(f"{said(name)} is not where the directory says")
    start: int = place + _HEADER.size
    if data[start : start + named] != raw or said_method != method:
        raise Damaged(f"{said(name)} has another name or form in its own header than in the directory")
    return start + int(named) + int(extra)


def _name(raw: bytes, flags: int) -> tuple[str, bool]:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        name = raw.decode("cp437")
        return name, not flags & UTF_8 and name.isprintable() and bool(name)
    return name, bool(name) and name.isprintable()


def _overlap(entries: list[Entry]) -> str:
    furthest = 0
    for entry in sorted(entries, key=lambda one: one.header):
        if entry.header < furthest:
            return entry.name
        furthest = entry.end
    return ""


def _around(data: bytes, entries: list[Entry], end: int) -> Generator[Finding, None, None]:
    first = min((entry.header for entry in entries), default=0)
    if first or not data.startswith((HEADER, END)):
        what = _looks_like(data) or "something else"
        yield refused(
            "zip-bytes-before",
            f"The file begins with {what} before the zip ({first:,} bytes). Send nothing before the pass: no blank line, no warning.",
        )
    if end != len(data):
        yield advice(
            "zip-bytes-after", f"After the zip follow {abs(len(data) - end):,} bytes that are none of it. Send nothing after the pass."
        )


def _no_zip(data: bytes) -> Finding:
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not data:
        return refused("file-empty", "The file is empty: the download broke off, or the server sent nothing. Fetch it again.")
    if head.startswith(b"<"):
        return refused(
            "file-is-web-page", "This is a web page or an XML error, not a pass: the link led to a login or a fault. Open it in a browser."
        )
    if head.startswith((b"{", b"[")):
        return refused("file-is-json", "This is JSON, not a pass: an error message of the server, or pass.json alone. Read what it says.")
    if data.startswith(b"\x1f\x8b"):
        return refused(
            "file-is-gzip", "The file is packed with gzip. A pass is sent as it is: turn off compression for it in the server or proxy."
        )
    if head.startswith(b"UEsDB"):
        return refused("file-is-base64", "The pass is written as base64 text. Decode it before sending.")
    if data.startswith(HEADER):
        return refused(
            "zip-cut-off", "The zip ends before its directory: the file was cut off on its way. Fetch it again, and check Content-Length."
        )
    what = _looks_like(data)
    return refused("file-not-zip", f"The file is no zip archive, so it cannot be a pass{f'; it looks like {what}' if what else ''}.")


def _looks_like(data: bytes) -> str:
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if data.startswith(HEADER):
        return "another zip"
    if head.startswith(b"<"):
        return "a web page or the warning of a program"
    if data[:512] != head and head.startswith(HEADER):
        return "blanks or a byte order mark"
    return next((what for magic, what in LOOKS_LIKE if data.startswith(magic)), "")
