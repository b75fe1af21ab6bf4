"""pass.json: a card's face in Apple's words (Apple: "Pass", "PassFields", "PassFieldContent")."""

import html
import json
import re
import secrets
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from walletpass.cards import CardFace, Design, FieldSpec
from walletpass.cards.designs import Beacon, Link

MOST_PLACES = 10
BARCODES = {name: f"PKBarcodeFormat{name}" for name in ("QR", "Aztec", "PDF417", "Code128")}
# What a voice says of a pass, by whether it is a coat ticket.
DESCRIPTIONS = {False: "txt_description", True: "txt_ticket"}

# Wallet makes links of all it recognises on the back unless told what may be there; digits of a card are no phone number.
DETECTORS: Mapping[str, list[str]] = {
    "contact.phone": ["PKDataDetectorTypePhoneNumber"],
    "contact.email": ["PKDataDetectorTypeLink"],
    "contact.website": ["PKDataDetectorTypeLink"],
    "contact.address": ["PKDataDetectorTypeAddress"],
    "contact.terms": ["PKDataDetectorTypeLink"],
    "page": ["PKDataDetectorTypeLink"],
}

# What a field says whose value is to come: a line, so that the row does not look broken.
NOTHING = "–"
# Invisible, and enough to make a text differ from a key in pass.strings.
WORD_JOINER = "\u2060"

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

# Encoding costs a tenth of signing, and most of a pass is the same for all guests of a program. So one card's JSON is cut
# up around what is the card's own, and the next card's values are put in. The marks that say where to cut are left to
# chance, so that nobody can write one into a name or the terms.
_FIRST_MARK = 10**40 + secrets.randbits(128)
_MOST_TEMPLATES = 256
_templates: dict[tuple[Hashable, ...], "_Template"] = {}


@dataclass(frozen=True)
class _Template:
    """A text, then values by name, each with the text that follows it. It keeps the design alive, so its id stays its own."""

    design: Design
    head: bytes
    holes: tuple[tuple[str, bytes], ...]


def pass_json(face: CardFace) -> bytes:
    """The bytes of pass.json: compact UTF-8 without nulls, saying what `pass_dict` says; equal faces give equal bytes."""
    if face.voided:
        return _encode(pass_dict(face)).encode("utf-8", "replace")
    template = _template(face)
    own = _own(face)
    keys = face.design.strings["en"]
    parts = [template.head]
    for name, text in template.holes:
        parts += (_encoded(own[name], keys), text)
    return b"".join(parts)


def _encoded(value: str | int, keys: Mapping[str, str]) -> bytes:
    if isinstance(value, str):
        return _encode(_plain(value, keys)).encode("utf-8", "replace")
    # The encoder takes longer for one number than for all the texts of a card.
    return b"%d" % value if type(value) is int else _encode(value).encode()


def _own(face: CardFace) -> dict[str, str | int]:
    """What differs from card to card, by name."""
    own = {f"value {name}": value for name, value in _values(face).items() if value is not None}
    if face.expires_at is not None:
        own["expires"] = _moment(face.expires_at)
    own |= {"serial": face.serial_number, "token": face.authentication_token, "scanned": face.scanned, "number": face.number}
    return own | {"page": face.web_url}


def _values(face: CardFace) -> Mapping[str, str | int]:
    """What the card shows, with what follows from it."""
    text = face.value("stamps_text") if face.design.stamps else None
    return face.values if text is None else {**face.values, "stamps_text": text}


def _template(face: CardFace) -> _Template:
    values = _values(face)
    shape = (tuple(values), tuple(map(type, values.values())))
    palette = (face.palette.background, face.palette.foreground, face.palette.label)
    identifiers = (face.pass_type_identifier, face.team_identifier, face.organization, face.base_url)
    once = (face.expires_at is None, not face.authentication_token, not face.web_url)
    key = (id(face.design), face.is_ticket, shape, palette, identifiers, face.contact, face.places, once)
    found = _templates.get(key)
    if found is None:
        if len(_templates) >= _MOST_TEMPLATES:
            _templates.clear()
        found = _templates[key] = _cut_up(face)
    return found


