"""What a till keeps on the device, so that it opens without a network; and the version of all that together."""

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from flask import url_for

import walletpass
from walletpass import cards
from walletpass.programs import Program

HERE = Path(__file__).parent
STATIC = HERE / "static"
ENTRY = ("till.js", "coats.js", "till/worker.js")
SHEETS = ("app.css", "staff.css", "till.css", "till/screens.css", "coats.css", "vendor/onest/onest.css")
DECODER = ("vendor/barcode-detector.js", "vendor/zxing_reader.wasm")
FONTS = ("latin", "latin-ext", "cyrillic", "cyrillic-ext")
IMPORT = re.compile(r'(?:from|import)\s+"(\.[^"]+)"')
ICON_SIZES = (180, 192, 512)


def version(program: Program) -> str:
    """Changes with every file that the worker keeps, and with the page's own text."""
    digest = hashlib.sha256(walletpass.__version__.encode())
    for path in [*_kept(), *sorted(_pages())]:
        seen = path.stat()
        digest.update(_digest(path, seen.st_mtime_ns, seen.st_size))
    palette = cards.load_design(program.design).palettes[program.palette]
    digest.update(f"{program.name}{palette.accent}{cards.artwork_path(palette, 'icon@3x.png')}".encode())
    return digest.hexdigest()[:16]


def files(program: Program) -> list[str]:
    """The addresses of everything that the page loads."""
    palette = cards.load_design(program.design).palettes[program.palette]
    return [
        f"/t/{program.id}/offline",
        f"/t/{program.id}/manifest.webmanifest",
        f"/style/{program.id}.css",
        cards.artwork_path(palette, "icon@3x.png"),
        *(icon_path(program, size) for size in ICON_SIZES),
        *(url_for("static", filename=path.relative_to(STATIC).as_posix()) for path in _kept()),
    ]


def _kept() -> list[Path]:
    scripts: set[Path] = set()
    for name in ENTRY:
        _follow(STATIC / name, scripts)
    fonts = (f"vendor/onest/{subset}.woff2" for subset in FONTS)
    return sorted(scripts) + [STATIC / name for name in (*SHEETS, *fonts, *DECODER) if (STATIC / name).exists()]


def _pages() -> list[Path]:
    return [page for name in ("*till*.html", "*coats*.html") for page in (HERE / "templates").glob(name)]


def _follow(script: Path, seen: set[Path]) -> None:
    """The module and all that it imports, so that no list of them grows stale."""
    if script in seen:
        return
    seen.add(script)
    for name in IMPORT.findall(script.read_text("utf-8")):
        _follow((script.parent / name).resolve(), seen)


@lru_cache(maxsize=200)
def _digest(path: Path, modified: int, size: int) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def icon_path(program: Program, size: int) -> str:
    return f"/t/{program.id}/icon-{size}.png"
