"""pass.json as a whole: what must be there, the one style, colours, and the rooms of its parts."""

import re
from collections.abc import Mapping
from datetime import datetime

from walletpass.apple.inspection import barcodes, fields, relevance, service, shapes
from walletpass.apple.inspection.findings import Findings, advice, ignored, refused, said
from walletpass.apple.inspection.jsontext import Object

COLOUR = re.compile(r"\s*rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)\s*")
HEX = re.compile(r"#[0-9a-fA-F]{6}|#[0-9a-fA-F]{3}")
TRANSITS = tuple(f"PKTransitType{kind}" for kind in ("Air", "Boat", "Bus", "Generic", "Train"))
SCHEMES = {"eventTicket": ("posterEventTicket", "eventTicket"), "boardingPass": ("semanticBoardingPass", "boardingPass")}
ACTIONS = [
    "viewSchedule",
    "watchTrailer",
    "listenToMusic",
    "call",
    "place",
    "addToBalance",
    "order",
    "shop",
    "membershipBenefits",
    "bookAppointment",
    "bookCar",
    "bookFlight",
    "bookStay",
    "viewOffersRewards",
]
MOST_ACTIONS = 2


def check(content: Object, words: Mapping[str, Mapping[str, str]], now: datetime) -> Findings:
    """``words`` are the translations inside the pass, by language."""
    for path in shapes.nulls(content):
        yield refused("null-value", f"pass.json: {path} is null. Leave the key out instead.")
    yield from _required(content)
    yield from _style(content)
    yield from _keys(content)
    yield from _colours(content)
    yield from _extras(content)
    yield from fields.check(content, words)
    yield from barcodes.check(content)
    yield from relevance.check(content, now)
    yield from service.check(content)


def _required(content: Object) -> Findings:
    for key in shapes.REQUIRED:
        if content.get(key) is None or content[key] == "":
            yield refused("required-key-missing", f"pass.json: {key} is missing or empty. Every pass needs it.")
    version = content.get("formatVersion", 1)
    if shapes.is_a("a number", version) and version != 1:
        yield refused("format-version", f"pass.json: formatVersion has to be 1, not {said(version)}.")
    identifier = content.get("passTypeIdentifier") or "pass."
    if isinstance(identifier, str) and not identifier.startswith("pass."):
        yield refused("identifier-prefix", f"pass.json: passTypeIdentifier {said(identifier)} has to begin with 'pass.'.")


def _style(content: Object) -> Findings:
    found = [style for style in shapes.STYLES if style in content]
    if not found:
        yield refused("style-missing", f"pass.json: none of {', '.join(shapes.STYLES)} is there. A pass needs exactly one.")
    if len(found) > 1:
        yield refused("style-several", f"pass.json: {' and '.join(found)} stand side by side. Keep one.")
    for style in found:
        groups = content[style]
        transit = groups.get("transitType") if isinstance(groups, dict) else None
        if style == "boardingPass" and transit not in TRANSITS:
            yield refused("transit-type", f"pass.json: boardingPass.transitType has to be one of {', '.join(TRANSITS)}.")
        if style != "boardingPass" and transit is not None:
            yield ignored("key-not-for-style", f"pass.json: {style}.transitType is for boarding passes only. Take it out.")


def _keys(content: Object) -> Findings:
    yield from shapes.keys("", content, {**shapes.TOP, **shapes.EVENT_ONLY, **shapes.BOARDING_ONLY})
    style = shapes.style_of(content)
    for special, wanted in ((shapes.EVENT_ONLY, "eventTicket"), (shapes.BOARDING_ONLY, "boardingPass")):
        for key in [key for key in content if key in special] if style and style != wanted else ():
            yield ignored("key-not-for-style", f"pass.json: {key} is for {wanted} only and does nothing on {style}. Take it out.")
    if "groupingIdentifier" in content and style not in ("", "eventTicket", "boardingPass"):
        yield ignored(
            "grouping-identifier", f"pass.json: groupingIdentifier groups event tickets and boarding passes, not {style}. Take it out."
        )
    if "preferredStyleSchemes" in content and style:
        schemes = content["preferredStyleSchemes"] if isinstance(content["preferredStyleSchemes"], list) else []
        if style not in SCHEMES or not all(scheme in SCHEMES[style] for scheme in schemes):
            yield ignored("style-scheme", f"pass.json: preferredStyleSchemes names no scheme of {style}. Take it out.")


def _colours(content: Object) -> Findings:
    for key in ("backgroundColor", "foregroundColor", "labelColor", "stripColor", "footerBackgroundColor"):
        value = content.get(key)
        if not isinstance(value, str):
            continue
        match = COLOUR.fullmatch(value)
        if HEX.fullmatch(value):
            yield advice("colour-hex", f"pass.json: {key} is {said(value)}. Apple describes only rgb(r, g, b); write that.")
        elif match is None or max(map(int, match.groups())) > 255:
            yield refused("colour-not-rgb", f"pass.json: {key} has to look like rgb(176, 83, 52), with commas, not {said(value)}.")


def _extras(content: Object) -> Findings:
    listed = content.get("featuredActions")
    actions = [action for _, action in shapes.objects(content, "featuredActions")]
    yield from shapes.all_objects("featuredActions", listed)
    if isinstance(listed, list) and len(listed) > MOST_ACTIONS:
        yield ignored("actions-too-many", f"pass.json: featuredActions has {len(listed)} entries; Wallet shows two. Keep two.")
    for action in actions:
        kind = action.get("type")
        wanted = ("identifier", "placeIdentifier" if kind == "place" else "url")
        if kind not in ACTIONS or not all(isinstance(action.get(key), str) for key in wanted):
            yield ignored(
                "action-incomplete", f"pass.json: a featured action needs a known type and {' and '.join(wanted)}; {said(kind)} has not."
            )
    if "stripColor" in content:
        yield advice("strip-colour", "pass.json: stripColor is not described by Apple. Do not count on it.")
    if content.get("voided") is True:
        yield advice(
            "pass-voided",
            "pass.json: voided is true, so Wallet shows the pass in grey among the expired. Leave it out if the pass is valid.",
        )
