"""Redraw the PNG images of designs from their SVG sources; run by hand after a source changes.

`python render.py coffee club` reads <design>/artwork/<palette>/*.svg and writes <design>/images/<palette>/*.png; without names, all
designs. It needs Playwright and a Chromium (its own, or the one named by $CHROMIUM). `scene.svg` becomes the strip and Google's hero,
`mark.svg` the logo, `badge.svg` the icon and Google's logo, `thumbnail.svg` the picture of the coat ticket, every `stamp_*.svg` a
stamp. The same Chromium always writes the same bytes.
"""

import os
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
APPLE_BUDGET = 40 * 1024
SCENE_HEIGHT = 144.0
SCALES = ((1, ""), (2, "@2x"), (3, "@3x"))

Colour = tuple[int, int, int, int]


class Picture(NamedTuple):
    """One PNG: which source, which part of it (x, y, width, height in its units), how many pixels and how many colours."""

    name: str
    source: str
    view: tuple[float, float, float, float]
    size: tuple[int, int]
    colours: int


def pictures(artwork: Path) -> Iterator[Picture]:
    """Every image of a palette; the hero shows 1032/336 of the scene's height, the strip its middle 375 units."""
    for scale, suffix in SCALES:
        yield Picture(f"icon{suffix}", "badge", (11, 11, 78, 78), (38 * scale, 38 * scale), 24)
        yield Picture(f"logo{suffix}", "mark", (0, 0, 50, 50), (50 * scale, 50 * scale), 12)
        yield Picture(f"strip{suffix}", "scene", (0, 0, 375, SCENE_HEIGHT), (375 * scale, 144 * scale), 27)
        yield Picture(f"thumbnail{suffix}", "thumbnail", (0, 0, 90, 90), (90 * scale, 90 * scale), 20)
        for source in sorted(artwork.glob("stamp_*.svg")):
            yield Picture(f"{source.stem}{suffix}", source.stem, (0, 0, 44, 44), (44 * scale, 44 * scale), 24)
    hero_width = SCENE_HEIGHT * 1032 / 336
    yield Picture("google_logo", "badge", (0, 0, 100, 100), (660, 660), 48)
    yield Picture("google_hero", "scene", ((375 - hero_width) / 2, 0, hero_width, SCENE_HEIGHT), (1032, 336), 64)


def render(browser: Browser, artwork: Path, picture: Picture) -> Image.Image:
    """The picture as Chromium draws it, in full colour with transparency."""
    svg = (artwork / f"{picture.source}.svg").read_text(encoding="utf-8")
    width, height = picture.size
    view = " ".join(f"{number:g}" for number in picture.view)
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" style="display:block" width="{width}" height="{height}" viewBox="{view}">{svg}</svg>'
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_content(f'<body style="margin:0;background:transparent">{frame}</body>')
    shot = page.screenshot(omit_background=True)
    page.close()
    return Image.open(BytesIO(shot)).convert("RGBA")


def distance(one: Colour, other: Colour) -> int:
    """How different two colours look on the card: hue counts only as far as both are opaque."""
    alpha = min(one[3], other[3])
    return sum((a - b) ** 2 for a, b in zip(one[:3], other[:3], strict=True)) * alpha // 255 + 2 * (one[3] - other[3]) ** 2


def choose(counts: dict[Colour, int], limit: int) -> list[Colour]:
    """Every flat area's colour exactly as drawn (the card's background must meet it without a seam), then the commonest blends of the
    edges, each at a fair distance from those already chosen; the distance shrinks until the palette is full."""
    ranked = sorted(counts, key=lambda colour: (-counts[colour], colour))
    flat = sum(counts.values()) // 1500
    chosen = [colour for colour in ranked if counts[colour] > flat][:limit]
    for apart in (2500, 1600, 900, 400, 200, 100):
        for colour in ranked:
            if len(chosen) == limit:
                return chosen
            if all(distance(colour, other) >= apart for other in chosen):
                chosen.append(colour)
    return chosen


def quantised(image: Image.Image, limit: int) -> bytes:
    """A PNG with at most `limit` colours and no dithering."""
    pixels = list(zip(*[iter(image.tobytes())] * 4, strict=True))
    counts: dict[Colour, int] = {}
    for pixel in pixels:
        counts[pixel] = counts.get(pixel, 0) + 1
    chosen = sorted(choose(counts, limit), key=lambda colour: (colour[3], colour))
    index = {colour: min(range(len(chosen)), key=lambda i: distance(colour, chosen[i])) for colour in counts}
    flat = Image.frombytes("P", image.size, bytes(index[pixel] for pixel in pixels))
    flat.putpalette([channel for colour in chosen for channel in colour[:3]])
    alphas = bytes(colour[3] for colour in chosen).rstrip(b"\xff")
    out = BytesIO()
    flat.save(out, "PNG", optimize=True, **({"transparency": alphas} if alphas else {}))
    return out.getvalue()


def draw(browser: Browser, artwork: Path, target: Path) -> int:
    """Write every image of one palette; the bytes of those that travel in a card's pass."""
    target.mkdir(parents=True, exist_ok=True)
    apple = 0
    for picture in pictures(artwork):
        data = quantised(render(browser, artwork, picture), picture.colours)
        (target / f"{picture.name}.png").write_bytes(data)
        apple += len(data) if picture.name.startswith(("icon", "logo", "strip")) else 0
    return apple


def main(designs: list[str]) -> None:
    """Redraw the named designs and say what their images weigh."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM"), args=["--no-sandbox"])
        for design in designs:
            for artwork in sorted(path for path in (HERE / design / "artwork").iterdir() if path.is_dir()):
                apple = draw(browser, artwork, HERE / design / "images" / artwork.name)
                print(f"{design}/{artwork.name}: Apple's images weigh {apple} bytes")
                if apple > APPLE_BUDGET:
                    raise SystemExit(f"That is more than {APPLE_BUDGET}.")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:] or sorted(path.parent.name for path in HERE.glob("*/artwork")))
