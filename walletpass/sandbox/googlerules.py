"""What the Wallet REST API refuses beyond its schema: ids, required fields, two kinds of balance, a review status only Google may set."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from walletpass.config import is_loopback
from walletpass.sandbox.googleschema import OUTPUT_ONLY, problems

Resource = dict[str, Any]

ID = re.compile(r"\d{1,20}\.[A-Za-z0-9._-]+")
LONGEST_ID = 100
MODULE_ID = re.compile(r"[A-Za-z0-9_-]+")
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
OFFSET = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
BALANCES = ("string", "int", "double", "money")
MOST = {"messages": 10, "merchantLocations": 10, "valueAddedModuleData": 15, "linkedObjectIds": 50}
ROW = {"oneItem": ("item",), "twoItems": ("startItem", "endItem"), "threeItems": ("startItem", "middleItem", "endItem")}
MOST_ROWS = 3
REQUIRED: dict[str, tuple[str, ...]] = {
    "loyaltyClass": ("id", "issuerName", "programName", "programLogo", "reviewStatus"),
    "loyaltyObject": ("id", "classId", "state"),
    "genericClass": ("id",),
    "genericObject": ("id", "classId", "cardTitle", "header"),
}
__all__ = ["OUTPUT_ONLY", "Invalid", "Resource", "check", "check_body", "images_in", "spelled"]


class Invalid(ValueError):
    """A 400; the message is Google's kind of sentence."""


def spelled(value: Any) -> str:
    """An enum value whatever its spelling: ``underReview``, ``UNDER_REVIEW`` and ``under_review`` are one."""
    return str(value).replace("_", "").lower()


def check_body(kind: str, body: Resource) -> None:
    """Raise Invalid for what may never be sent, in a whole resource or in a part of one."""
    for problem in problems(kind, body):
        raise Invalid(problem)
    for key in ("id", "classId"):
        if key in body and not (ID.fullmatch(body[key]) and len(body[key]) <= LONGEST_ID):
            raise Invalid(f"Invalid resource ID: {body[key]}")
    for rule in RULES:
        for problem in rule(body):
            raise Invalid(problem)


def check(kind: str, resource: Resource) -> None:
    """Raise Invalid unless ``resource`` could be stored."""
    for key in REQUIRED[kind]:
        if not resource.get(key):
            raise Invalid(f"Missing required field: {key}.")
    check_body(kind, resource)


def _review(resource: Resource) -> Iterator[str]:
    if "reviewStatus" in resource and resource["reviewStatus"] not in ("DRAFT", "UNDER_REVIEW"):
        yield f"Invalid review status Optional[{resource['reviewStatus']}]; set it to UNDER_REVIEW or DRAFT."


def _colour(resource: Resource) -> Iterator[str]:
    if "hexBackgroundColor" in resource and not COLOUR.fullmatch(resource["hexBackgroundColor"]):
        yield f"Invalid hexBackgroundColor: {resource['hexBackgroundColor']!r}."


def _points(resource: Resource) -> Iterator[str]:
    for name in ("loyaltyPoints", "secondaryLoyaltyPoints"):
        if name in resource:
            balance = resource[name].get("balance", {})
            if len(balance) != 1:
                yield f"{name}.balance needs exactly one of {', '.join(BALANCES)}; it has {', '.join(balance) or 'none'}."


def _lengths(resource: Resource) -> Iterator[str]:
    for name, most in MOST.items():
        if len(resource.get(name, [])) > most:
            yield f"{name} has more than {most} entries."


def _modules(resource: Resource) -> Iterator[str]:
    for module in resource.get("textModulesData", []):
        if "id" in module and not MODULE_ID.fullmatch(module["id"]):
            yield f"textModulesData id {module['id']!r} may hold letters, digits, _ and - only."


def _places(resource: Resource) -> Iterator[str]:
    for place in resource.get("merchantLocations", []):
        if not ("latitude" in place and "longitude" in place and abs(place["latitude"]) <= 90 and abs(place["longitude"]) <= 180):
            yield f"merchantLocations: {place} is no place on Earth."


