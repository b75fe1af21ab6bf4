"""From a folder to a design, or to every sentence that says why not."""

import threading
import time
import tomllib
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from walletpass import config
from walletpass.cards.designs import checking, shapes
from walletpass.cards.designs.model import STYLES, Beacon, Design, FieldSpec, Link, Palette, Spot, Stamps
from walletpass.errors import ConfigurationError

log = structlog.get_logger(__name__)

MOST_TOML = 256 * 1024
# The oldest look at the files that `load_design` still believes, in seconds.
GLANCE = 1.0
MOST_FORMER = 3
SHIPPED = Path(config.Settings.designs_dir)

State = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True)
class Reading:
    """``design`` is there when there are no faults."""

    design: Design | None
    faults: tuple[str, ...]


@dataclass
class _Kept:
    design: Design
    state: State
    looked_at: float


_kept: dict[Path, _Kept] = {}
# What a design was before it was edited, the newest last: a wallet may still come for its images.
_former: dict[Path, deque[Design]] = {}
_lock = threading.Lock()


def load_design(name: str) -> Design:
    """The design in the operator's folder, or the shipped one of that name, as it stood at most a second ago.

    Raises ConfigurationError with every fault. A design that was sound and is being edited into a broken one stays as it was.
    """
    folder = design_folder(name)
    kept = _kept.get(folder)
    if kept is not None and time.monotonic() - kept.looked_at < GLANCE:
        return kept.design
    with _lock:
        return _look(folder)


def design_folder(name: str) -> Path:
    """Where a design lies: the operator's own comes before a shipped one, also while its folder is away to be replaced."""
    own, shipped = Path(config.current().designs_dir) / name, SHIPPED / name
    return own if own in _kept or own.is_dir() or not shipped.is_dir() else shipped


def look_again(name: str) -> Design:
    """`load_design` for who cannot wait that second."""
    with _lock:
        return _look(design_folder(name))


def former_designs() -> list[Design]:
    """Designs as they were before they were edited under this process, the last few of each."""
    with _lock:
        return [design for kept in _former.values() for design in kept]


def _look(folder: Path) -> Design:
    kept, looked_at, state = _kept.get(folder), time.monotonic(), state_of(folder)
    if kept is None or kept.state != state:
        reading = read_design(folder)
        if reading.design is not None:
            if kept is not None:
                _former.setdefault(folder, deque(maxlen=MOST_FORMER)).append(kept.design)
            kept = _Kept(reading.design, state, looked_at)
        elif kept is None:
            raise ConfigurationError(refusal(folder.name, reading.faults))
        else:
            log.warning("design.broken", design=folder.name, faults=" ".join(reading.faults))
            kept = _Kept(kept.design, state, looked_at)
    kept.looked_at = looked_at
    _kept[folder] = kept
    return kept.design


def refusal(name: str, faults: tuple[str, ...]) -> str:
    if len(faults) == 1:
        return f"Design {name}: {faults[0]}"
    return f"Design {name} has {len(faults)} faults:\n" + "\n".join(f"  - {fault}" for fault in faults)


def check_design(folder: Path) -> tuple[str, ...]:
    """Every fault of the design in a folder, each a sentence; none when a phone will show it."""
    return read_design(folder).faults


def design_names(*folders: Path) -> list[str]:
    found = {path.parent.name for folder in folders for path in folder.glob("*/design.toml")}
    return sorted(name for name in found if not name.startswith("."))


def last_change(folder: Path) -> float:
    """When a file of the design last changed, in seconds since 1970."""
    return max((path.stat().st_ctime for path in (folder, *_files(folder))), default=0.0)


def read_design(folder: Path) -> Reading:
    """Read and check the whole folder; nothing is kept."""
    faults: list[str] = []
    if not folder.is_dir():
        return Reading(None, (f"There is no folder {str(folder)!r}.",))
    if not shapes.SLUG.fullmatch(folder.name):
        faults.append(f"The folder's name {folder.name!r} must be small letters, digits, '-' and '_', at most 40, a letter first.")
    table = _toml(folder, "design.toml", faults)
    strings = _strings(folder, faults)
    design = _design(folder, table, strings, faults) if table is not None else None
    if design is not None:
        faults += checking.faults(design)
    return Reading(None if faults else design, tuple(faults))


def _design(folder: Path, table: dict[str, Any], strings: dict[str, dict[str, str]], faults: list[str]) -> Design | None:
    """A design with all that could be read of it; None when not even its style is known."""
    shapes.take(table, shapes.DESIGN, "design.toml", faults)
    palettes = [_palette(folder, name, row, faults) for name, row in _tables(table, "palettes").items()]
    common: dict[str, Any] = {
        "name": str(table.get("name", folder.name)),
        "slug": folder.name,
        "strings": strings,
        "palettes": {palette.name: palette for palette in palettes if palette is not None},
    }
    stamps, ticket = _part(table, "stamps", shapes.STAMPS, faults), _part(table, "ticket", shapes.TICKET, faults)
    if not isinstance(table.get("style"), str) or table["style"] not in STYLES or not strings.get("en"):
        return None
    return Design(
        **common,
        style=table["style"],
        barcode=table.get("barcode", "QR"),
        fields=_fields(table, "", faults),
        stamps=None if stamps is None else _stamps(stamps),
        spots=tuple(Spot(**row) for row in _rows(table, "locations", shapes.LOCATION, faults)),
        beacons=tuple(Beacon(**row) for row in _rows(table, "beacons", shapes.BEACON, faults)),
        links=tuple(Link(**row) for row in _rows(table, "links", shapes.LINK, faults)),
        ticket=None
        if ticket is None
        else Design(**common, style="generic", barcode=ticket.get("barcode", "QR"), fields=_fields(ticket, "ticket.", faults)),
    )


