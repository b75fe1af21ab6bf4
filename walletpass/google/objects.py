"""A guest's card at Google: its loyalty object (developers.google.com/wallet/reference/rest/v1/loyaltyobject).

It leaves the house, so of a person only the first name goes in, and that only where the program says so. What an object
does not say is not in it: a write that must take something away has to be a whole one (PUT).
"""

from datetime import UTC, datetime
from typing import Any

from walletpass.cards import CardFace, stamped_path
from walletpass.google import layout, modules
from walletpass.google.barcodes import barcode
from walletpass.google.classes import loyalty_class
from walletpass.google.ids import class_id, object_id
from walletpass.google.words import LONGEST_FIGURE, both, clipped, label_of

__all__ = ["class_id", "loyalty_class", "loyalty_object", "moment", "object_id", "points"]

Resource = dict[str, Any]


def loyalty_object(face: CardFace) -> Resource:
    resource: Resource = {
        "id": object_id(face),
        "classId": class_id(face),
        "state": _state(face),
        "accountId": face.number,
        "loyaltyPoints": _points(face),
        # Cards and coat tickets of one restaurant lie together, the ticket on top.
        "groupingInfo": {"groupingId": face.program_id, "sortIndex": 1},
        "merchantLocations": modules.places(face),
        "textModulesData": [] if face.voided else modules.own_texts(face, layout.card_texts(face.design)),
        **_second(face),
    }
    if face.expires_at is not None:
        resource["validTimeInterval"] = {"end": {"date": moment(face.expires_at)}}
    if face.design.stamps is not None:
        # The card's own banner outranks the class's; every number of stamps has an address of its own.
        path = stamped_path(face.design, face.palette, "google_hero.png", face.stamp_count)
        resource["heroImage"] = modules.picture(face, face.base_url + path)
    if face.voided:
        # Google keeps it for ever: the code would be refused, and of the guest nothing has to stay.
        return resource
    return resource | barcode(face) | modules.own_links(face) | _name(face)


def points(face: CardFace) -> int:
    """What the card counts: stamps where its design has them."""
    return int(face.values.get("points", 0)) if face.design.stamps is None else face.stamp_count


def moment(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _state(face: CardFace) -> str:
    if face.voided:
        return "INACTIVE"
    return "EXPIRED" if face.expires_at is not None and face.expires_at <= face.changed_at else "ACTIVE"


def _points(face: CardFace) -> Resource:
    """One kind of balance for all cards of a program: a number for points, a text for stamps."""
    total = face.design.stamps.total if face.design.stamps else 0
    balance: Resource = {"string": f"{points(face)}/{total}"} if total else {"int": points(face)}
    return {**both(face, "label", label_of(face, *layout.counted(face.design))), "balance": balance}


def _second(face: CardFace) -> Resource:
    name = layout.second(face.design)
    value = face.values.get(name)
    if name == "tier" and value:
        balance: Resource = {"string": clipped(str(value), LONGEST_FIGURE)}
    elif name != "tier" and type(value) is int:
        balance = {"int": value}
    else:
        return {}
    return {"secondaryLoyaltyPoints": {**both(face, "label", label_of(face, name)), "balance": balance}}


def _name(face: CardFace) -> Resource:
    first = str(face.values.get("holder") or "").split()[:1] if face.google_names else []
    return {"accountName": clipped(first[0], LONGEST_FIGURE)} if first else {}
