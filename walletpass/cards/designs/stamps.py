"""A stamp card's strip: n of m stamps drawn on the design's own background.

Wallets know no stamps, so every state is a picture: composed once, kept, and quantised so that the card's flat colour meets
the strip without a seam.
"""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from typing import cast

from PIL import Image

from walletpass.cards.designs.model import SCALES, STAMP_IMAGES, Box, Palette, Stamps

# Part of a drawn state's address: another way of drawing is another picture.
REVISION = 1

# The sides of the 1x stamp and of the hero's scene, in points.
STAMP = 44.0
SCENE_HEIGHT, HERO_HEIGHT = 144, 336
PITCH = 1.3
COLOURS = 64
CANDIDATES = 1000
APART = 110

Colour = tuple[int, int, int]

STAMPED = {f"strip{suffix}.png": (suffix, float(scale)) for suffix, scale in SCALES.items()} | {
    "google_hero.png": ("@3x", HERO_HEIGHT / SCENE_HEIGHT)
}


@lru_cache(maxsize=512)
def stamped(palette: Palette, stamps: Stamps, name: str, count: int) -> bytes:
    """The palette's strip or hero with ``count`` stamps, the last place being the reward, as a palette PNG.

    Equal pictures of equal Pillows are equal bytes. Some 50 ms for a new state.
    """
    suffix, scale = STAMPED[name]
    box = stamps.google_box if name == "google_hero.png" else stamps.box
    kinds = {kind: _open(palette.images[f"{kind}{suffix}.png"]).convert("RGBA") for kind in STAMP_IMAGES}
    strip = _open(palette.images[name]).convert("RGB")
    sized: dict[tuple[str, int], Image.Image] = {}
    for place, (left, top, side) in enumerate(places(stamps.total, box, stamps.rows), start=1):
        key = (_kind(place, count, stamps.total), round(side * scale))
        if key not in sized:
            image = kinds[key[0]]
            sized[key] = image if image.width == key[1] else image.resize((key[1], key[1]), Image.Resampling.LANCZOS)
        strip.paste(sized[key], (round(left * scale), round((top + side) * scale) - key[1]), sized[key])
    return quantised(strip)


def places(total: int, box: Box, rows: int) -> Iterator[tuple[float, float, float]]:
    """Where the stamps stand: left, top and side of each, in the box's points.

    Rows share the box's height; the fuller rows come first. A stamp stands on the bottom of its row, centred in its column;
    few stamps draw together in the middle, many shrink.
    """
    left, top, width, height = box
    rows = min(rows, total)
    columns = -(-total // rows)
    row_height = height / rows
    pitch = min(width / columns, STAMP * PITCH)
    side = min(STAMP, pitch, row_height)
    for row in range(rows):
        count = total // rows + (row < total % rows)
        start = left + (width - count * pitch) / 2
        for column in range(count):
            yield start + (column + 0.5) * pitch - side / 2, top + (row + 1) * row_height - side, side


def quantised(image: Image.Image) -> bytes:
    """A PNG of at most COLOURS colours. Those chosen are more than 10.4 units apart, which keeps every one of them exact
    through Pillow's palette search (it looks at six bits of a channel)."""
    pixels = image.width * image.height
    counts = cast(list[tuple[int, Colour]], image.getcolors(pixels))
    counted = sorted(counts, reverse=True)[:CANDIDATES]
    chosen: list[Colour] = []
    for apart in (900, 400, APART):
        for count, colour in counted:
            needed = APART if count * 1500 > pixels else apart
            if len(chosen) < COLOURS and all(_distance(colour, other) >= needed for other in chosen):
                chosen.append(colour)
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for colour in chosen for channel in colour])
    out = BytesIO()
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _kind(place: int, count: int, total: int) -> str:
    if place == total:
        return "stamp_reward_on" if place <= count else "stamp_reward"
    return "stamp_on" if place <= count else "stamp_off"


def _open(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data), formats=["PNG"])


def _distance(one: Colour, other: Colour) -> int:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2