def _part(table: dict[str, Any], name: str, shape: shapes.Shape, faults: list[str]) -> dict[str, Any] | None:
    """The table [name], None without one. What is wrong with it is told, and the rest of the design still checked with it."""
    part = table.get(name)
    if not isinstance(part, dict):
        return None
    return shapes.take(part, shape, f"[{name}]", faults) or shapes.fitting(part, shape)


def _stamps(part: dict[str, Any]) -> Stamps:
    box, google_box = (tuple(part.get(name, (0.0, 0.0, 44.0, 44.0))) for name in ("box", "google_box"))
    return Stamps(**{"total": 1, **part, "box": box, "google_box": google_box})


def _fields(table: dict[str, Any], room: str, faults: list[str]) -> tuple[FieldSpec, ...]:
    """Also those that are refused, with what could be read of them: their strings are checked all the same."""
    found = table.get("fields", [])
    _rows(table, "fields", shapes.FIELD, faults, room)
    entries = [shapes.fitting(row, shapes.FIELD) for row in (found if isinstance(found, list) else []) if isinstance(row, dict)]
    return tuple(FieldSpec(**{"slot": "", "key": "", "value": "", **entry}) for entry in entries)


def _rows(table: dict[str, Any], name: str, shape: shapes.Shape, faults: list[str], room: str = "") -> list[dict[str, Any]]:
    found = table.get(name, [])
    taken = [
        shapes.take(row, shape, f"{_where(row, name, place, room)}", faults)
        for place, row in enumerate(found if isinstance(found, list) else [], 1)
    ]
    return [row for row in taken if row is not None]


def _where(row: Any, name: str, place: int, room: str) -> str:
    key = row.get("key") or row.get("label") if isinstance(row, dict) else None
    return f"[[{room}{name}]] number {place}" + (f" ({key})" if isinstance(key, str) else "")


def _palette(folder: Path, name: str, row: Any, faults: list[str]) -> Palette | None:
    colours = shapes.take(row, shapes.PALETTE, f"[palettes.{name}]", faults)
    if not shapes.SLUG.fullmatch(name):
        faults.append(f"The palette's name {name!r} must be small letters, digits, '-' and '_', at most 40, a letter first.")
        return None
    images: dict[str, bytes] = {}
    for path in sorted((folder / "images" / name).glob("[!.]*")):
        try:
            images[path.name] = path.read_bytes()
        except OSError as error:
            faults.append(f"images/{name}/{path.name} cannot be read: {error.strerror}.")
    # With colours that could not be read, the images are still looked at; the design is refused anyway.
    return Palette(name=name, images=images, **(colours or dict.fromkeys(shapes.PALETTE, "")))


def _strings(folder: Path, faults: list[str]) -> dict[str, dict[str, str]]:
    strings: dict[str, dict[str, str]] = {}
    for path in sorted((folder / "strings").glob("*.toml")):
        table = _toml(folder, f"strings/{path.name}", faults)
        if table is not None:
            strings[path.stem] = {key: text for key, text in table.items() if isinstance(text, str)}
            faults += [
                f"strings/{path.name}: {key} must be a text, not {shapes.said(text)}."
                for key, text in table.items()
                if not isinstance(text, str)
            ]
    if "en" not in strings and not (folder / "strings" / "en.toml").exists():
        faults.append("There is no strings/en.toml; English is what is shown where a language is missing.")
    return strings


def _tables(table: dict[str, Any], name: str) -> dict[str, Any]:
    found = table.get(name)
    return found if isinstance(found, dict) else {}


def _toml(folder: Path, name: str, faults: list[str]) -> dict[str, Any] | None:
    path = folder / name
    try:
        if path.stat().st_size > MOST_TOML:
            faults.append(f"{name} has {path.stat().st_size:,} bytes; at most {MOST_TOML:,} are read.")
            return None
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        faults.append(f"There is no {name}.")
    except OSError as error:
        faults.append(f"{name} cannot be read: {error.strerror}.")
    except UnicodeDecodeError as error:
        faults.append(f"{name} is not UTF-8 text: byte {error.start + 1} does not belong there.")
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        faults.append(f"{name} is not TOML: {str(error) or 'it is nested too deep'}.")
    return None


def _files(folder: Path) -> list[Path]:
    return [folder / "design.toml", *sorted((folder / "strings").glob("*.toml")), *sorted((folder / "images").glob("*/*"))]


def state_of(folder: Path) -> State:
    """Differs when a file of the design does."""
    found: list[tuple[str, int, int, int]] = []
    for path in _files(folder):
        try:
            stat = path.stat()
        except OSError:
            continue
        found.append((str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(found)
