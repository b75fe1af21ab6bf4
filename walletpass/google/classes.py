"""What all cards of a program share at Google: its loyalty class (developers.google.com/wallet/reference/rest/v1/loyaltyclass)."""

from typing import Any

from walletpass.cards import CardFace
from walletpass.google import layout, modules
from walletpass.google.ids import class_id
from walletpass.google.words import both, label_of, said

Resource = dict[str, Any]

PROGRAM_NAME = "txt_description"


def loyalty_class(face: CardFace) -> Resource:
    """The guest's own values are not looked at."""
    resource: Resource = {
        "id": class_id(face),
        **_names(face),
        "programLogo": modules.image(face, "google_logo.png"),
        "heroImage": modules.image(face, "google_hero.png"),
        "hexBackgroundColor": modules.web_colour(face.palette.background),
        # Also when the class has long been approved: a write with anything else is refused.
        "reviewStatus": "UNDER_REVIEW",
        "multipleDevicesAndHoldersAllowedStatus": "ONE_USER_ALL_DEVICES",
        "classTemplateInfo": layout.card_template(face),
        "textModulesData": modules.shared_texts(face, "terms", "address"),
        "linksModuleData": {"uris": modules.links(face)},
        "merchantLocations": modules.places(face),
        **modules.callback(face),
    }
    if homepage := modules.website(face):
        # Shown among the links, so it is not repeated there.
        resource["homepageUri"] = homepage
    if face.country:
        resource["countryCode"] = face.country
    return resource


def _names(face: CardFace) -> Resource:
    """The restaurant, then what its card is called where the design says so; labels of what an object says of the account."""
    issuer = said(face.organization, face.language)
    named = PROGRAM_NAME in face.design.strings["en"]
    return {
        "issuerName": face.organization,
        "localizedIssuerName": issuer,
        **(both(face, "programName", PROGRAM_NAME) if named else {"programName": face.organization, "localizedProgramName": issuer}),
        **both(face, "accountIdLabel", label_of(face, "number")),
        **(both(face, "accountNameLabel", label_of(face, "holder")) if face.google_names else {}),
    }
