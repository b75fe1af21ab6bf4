"""What the Wallet REST API refuses: ids, required fields, unknown keys, two kinds of balance, a review status only Google may set."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Resource = dict[str, Any]

ID = re.compile(r"\d{1,20}\.[A-Za-z0-9._-]+")
MODULE_ID = re.compile(r"[A-Za-z0-9_-]+")
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
BALANCES = ("string", "int", "double", "money")
STATES = ("ACTIVE", "COMPLETED", "EXPIRED", "INACTIVE")
OUTPUT_ONLY = ("hasUsers", "hasLinkedDevice", "classReference", "review", "kind")

SHARED = """id textModulesData imageModulesData linksModuleData messages merchantLocations locations notifyPreference
    appLinkData valueAddedModuleData heroImage hexBackgroundColor"""
CLASS = """classTemplateInfo callbackOptions multipleDevicesAndHoldersAllowedStatus securityAnimation viewUnlockRequirement enableSmartTap
    redemptionIssuers countryCode homepageUri reviewStatus review"""
OBJECT = """classId state barcode rotatingBarcode validTimeInterval groupingInfo linkedObjectIds passConstraints saveRestrictions
    smartTapRedemptionValue hasUsers hasLinkedDevice classReference disableExpirationNotification"""
LOYALTY_CLASS = """issuerName programName programLogo wideProgramLogo localizedIssuerName localizedProgramName accountNameLabel accountIdLabel
    localizedAccountNameLabel localizedAccountIdLabel rewardsTierLabel rewardsTier localizedRewardsTierLabel localizedRewardsTier
    secondaryRewardsTierLabel secondaryRewardsTier localizedSecondaryRewardsTierLabel localizedSecondaryRewardsTier discoverableProgram"""
LOYALTY_OBJECT = "accountId accountName loyaltyPoints secondaryLoyaltyPoints linkedOfferIds"
GENERIC_OBJECT = "cardTitle header subheader logo wideLogo genericType notifications"


def _keys(*groups: str, without: str = "") -> frozenset[str]:
    return frozenset(" ".join(groups).split()) - set(without.split())


KEYS: dict[str, frozenset[str]] = {
    "loyaltyClass": _keys(SHARED, CLASS, LOYALTY_CLASS),
    "loyaltyObject": _keys(SHARED, OBJECT, LOYALTY_OBJECT, without="hexBackgroundColor"),
    "genericClass": _keys(SHARED, CLASS, without="reviewStatus review heroImage hexBackgroundColor notifyPreference"),
    "genericObject": _keys(SHARED, OBJECT, GENERIC_OBJECT, without="notifyPreference"),
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "loyaltyClass": ("id", "issuerName", "programName", "programLogo", "reviewStatus"),
    "loyaltyObject": ("id", "classId", "state"),
    "genericClass": ("id",),
    "genericObject": ("id", "classId", "cardTitle", "header"),
}


class Invalid(ValueError):
    """A 400; the message is Google's kind of sentence."""


def spelled(value: Any) -> str:
    """An enum value whatever its spelling: ``underReview``, ``UNDER_REVIEW`` and ``under_review`` are one."""
    return str(value).replace("_", "").lower()


def check_keys(kind: str, body: Mapping[str, Any]) -> None:
    for key in body:
        if key not in KEYS[kind] and key not in OUTPUT_ONLY:
            raise Invalid(f'Invalid JSON payload received. Unknown name "{key}": Cannot find field.')


def check(kind: str, resource: Resource) -> None:
    """Raise Invalid unless ``resource`` could be stored."""
    check_keys(kind, resource)
    for key in REQUIRED[kind]:
        if not resource.get(key):
            raise Invalid(f"Missing required field: {key}.")
    for key in ("id", "classId"):
        if key in resource and not (isinstance(resource[key], str) and ID.fullmatch(resource[key])):
            raise Invalid(f"Invalid resource ID: {resource[key]}")
    for rule in RULES:
        rule(kind, resource)