def _barcode(resource: Resource) -> Iterator[str]:
    if "barcode" in resource and not resource["barcode"].get("type"):
        yield "barcode.type is required."
    rotating = resource.get("rotatingBarcode")
    if rotating is None:
        return
    totp = rotating.get("totpDetails", {})
    if rotating.get("type") not in ("QR_CODE", "PDF_417"):
        yield "rotatingBarcode.type has to be QR_CODE or PDF_417."
    if not rotating.get("valuePattern") or not int(totp.get("periodMillis", "0")) > 0 or not totp.get("parameters"):
        yield "rotatingBarcode needs valuePattern and totpDetails with periodMillis and parameters."
    for one in totp.get("parameters", []):
        if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", one.get("key", "")) or not 0 < one.get("valueLength", 0) <= 10:
            yield "rotatingBarcode.totpDetails.parameters need a Base16 key and a valueLength."


def _images(resource: Resource) -> Iterator[str]:
    for path, image in images_in(resource):
        if ("sourceUri" in image) == ("privateImageId" in image):
            yield f"{path} needs exactly one of sourceUri and privateImageId."
        elif "sourceUri" in image and not image["sourceUri"].get("uri", "").startswith(("https://", "http://")):
            yield f"{path}.sourceUri.uri is not an address Google can fetch."


def _texts(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        if "translatedValues" in value or "defaultValue" in value:
            default = value.get("defaultValue", {})
            if not default.get("language") or "value" not in default:
                yield f"{path or 'localized string'}.defaultValue needs language and value."
        for key, child in value.items():
            yield from _texts(child, f"{path}.{key}".lstrip("."))
    if isinstance(value, list):
        for index, child in enumerate(value):
            yield from _texts(child, f"{path}[{index}]")


def _template(resource: Resource) -> Iterator[str]:
    rows = resource.get("classTemplateInfo", {}).get("cardTemplateOverride", {}).get("cardRowTemplateInfos", [])
    if len(rows) > MOST_ROWS:
        yield f"cardRowTemplateInfos has more than {MOST_ROWS} rows."
    for row in rows:
        if len(row) != 1:
            yield f"A row of the card needs exactly one of {', '.join(ROW)}."
        for name, items in row.items():
            if missing := [item for item in ROW[name] if not item_drawn(items.get(item, {}))]:
                yield f"{name} needs {', '.join(missing)} with a field to show."


def _interval(resource: Resource) -> Iterator[str]:
    ends = [end.get("date", "") for end in resource.get("validTimeInterval", {}).values() if isinstance(end, dict)]
    if len({bool(OFFSET.search(end)) for end in ends}) > 1:
        yield "validTimeInterval: if one end has an offset, the other one needs one too."


def _callback(resource: Resource) -> Iterator[str]:
    url = resource.get("callbackOptions", {}).get("url", "https://")
    host = re.sub(r"^http://([^/:]+).*", r"\1", url)
    if not url.startswith("https://") and not is_loopback(host):
        yield f"callbackOptions.url has to be https, not {url!r}."


def item_drawn(item: Mapping[str, Any]) -> bool:
    fields = item.get("firstValue", {}).get("fields", [])
    return "predefinedItem" in item or (bool(fields) and all(field.get("fieldPath") for field in fields))


def images_in(resource: Resource) -> list[tuple[str, Resource]]:
    """(path, Image) of every picture a resource names."""
    names = ("programLogo", "wideProgramLogo", "heroImage", "logo", "wideLogo")
    found = [(name, resource[name]) for name in names if isinstance(resource.get(name), dict)]
    modules = [module for module in resource.get("imageModulesData", []) if isinstance(module.get("mainImage"), dict)]
    return found + [("imageModulesData.mainImage", module["mainImage"]) for module in modules]


RULES: tuple[Callable[[Resource], Iterator[str]], ...] = (
    _review,
    _colour,
    _points,
    _lengths,
    _modules,
    _places,
    _barcode,
    _images,
    _texts,
    _template,
    _interval,
    _callback,
)
