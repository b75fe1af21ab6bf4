"""The static half of a card: a folder under `pass_templates/`, read once.

<design>/design.toml            style, barcode, palettes, fields by slot
<design>/strings/<lang>.toml    the same keys in every language
<design>/images/<palette>/      PNGs, Apple's names at 1x 2x 3x and google_*.png
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from walletpass import config
from walletpass.errors import ConfigurationError

LANGUAGES = ("en", "uk", "ru")
SLOTS = ("header", "primary", "secondary", "auxiliary", "back")
COLOUR = re.compile(r"rgb\((\d{1,3}), ?(\d{1,3}), ?(\d{1,3})\)")
WEB_COLOUR = re.compile(r"#[0-9a-f]{6}")
APPLE_IMAGES = tuple(f"{name}{scale}.png" for name in ("icon", "logo", "strip") for scale in ("", "@2x", "@3x"))
GOOGLE_IMAGES = ("google_logo.png", "google_hero.png")


@dataclass(frozen=True)
class FieldSpec:
    """One field: ``value`` names what the card knows (see `CardFace.value`), ``label`` and ``change`` are string keys."""

    slot: str
    key: str
    value: str
    label: str = ""
    change: str = ""


@dataclass(frozen=True, eq=False)
class Palette:
    """Colours as Apple writes them (``rgb(r, g, b)``), accents as the web does (``#rrggbb``), and the images by name."""

    name: str
    background: str
    foreground: str
    label: str
    accent: str
    accent_dark: str
    images: Mapping[str, bytes]


@dataclass(frozen=True, eq=False)
class Design:
    name: str
    style: str
    barcode: str
    palettes: Mapping[str, Palette]
    fields: tuple[FieldSpec, ...]
    strings: Mapping[str, Mapping[str, str]]

    def text(self, key: str, language: str) -> str:
        return self.strings.get(language, self.strings["en"])[key]


def load_design(name: str) -> Design:
    """The design in the operator's folder. Raises ConfigurationError naming the file and the fault."""
    return _load(Path(config.current().designs_dir) / name)


@lru_cache
def _load(folder: Path) -> Design:
    table = _toml(folder / "design.toml")
    design = Design(
        name=table.get("name", folder.name),
        style=table.get("style", ""),
        barcode=table.get("barcode", "QR"),
        palettes={name: _palette(folder, name, colours) for name, colours in table.get("palettes", {}).items()},
        fields=tuple(_field(folder, row) for row in table.get("fields", ())),
        strings={path.stem: _toml(path) for path in sorted((folder / "strings").glob("*.toml"))},
    )
    check_design(design)
    return design


def check_design(design: Design) -> None:
    """Refuse, in a sentence, what a phone would refuse without one."""
    name = design.name
    _must(design.style == "storeCard", f"Design {name}: style {design.style!r} is not known; a loyalty card is a storeCard.")
    _must(design.barcode == "QR", f"Design {name}: barcode {design.barcode!r} is not known.")
    _must(design.palettes, f"Design {name} has no palette.")
    _must("en" in design.strings, f"Design {name} has no strings/en.toml.")
    keys = [field.key for field in design.fields]
    _must(len(keys) == len(set(keys)), f"Design {name}: two fields share a key.")
    row = [field for field in design.fields if field.slot in ("secondary", "auxiliary")]
    _must(len(row) <= 4, f"Design {name}: Wallet shows at most four secondary and auxiliary fields together, this has {len(row)}.")
    for language, strings in design.strings.items():
        odd = sorted(set(strings) ^ set(design.strings["en"]))
        _must(not odd, f"Design {name}: strings/{language}.toml and en.toml differ in {', '.join(odd)}.")
        for field in design.fields:
            named = [key for key in (field.label, field.change) if key]
            _must(all(key in strings for key in named), f"Design {name}: field {field.key} uses a string that {language}.toml lacks.")
            change = strings.get(field.change, "%@")
            _must("%@" in change, f"Design {name}: {language}.toml {field.change} must contain %@, the place of the new value.")
    for palette in design.palettes.values():
        _check_palette(name, palette)


def _check_palette(design: str, palette: Palette) -> None:
    for colour in (palette.background, palette.foreground, palette.label):
        match = COLOUR.fullmatch(colour)
        _must(match and max(map(int, match.groups())) <= 255, f"Design {design}: {colour!r} is not a colour like rgb(20, 40, 60).")
    for colour in (palette.accent, palette.accent_dark):
        _must(WEB_COLOUR.fullmatch(colour), f"Design {design}: {colour!r} is not a colour like #14283c.")
    missing = [image for image in (*APPLE_IMAGES, *GOOGLE_IMAGES) if image not in palette.images]
    _must(not missing, f"Design {design}, palette {palette.name}: missing {', '.join(missing)}.")


def _palette(folder: Path, name: str, colours: dict[str, str]) -> Palette:
    images = {path.name: path.read_bytes() for path in sorted((folder / "images" / name).glob("*.png"))}
    try:
        return Palette(name=name, images=images, **colours)
    except TypeError as error:
        raise ConfigurationError(f"{folder / 'design.toml'}: palette {name} needs exactly five colours ({error}).") from error


def _field(folder: Path, row: dict[str, Any]) -> FieldSpec:
    try:
        field = FieldSpec(**row)
    except TypeError as error:
        raise ConfigurationError(f"{folder / 'design.toml'}: a field has an unknown or missing entry ({error}).") from error
    _must(field.slot in SLOTS, f"{folder / 'design.toml'}: slot {field.slot!r} is not one of {', '.join(SLOTS)}.")
    return field


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.") from error


def _must(truth: object, sentence: str) -> None:
    if not truth:
        raise ConfigurationError(sentence)
