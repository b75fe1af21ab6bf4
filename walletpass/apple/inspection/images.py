"""The pictures: which ones, whether they are PNGs, and their sizes (Apple: "Wallet", Human Interface Guidelines)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from walletpass.apple.inspection import picture, shapes
from walletpass.apple.inspection.archive import FOLDER, PERSONALIZATION, PICTURES
from walletpass.apple.inspection.findings import Findings, advice, ignored, refused, said
from walletpass.apple.inspection.jsontext import Object

NAME = re.compile(r"([A-Za-z]+)(@[23]x)?\.png")
BY_STYLE = {
    "storeCard": ("logo", "strip"),
    "coupon": ("logo", "strip"),
    "generic": ("logo", "thumbnail"),
    "eventTicket": ("logo", "strip", "background", "thumbnail"),
    "boardingPass": ("logo", "footer"),
}
POSTER_IMAGES = ("artwork", "primaryLogo", "secondaryLogo")
KINDS = ("icon", "logo", "strip", "thumbnail", "background", "footer", "personalizationLogo", *POSTER_IMAGES)
MOST_PIXELS_TOGETHER = 40_000_000
SAME_SHAPE = 0.03


@dataclass(frozen=True)
class Size:
    """In points, one of which is one, two or three pixels. ``fits`` images may be smaller, the others fill and are cropped."""

    sizes: tuple[tuple[int, int], ...]
    fits: bool = False


SIZES = {
    "icon": Size(((38, 38), (29, 29))),
    "logo": Size(((160, 50),), fits=True),
    "thumbnail": Size(((90, 90),), fits=True),
    "background": Size(((343, 503), (180, 220))),
    "footer": Size(((268, 15), (286, 15))),
    "artwork": Size(((358, 448),)),
    "primaryLogo": Size(((126, 30),), fits=True),
    "secondaryLogo": Size(((135, 12),), fits=True),
    "personalizationLogo": Size(((150, 40),), fits=True),
}
STRIPS = {"eventTicket": Size(((375, 98), (320, 84)))}
STRIP = Size(((375, 144), (312, 120)))


def check(files: Mapping[str, bytes], content: Object | None) -> Findings:
    used = _used(files, content)
    bases = {name.rpartition("/")[2] for name in files}
    if not {"icon.png", "icon@2x.png", "icon@3x.png"} & bases:
        near = next((base for base in sorted(bases) if base.lower().startswith("icon")), "")
        hint = f" {said(near)} is not it: the name is icon.png, in small letters." if near else ""
        yield refused(
            "icon-missing", f"There is no icon.png; without an icon no pass opens. Add icon.png, icon@2x.png and icon@3x.png.{hint}"
        )
    yield from _scales(files, used)
    spent = 0
    for name, kind, data in _pictures(files):
        if kind not in KINDS:
            yield ignored(
                "image-unknown", f"{said(name)} is no image Wallet knows. Known are {', '.join(KINDS)}, as .png with @2x and @3x."
            )
        elif kind not in used:
            style = shapes.style_of(content or {})
            yield ignored("image-not-for-style", f"{said(name)} is not shown on {style}. Take it out.")
        else:
            seen = picture.look(data)
            spent += seen.pixels if seen.pixels <= picture.MOST_PIXELS else 0
            yield from _picture(name, data, seen, spent)
            if seen.format == "PNG" and seen.pixels <= picture.MOST_PIXELS:
                yield from _size(name, kind, seen, shapes.style_of(content or {}))


def _used(files: Mapping[str, bytes], content: Object | None) -> tuple[str, ...]:
    style = shapes.style_of(content or {})
    if not style:
        return KINDS
    poster = shapes.POSTER in (content or {}) or "preferredStyleSchemes" in (content or {})
    more = (POSTER_IMAGES if poster else ()) + (("personalizationLogo",) if PERSONALIZATION in files else ())
    return ("icon", *BY_STYLE[style], *more)


def _pictures(files: Mapping[str, bytes]) -> Iterator[tuple[str, str, bytes]]:
    """(file, kind, bytes); the kind is "" for a name that is none of Wallet's."""
    for name, data in sorted(files.items()):
        folder, _, base = name.rpartition("/")
        if base.lower().endswith(PICTURES) and (not folder or FOLDER.fullmatch(folder)):
            match = NAME.fullmatch(base)
            yield name, match[1] if match else "", data


def _scales(files: Mapping[str, bytes], used: tuple[str, ...]) -> Findings:
    """Each picture at 1x, 2x and 3x, at the top and in each language."""
    found: dict[tuple[str, str], set[str]] = {}
    for name, kind, _ in _pictures(files):
        if kind in used:
            folder = name[: -len(name.rpartition("/")[2])]
            match = NAME.fullmatch(name.rpartition("/")[2])
            found.setdefault((folder, kind), set()).add((match[2] if match else "") or "")
    for (folder, kind), scales in found.items():
        if missing := [scale for scale in ("", "@2x", "@3x") if scale not in scales]:
            names = " and ".join(f"{folder}{kind}{scale}.png" for scale in missing)
            yield advice(
                "image-scale-missing", f"{names if len(names) < 80 else said(names)} is missing. Give each image at 1x, 2x and 3x."
            )


def _picture(name: str, data: bytes, seen: picture.Picture, spent: int) -> Findings:
    shown = said(name)
    if seen.format != "PNG":
        yield refused("image-not-png", f"{shown} is called PNG but is {seen.format}. Convert it to PNG; another ending is not enough.")
    elif seen.pixels > picture.MOST_PIXELS:
        yield refused(
            "image-too-many-pixels",
            f"{shown} has {seen.width:,} x {seen.height:,} pixels, enough to choke a phone. Make it as small as shown.",
        )
    elif spent > MOST_PIXELS_TOGETHER:
        yield refused(
            "images-too-many-pixels", f"The images have more than {MOST_PIXELS_TOGETHER:,} pixels together ({shown}). Make them smaller."
        )
    elif fault := picture.fault(data, seen):
        yield refused("image-damaged", f"{shown} cannot be drawn: {fault}. Export it again as PNG.")
    else:
        if seen.interlaced:
            yield advice("image-interlaced", f"{shown} is interlaced, which makes it larger and nothing faster. Save it without.")
        if seen.animated:
            yield advice("image-animated", f"{shown} is animated; Wallet shows one picture. Save the first alone.")


def _size(name: str, kind: str, seen: picture.Picture, style: str) -> Findings:
    scale = 3 if "@3x" in name else 2 if "@2x" in name else 1
    table = STRIPS.get(style, STRIP) if kind == "strip" else SIZES[kind]
    wanted = [(width * scale, height * scale) for width, height in table.sizes]
    shown, best = f"{said(name)} is {seen.width} x {seen.height} pixels", f"{wanted[0][0]} x {wanted[0][1]}"
    if table.fits:
        if all(seen.width > width or seen.height > height for width, height in wanted):
            yield advice("image-size", f"{shown}; at most {best} are shown. Make it smaller.")
    elif not any(_same_shape(seen, size) for size in wanted):
        yield advice("image-shape", f"{shown}, which is another shape than {best}: Wallet crops it. Make it {best}.")
    elif (seen.width, seen.height) not in wanted:
        yield advice("image-size", f"{shown} instead of {best}: Wallet scales it. Make it {best}.")


def _same_shape(seen: picture.Picture, size: tuple[int, int]) -> bool:
    return abs(seen.width * size[1] - seen.height * size[0]) <= SAME_SHAPE * size[0] * max(seen.height, 1)
