"""Which keys pass.json may have, and what each one holds (Apple: "Pass", "PassFields", "PassFieldContent")."""

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from walletpass.apple.inspection.findings import Findings, ignored, refused, said
from walletpass.apple.inspection.jsontext import Object

STYLES = ("storeCard", "generic", "coupon", "eventTicket", "boardingPass")
POSTER = "posterGeneric"
SLOTS = ("headerFields", "primaryFields", "secondaryFields", "auxiliaryFields", "backFields", "additionalInfoFields", "footerFields")
REQUIRED = ("formatVersion", "passTypeIdentifier", "teamIdentifier", "serialNumber", "organizationName", "description")

Shape = Mapping[str, str]

TOP: Shape = {
    **dict.fromkeys(("passTypeIdentifier", "teamIdentifier", "serialNumber", "organizationName", "description", "logoText"), "text"),
    **dict.fromkeys(("backgroundColor", "foregroundColor", "labelColor", "stripColor"), "text"),
    **dict.fromkeys(
        ("webServiceURL", "authenticationToken", "appLaunchURL", "groupingIdentifier", "relevantDate", "expirationDate"), "text"
    ),
    **dict.fromkeys(("suppressStripShine", "voided", "sharingProhibited"), "yes or no"),
    **dict.fromkeys((*STYLES, POSTER, "barcode", "nfc", "semantics"), "an object"),
    **dict.fromkeys(("barcodes", "locations", "beacons", "relevantDates", "featuredActions", "preferredStyleSchemes"), "a list"),
    **dict.fromkeys(("associatedStoreIdentifiers",), "a list"),
    **dict.fromkeys(("formatVersion", "maxDistance"), "a number"),
    "userInfo": "anything",
}
EVENT_ONLY: Shape = {
    **dict.fromkeys(
        [
            "accessibilityURL",
            "addOnURL",
            "bagPolicyURL",
            "contactVenueEmail",
            "contactVenuePhoneNumber",
            "contactVenueWebsite",
            "directionsInformationURL",
            "eventLogoText",
            "footerBackgroundColor",
            "merchandiseURL",
            "orderFoodURL",
            "parkingInformationURL",
            "purchaseParkingURL",
            "sellURL",
            "transferURL",
            "transitInformationURL",
        ],
        "text",
    ),
    **dict.fromkeys(("suppressHeaderDarkening", "useAutomaticColors"), "yes or no"),
    **dict.fromkeys(("auxiliaryStoreIdentifiers", "upcomingPassInformation"), "a list"),
}
BOARDING_ONLY: Shape = dict.fromkeys(
    [
        "changeSeatURL",
        "entertainmentURL",
        "managementURL",
        "purchaseAdditionalBaggageURL",
        "purchaseLoungeAccessURL",
        "purchaseWifiURL",
        "registerServiceAnimalURL",
        "reportLostBagURL",
        "requestWheelchairURL",
        "trackBagsURL",
        "transitProviderEmail",
        "transitProviderPhoneNumber",
        "transitProviderWebsiteURL",
        "upgradeURL",
    ],
    "text",
)
GROUPS: Shape = {**dict.fromkeys(SLOTS, "a list"), "transitType": "text"}
FIELD: Shape = {
    "key": "text",
    "value": "text or a number",
    "attributedValue": "text or a number",
    "label": "text",
    "changeMessage": "text",
    **dict.fromkeys(("currencyCode", "numberStyle", "dateStyle", "timeStyle", "textAlignment"), "text"),
    **dict.fromkeys(("isRelative", "ignoresTimeZone"), "yes or no"),
    "dataDetectorTypes": "a list",
    "semantics": "an object",
    "row": "a number",
}


def style_of(content: Object) -> str:
    """The style, or "" when there is none or more than one."""
    found = [style for style in STYLES if isinstance(content.get(style), dict)]
    return found[0] if len(found) == 1 else ""


def fields_of(content: Object) -> Iterator[tuple[str, str, Object]]:
    """(path, slot, field) of every field that is an object, of the style and of a poster beside it."""
    for style in (*STYLES, POSTER):
        groups = content.get(style)
        for slot in SLOTS if isinstance(groups, dict) else ():
            group = groups.get(slot) if isinstance(groups, dict) else None
            for index, field in enumerate(group if isinstance(group, list) else ()):
                if isinstance(field, dict):
                    yield f"{style}.{slot}[{index}]", slot, field


def objects(content: Object, key: str, path: str = "") -> Iterator[tuple[str, Object]]:
    """(path, object) of the objects in a list."""
    listed = content.get(key)
    for index, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, dict):
            yield f"{path}{key}[{index}]", one


def keys(path: str, value: Object, shape: Shape) -> Findings:
    """Every key is known and holds what it should; null is a matter of its own."""
    where = f"{path}." if path else ""
    for key, held in value.items():
        if key not in shape:
            yield ignored("key-unknown", f"pass.json: {where}{_short(key)} is no key Wallet knows{_near(key, shape)}. Take it out.")
        elif held is not None and not is_a(shape[key], held):
            yield refused("value-type", f"pass.json: {where}{key} has to be {shape[key]}, not {said(held)}.")


def all_objects(path: str, listed: Any) -> Findings:
    for index, one in enumerate(listed if isinstance(listed, list) else ()):
        if one is not None and not isinstance(one, dict):
            yield refused("value-type", f"pass.json: {path}[{index}] has to be an object, not {said(one)}.")


def is_a(kind: str, value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool) and (isinstance(value, int) or math.isfinite(value))
    return {
        "text": isinstance(value, str),
        "a number": number,
        "text or a number": isinstance(value, str) or number,
        "yes or no": isinstance(value, bool),
        "an object": isinstance(value, dict),
        "a list": isinstance(value, list),
        "anything": True,
    }[kind]


def nulls(content: Object) -> Iterator[str]:
    """The paths of every null outside userInfo."""
    open_ends: list[tuple[str, Any]] = [(key, value) for key, value in reversed(content.items()) if key != "userInfo"]
    while open_ends:
        path, value = open_ends.pop()
        if value is None:
            yield path
        elif isinstance(value, dict):
            open_ends.extend((f"{path}.{_short(key)}", child) for key, child in value.items())
        elif isinstance(value, list):
            open_ends.extend((f"{path}[{index}]", child) for index, child in enumerate(value))


def _short(key: str) -> str:
    return key if key.isidentifier() and len(key) <= 40 else said(key)


def _near(key: str, known: Iterable[str]) -> str:
    start = key[:2].lower()
    near = difflib.get_close_matches(key[:40], [one for one in known if one[:2].lower() == start], 1, 0.8)
    return f"; did you mean {near[0]}?" if near else ""