def _state(kind: str, resource: Resource) -> None:
    if "state" in resource and spelled(resource["state"]) not in map(spelled, STATES):
        raise Invalid(f"Invalid value at 'state': {resource['state']!r}.")


def _review(kind: str, resource: Resource) -> None:
    if kind == "loyaltyClass" and spelled(resource["reviewStatus"]) not in ("draft", "underreview"):
        raise Invalid(f"Invalid review status Optional[{resource['reviewStatus']}]; set it to UNDER_REVIEW or DRAFT.")


def _colour(kind: str, resource: Resource) -> None:
    if "hexBackgroundColor" in resource and not COLOUR.fullmatch(str(resource["hexBackgroundColor"])):
        raise Invalid(f"Invalid hexBackgroundColor: {resource['hexBackgroundColor']!r}.")


def _points(kind: str, resource: Resource) -> None:
    for name in ("loyaltyPoints", "secondaryLoyaltyPoints"):
        if name not in resource:
            continue
        balance = resource[name].get("balance") if isinstance(resource[name], dict) else None
        if not isinstance(balance, dict):
            raise Invalid(f"{name}.balance is required.")
        kinds = [key for key in balance if key in BALANCES]
        if len(kinds) != 1 or len(balance) != 1:
            raise Invalid(f"{name}.balance needs exactly one of {', '.join(BALANCES)}; it has {', '.join(balance) or 'none'}.")
        if "int" in balance and (isinstance(balance["int"], bool) or not isinstance(balance["int"], int) or abs(balance["int"]) >= 2**31):
            raise Invalid(f"{name}.balance.int is not a 32-bit number.")
        if "string" in balance and not isinstance(balance["string"], str):
            raise Invalid(f"{name}.balance.string is not text.")


def _modules(kind: str, resource: Resource) -> None:
    for module in resource.get("textModulesData", []):
        if "id" in module and not MODULE_ID.fullmatch(str(module["id"])):
            raise Invalid(f"textModulesData id {module['id']!r} may hold letters, digits, _ and - only.")
    if len(resource.get("merchantLocations", [])) > 10:
        raise Invalid("merchantLocations has more than 10 entries.")


def _barcode(kind: str, resource: Resource) -> None:
    if "barcode" in resource and not (isinstance(resource["barcode"], dict) and resource["barcode"].get("type")):
        raise Invalid("barcode.type is required.")


def _images(kind: str, resource: Resource) -> None:
    for path, image in images_in(resource):
        uri = image.get("sourceUri", {}).get("uri") if isinstance(image.get("sourceUri"), dict) else None
        if not isinstance(uri, str) or not uri.startswith(("https://", "http://")):
            raise Invalid(f"{path}.sourceUri.uri is not an address Google can fetch.")


def _texts(kind: str, resource: Resource) -> None:
    _localized(resource, "")


def _localized(value: Any, path: str) -> None:
    if isinstance(value, dict):
        if "translatedValues" in value or "defaultValue" in value:
            default = value.get("defaultValue")
            if not isinstance(default, dict) or not default.get("language") or "value" not in default:
                raise Invalid(f"{path or 'localized string'}.defaultValue needs language and value.")
        for key, child in value.items():
            _localized(child, f"{path}.{key}".lstrip("."))
    if isinstance(value, list):
        for index, child in enumerate(value):
            _localized(child, f"{path}[{index}]")


def images_in(resource: Resource) -> list[tuple[str, Resource]]:
    """(path, Image) of every picture a resource names."""
    names = ("programLogo", "wideProgramLogo", "heroImage", "logo", "wideLogo")
    found = [(name, resource[name]) for name in names if isinstance(resource.get(name), dict)]
    modules = [module for module in resource.get("imageModulesData", []) if isinstance(module.get("mainImage"), dict)]
    return found + [("imageModulesData.mainImage", module["mainImage"]) for module in modules]


RULES: tuple[Callable[[str, Resource], None], ...] = (_state, _review, _colour, _points, _modules, _barcode, _images, _texts)
