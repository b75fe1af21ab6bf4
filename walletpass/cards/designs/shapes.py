"""The shape of every table in a design.toml: what it may hold, and the words for what it may not."""

import re
import reprlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from walletpass.cards.designs.model import BARCODES, CARD_VALUES, CONTACT_VALUES, SLOTS, STYLES

COLOUR = re.compile(r"rgb\((\d{1,3}), ?(\d{1,3}), ?(\d{1,3})\)")
STRING_KEY = re.compile(r"[a-z]+(_[a-z0-9]+)+")
SLUG = re.compile(r"[a-z][a-z0-9_-]{0,39}")
STRIP, HERO = (375.0, 144.0), (144.0 * 1032 / 336, 144.0)

_shorter = reprlib.Repr()
_shorter.maxstring = 80


class Kind(NamedTuple):
    said: str
    fits: Callable[[Any], object]


class Entry(NamedTuple):
    kind: Kind
    required: bool = True


Shape = Mapping[str, Entry]


def pattern(said: str, regex: str | re.Pattern[str]) -> Kind:
    return Kind(said, lambda value: isinstance(value, str) and re.fullmatch(regex, value))


def choice(names: tuple[str, ...]) -> Kind:
    return Kind(f"one of {', '.join(names)}", lambda value: isinstance(value, str) and value in names)


def whole(least: int, most: int) -> Kind:
    return Kind(f"a whole number from {least} to {most:,}", lambda value: type(value) is int and least <= value <= most)


def number(least: float, most: float) -> Kind:
    return Kind(f"a number from {least:g} to {most:g}", lambda value: _is_number(value) and least <= value <= most)


def box(size: tuple[float, float]) -> Kind:
    return Kind(f"[left, top, width, height] inside {size[0]:.1f} x {size[1]:g}", lambda value: _inside(value, size))


def take(row: Any, shape: Shape, where: str, faults: list[str]) -> dict[str, Any] | None:
    """The row, when it has the shape; else None, and each thing wrong with it as a sentence in ``faults``."""
    if not isinstance(row, dict):
        faults.append(f"{where} must be a table, not {said(row)}.")
        return None
    before = len(faults)
    faults += [f"{where} has {name!r}, which is not known there; it takes {', '.join(shape)}." for name in sorted(set(row) - set(shape))]
    for name, entry in shape.items():
        if name not in row:
            if entry.required:
                faults.append(f"{where} lacks {name}.")
        elif not entry.kind.fits(row[name]):
            faults.append(f"{where}: {name} must be {entry.kind.said}, not {said(row[name])}.")
    return dict(row) if len(faults) == before else None


def fitting(row: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """The entries of a row that are what they should be."""
    return {name: row[name] for name, entry in shape.items() if name in row and entry.kind.fits(row[name])}


def said(value: Any) -> str:
    return _shorter.repr(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _inside(value: Any, size: tuple[float, float]) -> bool:
    if not (isinstance(value, list) and len(value) == 4 and all(map(_is_number, value))):
        return False
    left, top, width, height = value
    return bool(left >= 0 and top >= 0 and width > 0 and height > 0 and left + width <= size[0] and top + height <= size[1])


def _is_colour(value: Any) -> bool:
    match = COLOUR.fullmatch(value) if isinstance(value, str) else None
    return bool(match) and max(map(int, match.groups())) <= 255  # type: ignore[union-attr]


def _is_value(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    room, _, rest = value.partition(".")
    return value in CARD_VALUES or (room == "contact" and rest in CONTACT_VALUES) or (room == "text" and bool(STRING_KEY.fullmatch(rest)))


TEXT = Kind("a text that is not empty", lambda value: isinstance(value, str) and value.strip())
COLOUR_KIND = Kind("a colour like rgb(20, 40, 60)", _is_colour)
WEB_COLOUR = pattern("a colour like #14283c", r"#[0-9a-f]{6}")
WORD = pattern("the key of a string, like lbl_points", STRING_KEY)
FIELD_KEY = pattern("a short word of letters, digits, '_', '.' and '-'", r"[A-Za-z0-9_.-]{1,64}")
VALUE = Kind(f"what a card knows ({', '.join(CARD_VALUES)}, contact.{'|'.join(CONTACT_VALUES)}) or text.<string>", _is_value)
UUID = pattern("a UUID like 9d3a0c1e-5b7f-4c2a-8e6d-1f0a2b3c4d5e", r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
URL = pattern(
    "an address like https://example.com/menu, tel:+49301234567 or mailto:us@example.com", r"(tel:|mailto:)\S+|https?://[^\s/?#]\S*"
)
TABLE = Kind("a table", lambda value: isinstance(value, dict))
LIST = Kind("a list of tables", lambda value: isinstance(value, list))

DESIGN: Shape = {
    "name": Entry(TEXT),
    "style": Entry(choice(tuple(STYLES))),
    "barcode": Entry(choice(BARCODES), required=False),
    "palettes": Entry(TABLE),
    "fields": Entry(LIST),
    "stamps": Entry(TABLE, required=False),
    "locations": Entry(LIST, required=False),
    "beacons": Entry(LIST, required=False),
    "links": Entry(LIST, required=False),
    "ticket": Entry(TABLE, required=False),
}
PALETTE: Shape = {
    "background": Entry(COLOUR_KIND),
    "foreground": Entry(COLOUR_KIND),
    "label": Entry(COLOUR_KIND),
    "accent": Entry(WEB_COLOUR),
    "accent_dark": Entry(WEB_COLOUR),
}
FIELD: Shape = {
    "slot": Entry(choice(SLOTS)),
    "key": Entry(FIELD_KEY),
    "value": Entry(VALUE),
    "label": Entry(WORD, required=False),
    "change": Entry(WORD, required=False),
}
STAMPS: Shape = {
    "total": Entry(whole(1, 40)),
    "box": Entry(box(STRIP)),
    "google_box": Entry(box(HERO)),
    "value": Entry(choice(("stamps", "visits", "points")), required=False),
    "rows": Entry(whole(1, 4), required=False),
}
LOCATION: Shape = {
    "latitude": Entry(number(-90, 90)),
    "longitude": Entry(number(-180, 180)),
    "text": Entry(WORD, required=False),
}
BEACON: Shape = {
    "uuid": Entry(UUID),
    "major": Entry(whole(0, 65_535), required=False),
    "minor": Entry(whole(0, 65_535), required=False),
    "text": Entry(WORD, required=False),
}
LINK: Shape = {"label": Entry(WORD), "url": Entry(URL)}
TICKET: Shape = {"barcode": Entry(choice(BARCODES), required=False), "fields": Entry(LIST)}
