"""A QR code as the phones draw it, from the message."""

import struct
import zlib

QUIET = 4  # modules of white on each side, as the standard asks


def modules(message: str) -> list[list[bool]]:
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(border=QUIET, error_correction=ERROR_CORRECT_M)
    code.add_data(message)
    code.make(fit=True)
    return [[bool(cell) for cell in row] for row in code.get_matrix()]


def png(message: str, scale: int = 8) -> bytes:
    """A black and white PNG with ``scale`` pixels per module."""
    rows = modules(message)
    size = len(rows) * scale
    lines = b"".join((b"\x00" + _packed([cell for cell in row for _ in range(scale)])) * scale for row in rows)
    header = struct.pack(">IIBBBBB", size, size, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines, 9)) + _chunk(b"IEND", b"")


def svg(message: str) -> str:
    rows = modules(message)
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, cell in enumerate(row) if cell)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(rows)} {len(rows)}" shape-rendering="crispEdges">'
        f'<rect width="100%" height="100%" fill="#fff"/><path d="{path}"/></svg>'
    )


def _packed(cells: list[bool]) -> bytes:
    """One bit per pixel, 1 is white, padded to whole bytes."""
    bits = "".join("0" if cell else "1" for cell in cells)
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
