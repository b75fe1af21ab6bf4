"""One picture, measured before it is drawn.

A PNG may claim any size and carry texts and profiles that unpack to many megabytes. So its chunks are walked here, and Pillow
is handed only those that make the picture, once their number of pixels is known.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 4_000_000
MOST_CHUNKS = 4_096
DRAWN = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
OTHERS = (
    (b"\xff\xd8\xff", "a JPEG"),
    (b"GIF8", "a GIF"),
    (b"RIFF", "a WebP"),
    (b"BM", "a BMP"),
    (b"%PDF", "a PDF"),
    (b"II*\0", "a TIFF"),
    (b"MM\0*", "a TIFF"),
    (b"<", "an SVG or a web page"),
)


@dataclass(frozen=True)
class Picture:
    """``format`` is "PNG", or what the bytes are instead."""

    format: str
    width: int = 0
    height: int = 0
    interlaced: bool = False
    animated: bool = False

    @property
    def pixels(self) -> int:
        return self.width * self.height


def look(data: bytes) -> Picture:
    """What the first bytes say; nothing is drawn."""
    if not data.startswith(SIGNATURE):
        return Picture(_other(data))
    if len(data) < 33 or data[12:16] != b"IHDR":
        return Picture("PNG")
    width, height, _, _, _, _, interlaced = struct.unpack_from(">LL5B", data, 16)
    return Picture("PNG", width, height, bool(interlaced), any(kind == b"acTL" for kind, _ in _chunks(data)))


def fault(data: bytes, seen: Picture) -> str:
    """Why it cannot be drawn, or "". To be asked only when the number of pixels is small."""
    if not seen.pixels:
        return "it has no size"
    chunks = [(kind, whole) for kind, whole in _chunks(data) if kind in DRAWN]
    kinds = [kind for kind, _ in chunks]
    if kinds.count(b"IHDR") != 1 or kinds[-1:] != [b"IEND"] or b"IDAT" not in kinds:
        return "it is cut off or mixed up"
    if any(zlib.crc32(whole[4:-4]) != int.from_bytes(whole[-4:]) for _, whole in chunks):
        return "a checksum in it is wrong"
    try:
        with Image.open(BytesIO(SIGNATURE + b"".join(whole for _, whole in chunks)), formats=("PNG",)) as image:
            image.load()
    except (OSError, SyntaxError, ValueError, LookupError, TypeError, ArithmeticError, EOFError, struct.error, zlib.error):
        return "its picture data is broken"
    return ""


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, the whole chunk) of each chunk that is there completely, as far as a picture has so many."""
    place = len(SIGNATURE)
    for _ in range(MOST_CHUNKS):
        if place + 12 > len(data):
            return
        end = place + 12 + int.from_bytes(data[place : place + 4])
        if end > len(data):
            return
        kind = data[place + 4 : place + 8]
        yield kind, data[place:end]
        if kind == b"IEND":
            return
        place = end


def _other(data: bytes) -> str:
    if not data:
        return "empty"
    if data[4:12] in (b"ftypheic", b"ftypavif", b"ftypmif1"):
        return "a HEIC or AVIF"
    if b"Adobe" in data[:4096] and data.startswith(b"\xff\xd8\xff") and _components(data) == 4:
        return "a JPEG in CMYK"
    return next((what for magic, what in OTHERS if data.startswith(magic)), "something else")


def _components(jpeg: bytes) -> int:
    """Colours per pixel, from the start-of-frame marker; 0 when there is none near."""
    for marker in (b"\xff\xc0", b"\xff\xc1", b"\xff\xc2"):
        place = jpeg.find(marker, 0, 65_536)
        if 0 <= place < len(jpeg) - 10:
            return jpeg[place + 9]
    return 0
