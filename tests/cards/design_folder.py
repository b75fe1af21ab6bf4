"""A small sound design with everything in it, for tests that break it."""

import json
from io import BytesIO
from pathlib import Path

from PIL import Image

from walletpass.cards.designs.images import POINTS
from walletpass.cards.designs.model import SCALES, STAMP_IMAGES

TOML = """
name = "Whole"
style = "storeCard"
barcode = "QR"

[palettes.plain]
background = "rgb(20, 30, 40)"
foreground = "rgb(255, 255, 255)"
label = "rgb(200, 200, 200)"
accent = "#14283c"
accent_dark = "#a0c0e0"

[stamps]
total = 5
value = "stamps"
rows = 1
box = [20, 20, 300, 60]
google_box = [20, 20, 400, 60]

[[fields]]
slot = "header"
key = "stamps"
label = "lbl_stamps"
value = "stamps_text"
change = "chg_stamps"

[[fields]]
slot = "secondary"
key = "holder"
label = "lbl_holder"
value = "holder"

[[fields]]
slot = "back"
key = "how"
label = "lbl_how"
value = "text.txt_how"

[[links]]
label = "lbl_menu"
url = "https://luna.example/menu?a=1&b=2"

[[locations]]
latitude = 52.51
longitude = 13.41
text = "txt_near"

[[beacons]]
uuid = "9d3a0c1e-5b7f-4c2a-8e6d-1f0a2b3c4d5e"
major = 1
minor = 2
text = "txt_near"

[ticket]
barcode = "Code128"

[[ticket.fields]]
slot = "primary"
key = "hook"
label = "lbl_hook"
value = "coat"
"""
ENGLISH = {
    "lbl_stamps": "Stamps",
    "chg_stamps": "Your stamps: %@",
    "lbl_holder": "Guest",
    "lbl_how": "How",
    "txt_how": "Show the card.",
    "lbl_menu": "Menu",
    "txt_near": "We are near.",
    "lbl_hook": "Hook",
}
UKRAINIAN = {key: f"{text} ґ" for key, text in ENGLISH.items()}
STAMP_COLOURS = {"stamp_on": (250, 200, 40), "stamp_off": (90, 100, 110), "stamp_reward": (200, 60, 60), "stamp_reward_on": (80, 220, 120)}
BACKGROUND = (20, 30, 40)


def write_design(folder: Path, toml: str = TOML) -> Path:
    """The whole design in ``folder``, and the folder."""
    (folder / "strings").mkdir(parents=True)
    (folder / "design.toml").write_text(toml, "utf-8")
    write_strings(folder, "en", ENGLISH)
    write_strings(folder, "uk", UKRAINIAN)
    images = folder / "images" / "plain"
    images.mkdir(parents=True)
    for name in ("icon", "logo", "strip", "thumbnail", *STAMP_IMAGES):
        width, height = POINTS[name].width[1], POINTS[name].height[1]
        for suffix, scale in SCALES.items():
            colour = STAMP_COLOURS.get(name, BACKGROUND)
            (images / f"{name}{suffix}.png").write_bytes(png((width * scale, height * scale), colour))
    (images / "google_logo.png").write_bytes(png((660, 660)))
    (images / "google_hero.png").write_bytes(png((1032, 336)))
    return folder


def write_strings(folder: Path, language: str, strings: dict[str, str]) -> None:
    lines = [f"{json.dumps(key) if '.' in key else key} = {json.dumps(text, ensure_ascii=False)}\n" for key, text in strings.items()]
    (folder / "strings" / f"{language}.toml").write_text("".join(lines), "utf-8")


def png(size: tuple[int, int], colour: tuple[int, ...] = BACKGROUND, mode: str = "RGB", **options: object) -> bytes:
    return saved(Image.new(mode, size, colour), "PNG", **options)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
