import hashlib
import json
from dataclasses import asdict, replace

from walletpass.cards.designs.model import Design
from walletpass.cards.designs.stamps import REVISION


def fingerprint(design: Design, palette: str) -> str:
    """64 hex digits of all that a card in this palette looks like: comments and other palettes do not count."""
    return hashlib.sha256(json.dumps(_said(design, palette), sort_keys=True).encode()).hexdigest()


def _said(design: Design, palette: str) -> dict[str, object]:
    colours = design.palettes[palette]
    images = {name: hashlib.sha256(data).hexdigest() for name, data in colours.images.items()}
    parts = (design.stamps, *design.fields, *design.spots, *design.beacons, *design.links)
    return {
        "drawn": REVISION if design.stamps else 0,
        "face": [design.style, design.barcode],
        "parts": [[type(part).__name__, asdict(part)] for part in parts if part is not None],
        "strings": {language: dict(strings) for language, strings in design.strings.items()},
        "palette": asdict(replace(colours, images={})),
        "images": images,
        "ticket": _said(design.ticket, palette) if design.ticket else None,
    }
