"""What is no picture for a card is refused by its kind, and nothing large is ever decoded."""

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from PIL import Image

from tests.cards.design_folder import png, saved, write_design
from walletpass.cards.designs import check_design, images

ICON = images.Size((38, 38), (38, 38))
GOOD = png((38, 38))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_design(tmp_path / "whole")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))


def with_chunk(kind: bytes, body: bytes, data: bytes = GOOD) -> bytes:
    """The picture with one more chunk behind its header."""
    return data[:33] + chunk(kind, body) + data[33:]


def bomb(width: int = 8192, height: int = 8192) -> bytes:
    """64 megapixels in some 8 kilobytes."""
    header = struct.pack(">LLBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return images.PNG + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def profile(space: bytes) -> bytes:
    return b"p\0\0" + zlib.compress(bytes(16) + space + bytes(200))


def interlaced() -> bytes:
    header = struct.pack(">LLBBBBB", 38, 38, 8, 2, 0, 0, 1)
    return images.PNG + chunk(b"IHDR", header) + GOOD[33:]


def truncated_pixels() -> bytes:
    header = struct.pack(">LLBBBBB", 38, 38, 8, 2, 0, 0, 0)
    return images.PNG + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 50)) + chunk(b"IEND", b"")


def picture(kind: str, mode: str = "RGB") -> bytes:
    return saved(Image.new(mode, (38, 38)), kind)


REFUSED = {
    "is a JPEG; export it as PNG.": picture("JPEG"),
    "is a CMYK JPEG, made for print; export it as RGB PNG.": picture("JPEG", "CMYK"),
    "is a TIFF; export it as PNG.": picture("TIFF", "CMYK"),
    "is a GIF; export it as PNG.": picture("GIF", "P"),
    "is a WebP; export it as PNG.": picture("WEBP"),
    "is a BMP; export it as PNG.": picture("BMP"),
    "is a PDF; export it as PNG.": b"%PDF-1.7\n",
    "is an SVG drawing; render it as PNG.": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "is empty.": b"",
    "is not a PNG picture, whatever its name says.": b"MZ this is a program",
    "has 8,192 x 8,192 pixels; nothing larger than 4,194,304 pixels is opened.": bomb(),
    "has 4,294,967,295 x 4,294,967,295 pixels": images.PNG + chunk(b"IHDR", b"\xff" * 8 + bytes([8, 2, 0, 0, 0])) + chunk(b"IEND", b""),
    "has 39 x 38 pixels; it must have 38 x 38.": png((39, 38)),
    "is animated; Wallet shows pictures that stand still.": saved(
        Image.new("RGB", (38, 38)), "PNG", save_all=True, append_images=[Image.new("RGB", (38, 38), "red")]
    ),
    "has 9 bytes after the end of the picture: something else is hidden in it.": GOOD + b"<script/>",
    "has CMYK colours, which are for print; export it in RGB.": with_chunk(b"iCCP", profile(b"CMYK")),
    "is interlaced; export it without.": interlaced(),
    "is damaged: its parts do not add up. Export it again.": GOOD[:40] + b"\xff" + GOOD[41:],
    "is damaged: its parts do not add up.": GOOD[:-6],
    "is cut off: its end is missing. Export it again.": GOOD[:-12],
    "is damaged: it does not begin with its size.": images.PNG + GOOD[33:],
    "is damaged: it does not begin with its size. Export": images.PNG,
    "is damaged: its pixels cannot be read. Export it again.": truncated_pixels(),
    "has 1,048,577 bytes; an image of a card has at most 1,048,576.": GOOD + bytes(1024 * 1024 + 1 - len(GOOD)),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_each_kind_of_wrong_picture_has_its_sentence(folder: Path, sentence: str) -> None:
    (folder / "images" / "plain" / "icon.png").write_bytes(REFUSED[sentence])
    (fault,) = check_design(folder)
    assert fault.startswith(f"images/plain/icon.png {sentence}")


@pytest.mark.parametrize("sentence", ["8,192 x 8,192", "4,294,967,295 x", "after the end", "1,048,577 bytes"])
def test_a_bomb_is_refused_before_anybody_decodes_it(sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images.Image, "open", None)
    data = next(data for said, data in REFUSED.items() if sentence in said)
    assert len(data) < 2 * images.MOST_BYTES
    assert len(list(images.faults(data, ICON))) == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_that_a_wallet_shows_is_taken(mode: str) -> None:
    assert list(images.faults(png((38, 38), 0, mode), ICON)) == []  # type: ignore[arg-type]
    assert list(images.faults(with_chunk(b"iCCP", profile(b"RGB ")), ICON)) == []


@pytest.mark.parametrize(
    ("name", "size", "sentence"),
    [
        ("icon@2x.png", (58, 58), "has 58 x 58 pixels; it must have 76 x 76."),
        ("logo.png", (49, 50), "has 49 x 50 pixels; it must have 50 to 160 x 50."),
        ("logo@3x.png", (483, 150), "it must have 150 to 480 x 150."),
        ("strip@3x.png", (1125, 369), "it must have 1125 x 432."),
        ("thumbnail@2x.png", (182, 180), "it must have 120 to 180 x 180."),
        ("stamp_on.png", (45, 44), "it must have 44 x 44."),
        ("google_logo.png", (659, 659), "it must have 660 to 2048 x 660 to 2048, and be square."),
        ("google_logo.png", (660, 700), "and be square."),
        ("google_logo.png", (700, 660), "and be square."),
        ("google_hero.png", (1200, 336), "it must have 1032 x 336."),
    ],
)
def test_every_image_has_its_size_at_every_scale(folder: Path, name: str, size: tuple[int, int], sentence: str) -> None:
    (folder / "images" / "plain" / name).write_bytes(png(size))
    (fault,) = check_design(folder)
    assert fault.startswith(f"images/plain/{name} has")
    assert fault.endswith(sentence)


def test_an_image_that_lacks_or_is_called_wrong_is_told(folder: Path) -> None:
    plain = folder / "images" / "plain"
    (plain / "logo@2x.png").rename(plain / "logo2x.png")
    (plain / "strip.jpg").write_bytes(b"")
    (plain / ".DS_Store").write_bytes(b"left by a file manager")
    assert set(check_design(folder)) == {
        "images/plain/ lacks logo@2x.png.",
        "images/plain/logo2x.png is no image of a storeCard; take it away, or call it what it is.",
        "images/plain/strip.jpg is no image of a storeCard; take it away, or call it what it is.",
    }


def test_a_generic_pass_has_a_thumbnail_and_no_strip() -> None:
    names = set(images.sizes("generic", stamps=False, ticket=False))
    assert {"thumbnail.png", "thumbnail@3x.png", "icon.png", "logo@2x.png"} < names
    assert "strip.png" not in names


@limits(deadline=None, max_examples=150)
@given(data=st.binary(max_size=300), place=st.integers(0, len(GOOD)), cut=st.integers(0, 40))
def test_any_bytes_are_a_sentence_or_a_picture(data: bytes, place: int, cut: int) -> None:
    for broken in (data, images.PNG + data, GOOD[:place] + data + GOOD[place + cut :]):
        assert len(list(images.faults(broken, ICON))) <= 1
