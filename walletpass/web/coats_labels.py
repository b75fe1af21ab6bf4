"""Labels for hooks, and tags for what hangs on them, as PDF: to be printed, cut, and read in the dark."""

import io
import re
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Blueprint, Response
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from fpdf import FPDF
from werkzeug.wrappers import Response as BaseResponse

from walletpass import coatcheck
from walletpass.database import reading
from walletpass.errors import NotFound
from walletpass.web.managing import screen_for_manager
from walletpass.web.till import Place

bp = Blueprint("coats_labels", __name__)

FONTS = Path(__file__).parent / "static" / "vendor" / "onest"
SUBSETS = ("latin", "latin-ext", "cyrillic", "cyrillic-ext")
BOLD = 700
# Of a page of A4 in millimetres: how many labels there are across and down, and the margin around them.
MARGIN, ACROSS, DOWN = 10.0, {"hooks": 2, "tags": 3}, {"hooks": 5, "tags": 8}
WIDE, HIGH = 210.0, 297.0
POINT = 72 / 25.4


@bp.get("/t/<program_id>/coats/rooms/<room_id>/<zone>/<any(hooks, tags):what>.pdf")
def labels(program_id: str, room_id: str, zone: str, what: str) -> BaseResponse:
    return screen_for_manager(program_id, lambda here: _labels(here, room_id, zone, what))


def _labels(here: Place, room_id: str, zone: str, what: str) -> Response:
    with reading() as session:
        room = coatcheck.rooms.get(session, here.program.id, room_id)
        found = [hook.label for hook in coatcheck.rooms.hooks(session, room) if hook.zone == zone]
    if not found:
        raise NotFound("There is no such zone here.")
    # A hook keeps one label; of tags two are needed, one for the thing and one for the guest.
    pdf = drawn(found if what == "hooks" else [label for label in found for _ in range(2)], f"{here.program.name} · {room.name}", what)
    response = Response(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{re.sub("[^A-Z0-9]", "", zone)}-{what}.pdf"'
    return response


def drawn(texts: list[str], under: str, what: str) -> bytes:
    """A PDF with one label for each text, in letters as large as they fit, and ``under`` it where it belongs."""
    pdf = _paper()
    across, down = ACROSS[what], DOWN[what]
    width, height = (WIDE - 2 * MARGIN) / across, (HIGH - 2 * MARGIN) / down
    for nth, text in enumerate(texts):
        at = nth % (across * down)
        if at == 0:
            pdf.add_page()
        _label(pdf, text, under, MARGIN + at % across * width, MARGIN + at // across * height, width, height)
    return bytes(pdf.output())


def _label(pdf: FPDF, text: str, under: str, x: float, y: float, width: float, height: float) -> None:
    pdf.set_draw_color(170)
    pdf.rect(x, y, width, height)
    small = min(11.0, height * 0.14 * POINT)
    _fit(pdf, text, x, y + height * 0.04, width, height * 0.74, height * 0.74 * POINT)
    _fit(pdf, under, x, y + height * 0.8, width, height * 0.16, small)


def _fit(pdf: FPDF, text: str, x: float, y: float, width: float, height: float, size: float) -> None:
    """In the middle of its field, smaller where it would be too wide."""
    pdf.set_font("Onest", size=size)
    room = width * 0.92
    if (needed := pdf.get_string_width(text)) > room:
        pdf.set_font_size(size * room / needed)
    pdf.set_xy(x, y)
    pdf.cell(width, height, text, align="C")


def _paper() -> FPDF:
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    fallbacks = []
    with TemporaryDirectory() as folder:
        for subset, data in _fonts().items():
            name = "Onest" if subset == "latin" else f"Onest {subset}"
            path = Path(folder) / f"{subset}.ttf"
            path.write_bytes(data)
            pdf.add_font(name, fname=path)
            fallbacks.append(name)
    pdf.set_fallback_fonts(fallbacks[1:], exact_match=False)
    return pdf


@lru_cache(maxsize=1)
def _fonts() -> dict[str, bytes]:
    """Our web font, bold, in the form that a PDF takes."""
    return {subset: _bold(FONTS / f"{subset}.woff2") for subset in SUBSETS}


def _bold(path: Path) -> bytes:
    font: Any = instantiateVariableFont(TTFont(path), {"wght": BOLD})
    font.flavor = None
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()
