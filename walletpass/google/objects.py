"""A card in Google's terms: one loyalty class for the program, one loyalty object for the card.

Everything here leaves the house, so nothing of a person goes in: of what the card shows only the points are taken.
Field names and limits: developers.google.com/wallet/reference/rest/v1/loyaltyclass and /loyaltyobject.
"""

import re
from typing import Any

from walletpass.cards import CardFace, FieldSpec, artwork_path, stamped_path

Resource = dict[str, Any]

# More are refused, for text modules more are not shown.
MOST_PLACES = 10
MOST_TEXTS = 10
BARCODES = {"QR": "QR_CODE", "Aztec": "AZTEC", "PDF417": "PDF_417", "Code128": "CODE_128"}


def class_id(face: CardFace) -> str:
    return f"{face.google_issuer_id}.{face.program_id}"


def object_id(face: CardFace) -> str:
    return f"{face.google_issuer_id}.{face.serial_number}"


def loyalty_class(face: CardFace) -> Resource:
    """What all cards of the program share. The guest's own values are not looked at."""
    resource: Resource = {
        "id": class_id(face),
        "issuerName": face.organization,
        "programName": face.organization,
        "localizedProgramName": _said(face.organization, face.language),
        "programLogo": _image(face, "google_logo.png"),
        "heroImage": _image(face, "google_hero.png"),
        "hexBackgroundColor": web_colour(face.palette.background),
        # Also when the class has long been approved: a write with anything else is refused.
        "reviewStatus": "UNDER_REVIEW",
        "multipleDevicesAndHoldersAllowedStatus": "ONE_USER_ALL_DEVICES",
        "textModulesData": _texts(face),
        "linksModuleData": {"uris": _links(face)},
        "merchantLocations": [{"latitude": place.latitude, "longitude": place.longitude} for place in face.places[:MOST_PLACES]],
    }
    if number := _field(face, "number"):
        resource["accountIdLabel"] = face.design.text(number.label, face.language)
        resource["localizedAccountIdLabel"] = _translated(face, number.label)
    if face.contact.website:
        # Shown among the links, so it is not repeated there.
        resource["homepageUri"] = _uri(face, "website", _address(face.contact.website))
    return resource


def loyalty_object(face: CardFace) -> Resource:
    resource: Resource = {
        "id": object_id(face),
        "classId": class_id(face),
        "state": "INACTIVE" if face.voided else "ACTIVE",
        "accountId": face.number,
        "loyaltyPoints": {**_labels(face, "points"), "balance": {"int": points(face)}},
        "barcode": {"type": BARCODES[face.design.barcode], "value": face.scanned, "alternateText": face.number},
    }
    if face.design.stamps is not None:
        # The card's own banner outranks the class's; every number of stamps has an address of its own.
        path = stamped_path(face.design, face.palette, "google_hero.png", face.stamp_count)
        resource["heroImage"] = _picture(face, face.base_url + path)
        resource["loyaltyPoints"] = {**_labels(face, "stamps_text"), "balance": {"string": f"{points(face)}/{face.design.stamps.total}"}}
    return resource


def points(face: CardFace) -> int:
    """What the card counts: stamps where its design has them."""
    return int(face.values.get("points", 0)) if face.design.stamps is None else face.stamp_count


def artwork_url(face: CardFace, filename: str) -> str:
    return face.base_url + artwork_path(face.palette, filename)


def web_colour(colour: str) -> str:
    """``rgb(1, 2, 3)`` as ``#010203``."""
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour))


def _texts(face: CardFace) -> list[Resource]:
    """The terms and the addresses where there are any, then what the design says on the back of every card."""
    texts: list[Resource] = []
    for name in ("terms", "address"):
        body = getattr(face.contact, name)
        if body:
            texts.append({"id": name, **_header(face, _field(face, f"contact.{name}")), "body": body})
    for field in face.design.fields:
        room, _, key = field.value.partition(".")
        if field.slot == "back" and room == "text":
            # A dot would separate the parts of a field path.
            texts.append(
                {
                    "id": "text_" + re.sub(r"[^A-Za-z0-9_-]", "_", field.key),
                    **_header(face, field),
                    "body": face.design.text(key, face.language),
                    "localizedBody": _translated(face, key),
                }
            )
    return texts[:MOST_TEXTS]


def _links(face: CardFace) -> list[Resource]:
    contact, links = face.contact, []
    if contact.phone:
        links.append(_uri(face, "phone", "tel:" + re.sub(r"[^\d+]", "", contact.phone)))
    if contact.email:
        links.append(_uri(face, "email", f"mailto:{contact.email}"))
    return links


def _uri(face: CardFace, name: str, uri: str) -> Resource:
    field = _field(face, f"contact.{name}")
    if field is None:
        return {"id": name, "uri": uri}
    return {
        "id": name,
        "uri": uri,
        "description": face.design.text(field.label, face.language),
        "localizedDescription": _translated(face, field.label),
    }


def _address(website: str) -> str:
    return website if re.match(r"https?://", website) else f"https://{website}"


def _image(face: CardFace, filename: str) -> Resource:
    return _picture(face, artwork_url(face, filename))


def _picture(face: CardFace, uri: str) -> Resource:
    return {"sourceUri": {"uri": uri}, "contentDescription": _said(face.organization, face.language)}


def _labels(face: CardFace, value: str) -> Resource:
    field = _field(face, value)
    if field is None:
        return {}
    return {"label": face.design.text(field.label, face.language), "localizedLabel": _translated(face, field.label)}


def _header(face: CardFace, field: FieldSpec | None) -> Resource:
    if field is None or not field.label:
        return {}
    return {"header": face.design.text(field.label, face.language), "localizedHeader": _translated(face, field.label)}


def _field(face: CardFace, value: str) -> FieldSpec | None:
    """The design's field for a value; its label is what both wallets call it."""
    return next((field for field in face.design.fields if field.value == value and field.label), None)


def _said(text: str, language: str) -> Resource:
    return {"defaultValue": {"language": language, "value": text}}


def _translated(face: CardFace, key: str) -> Resource:
    """A string of the design in all its languages, the program's own first."""
    strings = face.design.strings
    own = face.language if face.language in strings else "en"
    return {
        **_said(strings[own][key], own),
        "translatedValues": [{"language": language, "value": strings[language][key]} for language in sorted(strings) if language != own],
    }
