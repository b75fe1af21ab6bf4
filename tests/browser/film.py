"""A film for Chromium's fake camera: the very picture that another screen shows."""

import io
from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 640, 480


def film(picture: bytes, path: Path, *, blank: int = 5, frames: int = 20) -> Path:
    """Write a Y4M that shows nothing for a while, then ``picture`` (PNG) as if held to the camera. Chromium loops it."""
    seen = Image.new("L", (WIDTH, HEIGHT), 96)
    shown = Image.open(io.BytesIO(picture)).convert("L")
    shown.thumbnail((400, 400))
    seen.paste(shown, ((WIDTH - shown.width) // 2, (HEIGHT - shown.height) // 2))
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    nothing = Image.new("L", (WIDTH, HEIGHT), 60)
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode())
        for frame in [nothing] * blank + [seen] * frames:
            out.write(b"FRAME\n" + frame.tobytes() + grey)
    return path
