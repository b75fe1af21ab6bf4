"""The codes that phones draw: QR by the library that the product has too, the others by a reader's, which the demo brings."""

import struct
import zlib
from functools import lru_cache
from typing import Any

QUIET = 4  # modules of white on each side of a QR code, as the standard asks
OTHERS = {"AZTEC": "Aztec", "PDF_417": "PDF417", "CODE_128": "Code128"}
LINE = 0.35  # the height of a code of lines, as a part of its width
Rows = list[list[bool]]


@lru_cache(maxsize=32)
def modules(message: str, kind: str = "QR_CODE") -> Rows:
    """Rows of black (True) and white squares, or oblongs where the code is one of lines."""
    return _other(message, OTHERS[kind]) if kind in OTHERS else _qr(message)


def png(message: str, scale: int = 8, kind: str = "QR_CODE") -> bytes:
    """A black and white PNG with ``scale`` pixels per module."""
    rows = modules(message, kind)
    width, height = len(rows[0]) * scale, len(rows) * scale
    lines = b"".join((b"\x00" + _packed([cell for cell in row for _ in range(scale)])) * scale for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines, 9)) + _chunk(b"IEND", b"")


def svg(message: str, kind: str = "QR_CODE") -> str:
    rows = modules(message, kind)
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, cell in enumerate(row) if cell)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(rows[0])} {len(rows)}" shape-rendering="crispEdges">'
        f'<rect width="100%" height="100%" fill="#fff"/><path d="{path}"/></svg>'
    )


def _qr(message: str) -> Rows:
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(border=QUIET, error_correction=ERROR_CORRECT_M)
    code.add_data(message)
    code.make(fit=True)
    return [[bool(cell) for cell in row] for row in code.get_matrix()]


def _other(message: str, name: str) -> Rows:
    import zxingcpp

    drawn: Any = zxingcpp.create_barcode(message, getattr(zxingcpp.BarcodeFormat, name)).to_image(scale=1, add_quiet_zones=True)
    grey = memoryview(drawn)
    height, width = grey.shape or (0, 0)
    pixels = grey.tobytes()
    rows = [[pixels[y * width + x] < 128 for x in range(width)] for y in range(height)]
    return rows if name != "Code128" else [rows[len(rows) // 2]] * round(width * LINE)


def _packed(cells: list[bool]) -> bytes:
    """One bit per pixel, 1 is white, padded to whole bytes."""
    bits = "".join("0" if cell else "1" for cell in cells)
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
