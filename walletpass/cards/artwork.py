"""Where a design's images stand on the web.

An address holds a hash of what is drawn there, so caches and Google may keep an image for ever, and any server of the house
can answer for it: nothing about addresses is stored. Of a design that is edited the old images stay until the server starts
again; Google has copies of its own by then.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from walletpass import config
from walletpass.cards.designs import Design, Palette, design_names, load_design, stamped
from walletpass.cards.designs.reading import SHIPPED, former_designs, look_again
from walletpass.cards.designs.stamps import REVISION, STAMPED
from walletpass.errors import ConfigurationError, NotFound

HASH16 = re.compile(r"[0-9a-f]{16}")
STAMPED_NAME = re.compile(r"([a-z0-9_-]+)\.([a-z0-9_-]+)\.(strip(?:@[23]x)?|google_hero)\.stamps-(\d{1,2})-of-(\d{1,2})\.png")


def artwork_path(palette: Palette, filename: str) -> str:
    """``/artwork/<hash16>/<filename>``: other bytes stand at another address.

    Raises KeyError for an image that the palette does not have.
    """
    return f"/artwork/{_hash16(palette.images[filename])}/{filename}"


def stamped_path(design: Design, palette: Palette, filename: str, count: int) -> str:
    """The address of the strip or hero with ``count`` stamps; the plain image's for a design without stamps."""
    if design.stamps is None:
        return artwork_path(palette, filename)
    name = f"{design.slug}.{palette.name}.{filename.removesuffix('.png')}.stamps-{count}-of-{design.stamps.total}.png"
    return f"/artwork/{_stamps16(design, palette, filename)}/{name}"


def artwork(digest: str, filename: str) -> bytes:
    """The image at that address. Raises NotFound.

    Whoever was given an address by another server may come before we have seen the new design, and long after the old one.
    """
    image = find_artwork(_designs(load_design), digest, filename)
    if image is None and HASH16.fullmatch(digest):
        image = find_artwork(_designs(look_again), digest, filename) or find_artwork(iter(former_designs()), digest, filename)
    if image is None:
        raise NotFound("There is no image at this address.")
    return image


def find_artwork(designs: Iterator[Design], digest: str, filename: str) -> bytes | None:
    match = STAMPED_NAME.fullmatch(filename)
    for design in designs:
        for palette in design.palettes.values():
            image = None
            if match is None:
                found = palette.images.get(filename)
                image = found if found is not None and _hash16(found) == digest else None
            elif (design.slug, palette.name) == match.group(1, 2):
                image = _drawn(design, palette, digest, f"{match[3]}.png", int(match[4]), int(match[5]))
            if image is not None:
                return image
    return None


def _drawn(design: Design, palette: Palette, digest: str, image: str, count: int, total: int) -> bytes | None:
    stamps = design.stamps
    if stamps is None or stamps.total != total or count > total or _stamps16(design, palette, image) != digest:
        return None
    return stamped(palette, stamps, image, count)


def _designs(load: Callable[[str], Design]) -> Iterator[Design]:
    for name in design_names(Path(config.current().designs_dir), SHIPPED):
        try:
            yield load(name)
        except ConfigurationError:
            # One that nobody can wear yet; its fault is told where it is looked for.
            continue


def _hash16(content: bytes) -> str:
    return _digest(content).hex()[:16]


def _stamps16(design: Design, palette: Palette, image: str) -> str:
    """Of all that the picture is drawn from, so that an address is known before anything is drawn."""
    suffix = STAMPED[image][0]
    parts = [
        palette.images[name]
        for name in (image, *(name for name in sorted(palette.images) if name.endswith(f"{suffix}.png") and name.startswith("stamp_")))
    ]
    said = repr((REVISION, design.stamps)).encode()
    return hashlib.sha256(said + b"".join(map(_digest, parts))).hexdigest()[:16]


@lru_cache(maxsize=512)
def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
