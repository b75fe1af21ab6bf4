"""CSV that a spreadsheet reads as text and numbers, and never as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

# A cell that begins so is calculated, in Excel, LibreOffice or Google Sheets; some skip what comes before it.
BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # fmt: skip
BOM = "\ufeff"

Cell = str | int | None


def answer(filename: str, rows: Iterable[Sequence[Cell]]) -> Response:
    """A download in UTF-8 with a byte order mark, as spreadsheets want it; RFC 4180 otherwise."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([cell(one) for one in row] for row in rows)
    response = Response(BOM + text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def cell(value: Cell) -> Cell:
    """Numbers are numbers; text that could be calculated stands behind an apostrophe."""
    if isinstance(value, str) and value.lstrip(" ").startswith(BEGINS):
        return f"'{value}"
    return value
