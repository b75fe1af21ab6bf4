"""The pictures: which, whether they are PNGs, and how large."""

import struct
import zlib

import pytest

from tests.apple.inspected import ICONS, Maker, pictures, png, rules
from walletpass.apple.inspection import images, picture

STRIPS = pictures("strip", 375, 144)
LOGOS = pictures("logo", 160, 50)
WITHOUT_ICONS = dict.fromkeys(ICONS, ...)


@pytest.fixture
def maker(tmp_path, chain):
    return Maker(tmp_path, chain)


def chunk(kind, data):
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def claiming(width, height, more=b""):
    """A PNG that says it is this large, and has next to no picture data."""
    header = struct.pack(">LL5B", width, height, 8, 2, 0, 0, 0)
    return picture.SIGNATURE + chunk(b"IHDR", header) + more + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


CASES = [
    ("icon-missing", WITHOUT_ICONS),
    ("image-scale-missing", {"icon@3x.png": ...}),
    ("image-scale-missing", {"icon.png": ...}),
    ("image-not-png", {"icon.png": png(38, 38, "RGB", format="JPEG")}),
    ("image-not-png", {"icon.png": b""}),
    ("image-too-many-pixels", {"icon.png": claiming(8000, 8000)}),
    ("image-damaged", {"icon.png": claiming(38, 38)}),
    ("image-damaged", {"icon.png": png(38, 38)[:-30]}),
    ("image-damaged", {"icon.png": png(38, 38)[:50] + b"?" + png(38, 38)[51:]}),
    ("image-size", {"icon.png": png(76, 76)}),
    ("image-shape", {"icon.png": png(40, 38)}),
    ("image-shape", {**STRIPS, "strip.png": png(375, 123)}),
    ("image-size", {**STRIPS, "strip@2x.png": png(375, 144)}),
    ("image-size", {**LOGOS, "logo.png": png(200, 50)}),
    ("image-not-for-style", {"thumbnail.png": png(90, 90)}),
    ("image-unknown", {"google_hero.png": png(10, 10)}),
    ("image-unknown", {"Logo.png": png(160, 50)}),
    ("image-unknown", {"logo.jpg": png(160, 50, "RGB", format="JPEG")}),
    ("image-hidden", {**LOGOS, **{f"{place}.lproj/{name}": data for place in ("en", "uk") for name, data in LOGOS.items()}}),
    ("localised-images-differ", {f"en.lproj/{name}": data for name, data in LOGOS.items()}),
]


@pytest.mark.parametrize(("rule", "files"), CASES)
def test_a_picture_wallet_does_not_like_has_a_finding(maker, rule, files):
    assert set(maker.found(maker.make(**files))) == {rule}


def test_pictures_of_the_right_sizes_are_sound_old_icons_and_localised_ones_too(maker):
    localised = {f"{place}.lproj/{name}": data for place in ("en", "uk") for name, data in LOGOS.items()}
    assert maker.found(maker.make(**STRIPS, **localised)) == []
    assert maker.found(maker.make(**pictures("icon", 29, 29), **pictures("logo", 60, 50))) == []


def test_each_style_has_its_own_pictures(maker):
    thumbnails = pictures("thumbnail", 90, 90)
    assert maker.found(maker.make(maker.content("generic"), **thumbnails, **LOGOS)) == []
    assert set(maker.found(maker.make(maker.content("generic"), **STRIPS))) == {"image-not-for-style"}
    event = maker.content("eventTicket")
    assert maker.found(maker.make(event, **pictures("strip", 375, 98))) == []
    assert maker.found(maker.make(event, **pictures("background", 180, 220), **thumbnails)) == []
    poster = maker.content(posterGeneric={"headerFields": [{"key": "a", "value": 1}]})
    assert maker.found(maker.make(poster, **pictures("artwork", 358, 448), **pictures("primaryLogo", 126, 30))) == []


def test_an_icon_in_capital_letters_is_told(maker):
    report = maker.inspect(maker.make(**WITHOUT_ICONS, **{"Icon.png": ICONS["icon.png"]}))
    assert rules(report) == ["icon-missing", "image-unknown"]
    assert "'Icon.png' is not it" in report.findings[0].sentence


def test_a_jpeg_in_cmyk_is_called_so(maker):
    report = maker.inspect(maker.make(**{"icon.png": png(38, 38, "CMYK", format="JPEG")}))
    assert rules(report) == ["image-not-png"]
    assert "a JPEG in CMYK" in report.findings[0].sentence


def test_interlaced_and_animated_pictures_are_told(maker):
    plain = png(38, 38)
    assert maker.found(maker.make(**{"icon.png": adam7()})) == ["image-interlaced"]
    first = plain.index(b"IDAT") - 4
    animated = plain[:first] + chunk(b"acTL", struct.pack(">LL", 2, 0)) + plain[first:]
    assert maker.found(maker.make(**{"icon.png": animated})) == ["image-animated"]


def adam7():
    """A grey square of 38 pixels in the seven passes of an interlaced PNG."""
    rows = b""
    for x, y, across, down in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        rows += (b"\0" + b"\x7f" * len(range(x, 38, across))) * len(range(y, 38, down))
    header = struct.pack(">LL5B", 38, 38, 8, 0, 0, 0, 1)
    return picture.SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_a_bomb_of_64_megapixels_is_measured_and_not_drawn(maker, monkeypatch):
    monkeypatch.setattr(picture.Image, "open", None)
    report = maker.inspect(maker.make(**{**WITHOUT_ICONS, "icon.png": claiming(8000, 8000)}))
    assert rules(report) == ["image-scale-missing", "image-too-many-pixels"]
    assert "8,000 x 8,000 pixels" in report.findings[1].sentence


def test_a_second_header_does_not_smuggle_a_larger_picture_in(maker):
    larger = chunk(b"IHDR", struct.pack(">LL5B", 30_000, 30_000, 8, 2, 0, 0, 0))
    assert maker.found(maker.make(**{"icon.png": claiming(38, 38, larger)})) == ["image-damaged"]


def test_texts_and_profiles_in_a_png_are_not_unpacked(maker):
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(50_000_000)))
    plain = png(38, 38)
    assert maker.found(maker.make(**{"icon.png": plain[:33] + text + plain[33:]})) == []


def test_pictures_have_a_budget_together(maker, monkeypatch):
    monkeypatch.setattr(images, "MOST_PIXELS_TOGETHER", 2_000)
    assert set(maker.found(maker.make())) == {"images-too-many-pixels"}
