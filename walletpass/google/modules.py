"""The parts that classes and objects share: pictures, texts, links and places (Google: "Image", "TextModuleData", "Uri")."""

import re
from collections.abc import Sequence
from typing import Any

from walletpass.cards import CardFace, FieldSpec, artwork_path
from walletpass.google.words import LONGEST_BODY, both, clipped, label_of, said

Resource = dict[str, Any]

# More texts are not shown, more places are refused.
MOST_TEXTS = 10
MOST_PLACES = 10


def image(face: CardFace, filename: str) -> Resource:
    return picture(face, face.base_url + artwork_path(face.palette, filename))


def picture(face: CardFace, uri: str) -> Resource:
    return {"sourceUri": {"uri": uri}, "contentDescription": said(face.organization, face.language)}


def web_colour(colour: str) -> str:
    """``rgb(1, 2, 3)`` as ``#010203``."""
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour))


def shared_texts(face: CardFace, *contact: str) -> list[Resource]:
    """Of ``contact`` what the restaurant has said, then what the design says on every card; ids hold no dots."""
    found = {
        name: {"id": name, **both(face, "header", label_of(face, f"contact.{name}")), "body": body}
        for name in contact
        if (body := getattr(face.contact, name))
    }
    for field in face.design.fields:
        room, _, key = field.value.partition(".")
        if room == "text":
            found[key] = {"id": key, **both(face, "header", field.label), **both(face, "body", key)}
    return list(found.values())[:MOST_TEXTS]


def own_texts(face: CardFace, fields: Sequence[FieldSpec]) -> list[Resource]:
    """What this card knows, by the names of the values; what it does not know has no module, so that its row is not there."""
    known = [(field, _shown(face.values.get(field.value))) for field in fields]
    return [{"id": field.value, **both(face, "header", field.label), "body": clipped(text, LONGEST_BODY)} for field, text in known if text][
        :MOST_TEXTS
    ]


def _shown(value: object) -> str:
    return "" if value is None else str(value).strip()


def links(face: CardFace) -> list[Resource]:
    """Telephone and mail, then the design's own links, called what the design calls them."""
    contact = face.contact
    found = [link(face, "phone", "tel:" + re.sub(r"[^\d+]", "", contact.phone))] if contact.phone else []
    if contact.email:
        found.append(link(face, "email", f"mailto:{contact.email}"))
    return found + [{"id": each.label, "uri": each.url, **both(face, "description", each.label)} for each in face.design.links]


def own_links(face: CardFace) -> Resource:
    """The card's own page, where the design leads there. The page says whose card it is, so Google has its address where it may know names."""
    found = [field for field in face.design.fields if field.value == "page"]
    if not (found and face.web_url and face.google_names):
        return {}
    return {"linksModuleData": {"uris": [{"id": "page", "uri": face.web_url, **both(face, "description", found[0].label)}]}}


def website(face: CardFace) -> Resource | None:
    address = face.contact.website
    return link(face, "website", address if re.match(r"https?://", address) else f"https://{address}") if address else None


def link(face: CardFace, name: str, uri: str) -> Resource:
    return {"id": name, "uri": uri, **both(face, "description", label_of(face, f"contact.{name}"))}


def places(face: CardFace) -> list[Resource]:
    """The design's own places, then the venues, each spot once."""
    own = [(spot.latitude, spot.longitude) for spot in face.design.spots]
    spots = dict.fromkeys(own + [(place.latitude, place.longitude) for place in face.places])
    return [{"latitude": latitude, "longitude": longitude} for latitude, longitude in list(spots)[:MOST_PLACES]]


def callback(face: CardFace) -> Resource:
    """Where Google says that a guest has put the card in the wallet, or taken it out."""
    return {"callbackOptions": {"url": f"{face.base_url}/google/callback/{face.program_id}"}} if face.base_url else {}
