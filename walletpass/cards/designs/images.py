"""Looking at a PNG before anybody decodes it.

The header says how large a picture will be, so a bomb of a few kilobytes is refused for a few bytes read; only what has the
right size is decoded at all, by Pillow's PNG reader alone.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import NamedTuple

from PIL import Image

from walletpass.cards.designs.model import SCALES, STAMP_IMAGES, STYLES

PNG = b"\x89PNG\r\n\x1a\n"
MOST_BYTES = 1024 * 1024
MOST_PIXELS = 2048 * 2048
_PROFILE_HEAD = 128


class Size(NamedTuple):
    """Least and most pixels each way; the width is at least ``ratio`` times the height, and ``square`` exactly as much."""

    width: tuple[int, int]
    height: tuple[int, int]
    ratio: float = 0
    square: bool = False

    def fits(self, width: int, height: int) -> bool:
        within = self.width[0] <= width <= self.width[1] and self.height[0] <= height <= self.height[1]
        return within and width >= self.ratio * height and (width == height or not self.square)

    def said(self) -> str:
        return f"{_range(self.width)} x {_range(self.height)}{', and be square' if self.square else ''}"


# Points of the 1x image. Apple: Human Interface Guidelines, Wallet; Google: brand guidelines.
POINTS: Mapping[str, Size] = {
    "icon": Size((38, 38), (38, 38)),
    "logo": Size((50, 160), (50, 50)),
    "strip": Size((375, 375), (144, 144)),
    "thumbnail": Size((60, 90), (90, 90)),
    **dict.fromkeys(STAMP_IMAGES, Size((44, 44), (44, 44))),
}
GOOGLE: dict[str, Size] = {
    "google_logo.png": Size((660, 2048), (660, 2048), square=True),
    "google_hero.png": Size((1032, 2064), (336, 688), ratio=3),
}


def sizes(style: str, *, stamps: bool, ticket: bool) -> dict[str, Size]:
    """The images a palette needs, by file name."""
    names = [*STYLES[style], *(["thumbnail"] if ticket and style != "generic" else []), *(STAMP_IMAGES if stamps else ())]
    apple = {
        f"{name}{suffix}.png": Size(_times(POINTS[name].width, scale), _times(POINTS[name].height, scale))
        for name in names
        for suffix, scale in SCALES.items()
    }
    # Stamps stand where the scene of this hero has room for them.
    return apple | GOOGLE | ({"google_hero.png": Size((1032, 1032), (336, 336))} if stamps else {})


def faults(data: bytes, wanted: Size) -> Iterator[str]:
    """What is wrong with an image, as the ends of sentences that begin with its name; at most one."""
    if len(data) > MOST_BYTES:
        yield f"has {len(data):,} bytes; an image of a card has at most {MOST_BYTES:,}."
    elif not data.startswith(PNG):
        yield _other_kind(data)
    else:
        yield from _png_faults(data, wanted)


def _png_faults(data: bytes, wanted: Size) -> Iterator[str]:
    try:
        chunks = list(_chunks(data))
    except (struct.error, ValueError):
        yield "is damaged: its parts do not add up. Export it again."
        return
    kinds = [kind for kind, _ in chunks]
    if kinds[:1] != [b"IHDR"] or len(chunks[0][1]) != 13:
        yield "is damaged: it does not begin with its size. Export it again."
        return
    width, height, *_, interlaced = struct.unpack(">LLBBBBB", chunks[0][1])
    end = len(PNG) + sum(12 + len(body) for _, body in chunks)
    if width * height > MOST_PIXELS:
        yield f"has {width:,} x {height:,} pixels; nothing larger than {MOST_PIXELS:,} pixels is opened."
    elif kinds[-1] != b"IEND":
        yield "is cut off: its end is missing. Export it again."
    elif len(data) > end:
        yield f"has {len(data) - end:,} bytes after the end of the picture: something else is hidden in it. Export it again."
    elif b"acTL" in kinds:
        yield "is animated; Wallet shows pictures that stand still."
    elif interlaced:
        yield "is interlaced; export it without."
    elif any(kind == b"iCCP" and _cmyk(body) for kind, body in chunks):
        yield "has CMYK colours, which are for print; export it in RGB."
    elif not wanted.fits(width, height):
        yield f"has {width} x {height} pixels; it must have {wanted.said()}."
    elif not _decodes(data):
        yield "is damaged: its pixels cannot be read. Export it again."


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, content) up to the end of the picture. Raises ValueError or struct.error for what is none."""
    place = len(PNG)
    while place < len(data):
        length, kind = struct.unpack_from(">L4s", data, place)
        body = data[place + 8 : place + 8 + length]
        (crc,) = struct.unpack_from(">L", data, place + 8 + length)
        if zlib.crc32(kind + body) != crc:
            raise ValueError(kind)
        yield kind, body
        place += 12 + length
        if kind == b"IEND":
            return


def _cmyk(profile: bytes) -> bool:
    _, _, packed = profile.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(packed[1:], _PROFILE_HEAD)[16:20] == b"CMYK"
    except zlib.error:
        return False


def _decodes(data: bytes) -> bool:
    try:
        with Image.open(BytesIO(data), formats=["PNG"]) as image:
            image.load()
    except (OSError, ValueError, SyntaxError, zlib.error, struct.error, Image.DecompressionBombError):
        return False
    return True


def _other_kind(data: bytes) -> str:
    if not data.strip():
        return "is empty."
    if data.startswith(b"\xff\xd8\xff"):
        return "is a CMYK JPEG, made for print; export it as RGB PNG." if _jpeg_colours(data) == 4 else "is a JPEG; export it as PNG."
    for mark, kind in (
        (b"GIF8", "a GIF"),
        (b"RIFF", "a WebP"),
        (b"II*\0", "a TIFF"),
        (b"MM\0*", "a TIFF"),
        (b"BM", "a BMP"),
        (b"%PDF", "a PDF"),
    ):
        if data.startswith(mark):
            return f"is {kind}; export it as PNG."
    if b"<svg" in data[:4096].lower():
        return "is an SVG drawing; render it as PNG."
    return "is not a PNG picture, whatever its name says."


def _jpeg_colours(data: bytes) -> int:
    """The number of colours from a JPEG's frame header; 0 without one."""
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        if data[place + 1] in (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)):
            return data[place + 9]
        place += 2 + int.from_bytes(data[place + 2 : place + 4])
    return 0


def _times(edge: tuple[int, int], scale: int) -> tuple[int, int]:
    return edge[0] * scale, edge[1] * scale


def _range(edge: tuple[int, int]) -> str:
    return f"{edge[0]}" if edge[0] == edge[1] else f"{edge[0]} to {edge[1]}"
