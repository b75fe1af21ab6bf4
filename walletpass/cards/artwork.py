"""Where a design's images stand on the web."""

import hashlib
from functools import lru_cache
from pathlib import Path

from walletpass import config
from walletpass.cards.designs import Palette, load_design
from walletpass.errors import NotFound


def artwork_path(palette: Palette, filename: str) -> str:
    """``/artwork/<hash16>/<filename>``: other bytes stand at another address, so caches may keep an image for ever.

    Raises KeyError for an image that the palette does not have.
    """
    return f"/artwork/{_hash16(palette.images[filename])}/{filename}"


def artwork(digest: str, filename: str) -> bytes:
    """The image at that address. Raises NotFound."""
    image = _gallery(config.current().designs_dir).get((digest, filename))
    if image is None:
        raise NotFound("There is no image at this address.")
    return image


@lru_cache(maxsize=2)
def _gallery(designs_dir: str) -> dict[tuple[str, str], bytes]:
    designs = [load_design(folder.parent.name) for folder in Path(designs_dir).glob("*/design.toml")]
    images = [image for design in designs for palette in design.palettes.values() for image in palette.images.items()]
    return {(_hash16(content), name): content for name, content in images}


@lru_cache(maxsize=512)
def _hash16(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
