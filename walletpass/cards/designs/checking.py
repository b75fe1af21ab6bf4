"""Refuse, in a sentence, what a phone would refuse without one (Apple: "PassFields", "Pass.Locations", "Pass.Beacons")."""

import re
from collections import Counter
from collections.abc import Iterator

from walletpass.cards.designs import images, room
from walletpass.cards.designs.model import SCALES, Design, Palette
from walletpass.cards.designs.shapes import STRING_KEY
from walletpass.cards.designs.stamps import stamped

MOST_HEADER, MOST_PRIMARY, MOST_IN_ROW = 3, 1, 4
MOST_SPOTS = MOST_BEACONS = 10
LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z][A-Za-z]{1,3})?")

# What a pass of a shipped design may weigh; pass.json with long terms, manifest and signature are taken as ENVELOPE.
MOST_PACKAGE = 60_000
ENVELOPE = 8_500
_MEMBER = 130


def faults(design: Design) -> Iterator[str]:
    yield from _palettes(design)
    yield from _strings(design)
    yield from _fields(design, "")
    if design.ticket is not None:
        yield from _fields(design.ticket, "ticket.")
    yield from _relevance(design)
    yield from room.faults(design)
    for palette in design.palettes.values():
        broken = list(_images(design, palette))
        yield from broken or _weight(design, palette)


def _palettes(design: Design) -> Iterator[str]:
    if not design.palettes:
        yield "There is no palette; [palettes.<name>] gives the card its colours."


def _strings(design: Design) -> Iterator[str]:
    english = design.strings["en"]
    for language, strings in design.strings.items():
        file = f"strings/{language}.toml"
        if not LANGUAGE.fullmatch(language):
            yield f"{file} is not named after a language, like en.toml or pt-BR.toml."
        for key, text in strings.items():
            if not STRING_KEY.fullmatch(key):
                yield f"{file}: {key!r} must look like prefix_word, so that nothing a guest writes is taken for it."
            if not text.strip():
                yield f"{file}: {key} is empty."
        if missing := sorted(set(english) - set(strings)):
            yield f"{file} lacks {', '.join(missing)}, which en.toml has."
        if extra := sorted(set(strings) - set(english)):
            yield f"{file} has {', '.join(extra)}, which en.toml has not."


def _fields(design: Design, room: str) -> Iterator[str]:
    slots = Counter(field.slot for field in design.fields)
    row = slots["secondary"] + slots["auxiliary"]
    if row > MOST_IN_ROW:
        yield f"Wallet shows at most {MOST_IN_ROW} secondary and auxiliary fields together; [[{room}fields]] has {row}."
    if slots["header"] > MOST_HEADER:
        yield f"Wallet shows at most {MOST_HEADER} header fields; [[{room}fields]] has {slots['header']}."
    if slots["primary"] > MOST_PRIMARY:
        yield f"Wallet shows one primary field; [[{room}fields]] has {slots['primary']}."
    keys = Counter([field.key for field in design.fields] + [link.label for link in design.links])
    for key, times in keys.items():
        if key and times > 1:
            yield f"The key {key!r} is there {times} times; changes are found by key, so each field needs its own."
    for field in design.fields:
        used = {
            "label": field.label,
            "change": field.change,
            "value": field.value.removeprefix("text.") if field.value[:5] == "text." else "",
        }
        for entry, key in used.items():
            yield from _known(design, key, f"[[{room}fields]] {field.key}: {entry}")
        yield from _change_messages(design, field.change)
    if not room and design.stamps is None and any(field.value == "stamps_text" for field in design.fields):
        yield "A field shows stamps_text, but there is no [stamps] to say of how many."


def _change_messages(design: Design, key: str) -> Iterator[str]:
    for language, strings in design.strings.items():
        if key in strings and "%@" not in strings[key]:
            yield f"strings/{language}.toml: {key} must contain %@, the place of the new value."


def _relevance(design: Design) -> Iterator[str]:
    if len(design.spots) > MOST_SPOTS:
        yield f"A pass takes at most {MOST_SPOTS} locations; [[locations]] has {len(design.spots)}."
    if len(design.beacons) > MOST_BEACONS:
        yield f"A pass takes at most {MOST_BEACONS} beacons; [[beacons]] has {len(design.beacons)}."
    for beacon in design.beacons:
        if beacon.minor is not None and beacon.major is None:
            yield f"Beacon {beacon.uuid}: minor has no meaning without major."
        yield from _known(design, beacon.text, f"Beacon {beacon.uuid}: text")
    for spot in design.spots:
        yield from _known(design, spot.text, f"Location {spot.latitude}, {spot.longitude}: text")
    for link in design.links:
        yield from _known(design, link.label, f"Link {link.url}: label")


def _known(design: Design, key: str, who: str) -> Iterator[str]:
    if key and key not in design.strings["en"]:
        yield f"{who} names the string {key}, which strings/en.toml does not have."


def _images(design: Design, palette: Palette) -> Iterator[str]:
    where = f"images/{palette.name}/"
    wanted = images.sizes(design.style, stamps=design.stamps is not None, ticket=design.ticket is not None)
    if missing := [name for name in wanted if name not in palette.images]:
        yield f"{where} lacks {', '.join(missing)}."
    for name, data in palette.images.items():
        if name in wanted:
            yield from (f"{where}{name} {fault}" for fault in images.faults(data, wanted[name]))
        else:
            yield f"{where}{name} is no image of a {design.style}; take it away, or call it what it is."


def _weight(design: Design, palette: Palette) -> Iterator[str]:
    for kind, each in (("pass", design), ("ticket", design.ticket)):
        weight = package_weight(each, palette) if each is not None else 0
        if weight > MOST_PACKAGE:
            yield f"Palette {palette.name}: a {kind} would have about {weight:,} bytes; at most {MOST_PACKAGE:,} travel well. Use fewer colours."


def package_weight(design: Design, palette: Palette) -> int:
    """About how many bytes a signed pass has: images, the strings of all languages (UTF-16), and ENVELOPE."""
    files = {name: palette.images[name] for name in design.apple_images}
    if design.stamps is not None:
        half = design.stamps.total // 2
        files |= {name: stamped(palette, design.stamps, name, half) for name in (f"strip{scale}.png" for scale in SCALES)}
    strings = sum(2 * (len(key) + len(text) + 8) for texts in design.strings.values() for key, text in texts.items())
    return sum(map(len, files.values())) + strings + _MEMBER * (len(files) + len(design.strings)) + ENVELOPE