def _cut_up(face: CardFace) -> _Template:
    names: dict[str, str] = {}

    def number(name: str) -> int:
        mark = _FIRST_MARK + len(names)
        names[str(mark)] = name
        return mark

    def text(name: str) -> str:
        mark = str(_FIRST_MARK + len(names))
        names[f'"{mark}"'] = name
        return mark

    shown = {name: value for name, value in _values(face).items() if value is not None}
    values = {name: (text if isinstance(value, str) else number)(f"value {name}") for name, value in shown.items()}
    marked = replace(
        face,
        values=values,
        serial_number=text("serial"),
        authentication_token=face.authentication_token and text("token"),
        number=text("number"),
        web_url=face.web_url and text("page"),
    )
    content = pass_dict(marked)
    content["barcodes"][0]["message"] = text("scanned")
    if face.expires_at is not None:
        content["expirationDate"] = text("expires")
    head, *pieces = re.split(f"({'|'.join(names)})", _encode(content))
    holes = [(names[mark], after.encode("utf-8", "replace")) for mark, after in zip(pieces[::2], pieces[1::2], strict=True)]
    return _Template(face.design, head.encode("utf-8", "replace"), tuple(holes))


def pass_dict(face: CardFace) -> dict[str, Any]:
    keys = face.design.strings["en"]
    organization, description = _plain(face.organization, keys), DESCRIPTIONS[face.is_ticket]
    content: dict[str, Any] = {
        "formatVersion": 1,
        "passTypeIdentifier": face.pass_type_identifier,
        "teamIdentifier": face.team_identifier,
        "serialNumber": face.serial_number,
        "organizationName": organization,
        "description": description if description in keys else organization,
        "logoText": organization,
        "backgroundColor": face.palette.background,
        "foregroundColor": face.palette.foreground,
        "labelColor": face.palette.label,
        "suppressStripShine": True,
        "sharingProhibited": True,
        face.design.style: _fields(face, keys),
    }
    if face.authentication_token:
        content |= {"webServiceURL": f"{face.base_url}/apple", "authenticationToken": face.authentication_token}
    if locations := _locations(face, keys):
        content["locations"] = locations
    if face.design.beacons:
        content["beacons"] = [_beacon(beacon) for beacon in face.design.beacons]
    if face.voided:
        # Wallet puts it away among the expired; the code would be refused, so there is none.
        content["voided"] = True
        content["expirationDate"] = _moment(face.changed_at)
        return content
    if face.expires_at is not None:
        content["expirationDate"] = _moment(face.expires_at)
    code = {"format": BARCODES[face.design.barcode], "message": face.scanned, "messageEncoding": "iso-8859-1", "altText": face.number}
    return content | {"barcodes": [code]}


def _locations(face: CardFace, keys: Mapping[str, str]) -> list[dict[str, Any]]:
    """The design's own places, then the venues, each spot once."""
    spots = {(spot.latitude, spot.longitude): spot.text for spot in face.design.spots}
    for place in face.places:
        spots.setdefault((place.latitude, place.longitude), _plain(place.name, keys))
    return [
        {"latitude": latitude, "longitude": longitude, **({"relevantText": text} if text else {})}
        for (latitude, longitude), text in list(spots.items())[:MOST_PLACES]
    ]


def _beacon(beacon: Beacon) -> dict[str, Any]:
    said = {"proximityUUID": beacon.uuid, "major": beacon.major, "minor": beacon.minor, "relevantText": beacon.text or None}
    return {name: value for name, value in said.items() if value is not None}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _fields(face: CardFace, keys: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    slots: dict[str, list[dict[str, Any]]] = {}
    for spec in face.design.fields:
        value = face.value(spec.value)
        if value is None and spec.change and spec.slot == "back":
            # Wallet tells its owner of a value that changes, and not of a field that comes or goes.
            value, spec = NOTHING, replace(spec, change="")
        if value is not None:
            slots.setdefault(f"{spec.slot}Fields", []).append(_field(spec, value, keys))
    for link in face.design.links:
        slots.setdefault("backFields", []).append(_link(link))
    return slots


def _field(spec: FieldSpec, value: str | int, keys: Mapping[str, str]) -> dict[str, Any]:
    field: dict[str, Any] = {"key": spec.key}
    if isinstance(value, str):
        field["value"] = value if spec.value.startswith("text.") else _plain(value, keys)
    else:
        field["value"] = value
        field["numberStyle"] = "PKNumberStyleDecimal"
    if spec.label:
        field["label"] = spec.label
    if spec.change:
        field["changeMessage"] = spec.change
    if spec.slot == "back":
        field["dataDetectorTypes"] = DETECTORS.get(spec.value, [])
    return field


def _link(link: Link) -> dict[str, Any]:
    """``value`` is what a watch shows, the anchor what a phone does."""
    text = link.url.partition("://")[2] or link.url.partition(":")[2]
    anchor = f'<a href="{html.escape(link.url)}">{html.escape(text)}</a>'
    return {"key": link.label, "label": link.label, "value": link.url, "attributedValue": anchor, "dataDetectorTypes": []}


def _plain(text: str, keys: Mapping[str, str]) -> str:
    """Wallet looks every text up in pass.strings; what a person wrote must not be found there."""
    return text + WORD_JOINER if text in keys else text
