"""The coat ticket of a guest without a card: a generic object of a class that all tickets of a program share.

developers.google.com/wallet/reference/rest/v1/genericclass and /genericobject. The face is that of a card whose ``design`` is
the design's `ticket`, with the hook as its value ``coat``.
"""

from typing import Any

from walletpass.cards import CardFace
from walletpass.google import layout, modules
from walletpass.google.barcodes import barcode
from walletpass.google.ids import ticket_class_id, ticket_id
from walletpass.google.objects import moment
from walletpass.google.words import LONGEST_BODY, both, clipped, label_of, said, spec_of, translated

Resource = dict[str, Any]


def generic_class(face: CardFace) -> Resource:
    bound = [name for name in ("terms", "address") if spec_of(face, f"contact.{name}")]
    homepage = modules.website(face)
    return {
        "id": ticket_class_id(face),
        "multipleDevicesAndHoldersAllowedStatus": "ONE_USER_ALL_DEVICES",
        "classTemplateInfo": layout.ticket_template(face),
        "textModulesData": modules.shared_texts(face, *bound),
        "linksModuleData": {"uris": [*([homepage] if homepage else []), *modules.links(face)]},
        "merchantLocations": modules.places(face),
        **modules.callback(face),
    }


def generic_object(face: CardFace, returned: bool = False) -> Resource:
    """``returned`` is for a coat that its guest has back: the ticket goes to the passes of the past."""
    hook = str(face.values.get("coat") or "").strip()
    resource: Resource = {
        "id": ticket_id(face),
        "classId": ticket_class_id(face),
        "genericType": "GENERIC_OTHER",
        "cardTitle": said(face.organization, face.language),
        "header": said(clipped(hook or face.number, LONGEST_BODY), face.language),
        "logo": modules.image(face, "google_logo.png"),
        "heroImage": modules.image(face, "google_hero.png"),
        "hexBackgroundColor": modules.web_colour(face.palette.background),
        "state": "COMPLETED" if returned or face.voided else "ACTIVE",
        "textModulesData": _texts(face),
        "groupingInfo": {"groupingId": face.program_id, "sortIndex": 0},
        "merchantLocations": modules.places(face),
    }
    if label := label_of(face, "coat" if hook else "number"):
        resource["subheader"] = translated(face, label)
    if face.expires_at is not None:
        resource["validTimeInterval"] = {"end": {"date": moment(face.expires_at)}}
    return resource if resource["state"] == "COMPLETED" else resource | barcode(face)


def _texts(face: CardFace) -> list[Resource]:
    """What hangs there and where, then the number of the ticket. The hook is its title."""
    texts = modules.own_texts(face, layout.ticket_texts(face.design))
    number = {"id": "number", **both(face, "header", label_of(face, "number")), "body": face.number}
    return [*texts, number] if label_of(face, "number") else texts
