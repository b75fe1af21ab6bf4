"""What Google would refuse or never show, refused by us, in words that say what to mend.

Every class and object passes here before it is sent. The limits are those of the reference of the API
(developers.google.com/wallet/reference/rest/v1); none of the sentences repeats what a card says.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from walletpass.config import is_loopback
from walletpass.errors import ConfigurationError

Resource = Mapping[str, Any]

ISSUER = re.compile(r"[0-9]{1,20}")
SUFFIX = re.compile(r"[A-Za-z0-9._-]+")
LONGEST_ID = 100
MODULE = re.compile(r"[A-Za-z0-9_-]+")
COLOUR = re.compile(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.+")
KEY = re.compile(r"(?:[0-9A-Fa-f]{2}){10,64}")
BALANCES = ("string", "int", "double", "money")
ROWS = {"oneItem": 1, "twoItems": 2, "threeItems": 3}

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "loyaltyClass": ("id", "issuerName", "programName", "programLogo", "reviewStatus"),
    "loyaltyObject": ("id", "classId", "state"),
    "genericClass": ("id",),
    "genericObject": ("id", "classId", "cardTitle", "header"),
}
ENUMS: Mapping[str, tuple[str, ...]] = {
    "reviewStatus": ("UNDER_REVIEW", "DRAFT"),
    "state": ("ACTIVE", "COMPLETED", "EXPIRED", "INACTIVE"),
    "multipleDevicesAndHoldersAllowedStatus": ("MULTIPLE_HOLDERS", "ONE_USER_ALL_DEVICES", "ONE_USER_ONE_DEVICE"),
    "notifyPreference": ("NOTIFY_ON_UPDATE",),
}
CODES = ("QR_CODE", "PDF_417", "AZTEC", "CODE_128")
ROTATING_CODES = ("QR_CODE", "PDF_417")
MOST: Mapping[str, int] = {"merchantLocations": 10, "textModulesData": 10, "messages": 10}
# Characters of a text, wherever it stands, by the name of its field; Google gives less as what small phones show.
LONGEST: Mapping[str, int] = {
    "issuerName": 80, "programName": 80, "accountId": 40, "accountName": 40, "accountIdLabel": 60, "accountNameLabel": 60,
    "label": 60, "header": 500, "body": 5_000, "description": 60, "cardTitle": 80, "subheader": 60, "string": 40,
}  # fmt: skip


def check(kind: str, resource: Resource, *, whole: bool = True) -> None:
    """Raise ConfigurationError with all that is wrong; ``whole`` is for a resource, not for a part of one."""
    found = list(faults(kind, resource, whole=whole))
    if found:
        raise ConfigurationError(f"The {kind} {resource.get('id', '')} cannot go to Google: {' '.join(found)}")


def faults(kind: str, resource: Resource, *, whole: bool = True) -> Iterator[str]:
    for name in REQUIRED[kind] if whole else ():
        if not resource.get(name):
            yield f"It lacks {name}."
    if kind == "loyaltyObject" and "hexBackgroundColor" in resource:
        yield "A loyalty object has no colour of its own: hexBackgroundColor belongs to the class."
    for rule in RULES:
        yield from rule(resource)


def same_enum(one: object, other: object) -> bool:
    """Google reads back other spellings than it was sent: ``UNDER_REVIEW`` and ``underReview`` are one."""
    return _spelled(one) == _spelled(other)


def _spelled(value: object) -> str:
    return str(value).replace("_", "").lower()


def _ids(resource: Resource) -> Iterator[str]:
    issuers = set()
    for name in ("id", "classId"):
        if name not in resource:
            continue
        issuer, _, suffix = str(resource[name]).partition(".")
        issuers.add(issuer)
        if not ISSUER.fullmatch(issuer):
            yield f"The Google issuer id {issuer!r} must be the digits that the Google Pay & Wallet Console shows, at most 20."
        if not SUFFIX.fullmatch(suffix) or len(str(resource[name])) > LONGEST_ID:
            yield f"{name}: after the issuer id come letters, digits, '.', '_' and '-', at most {LONGEST_ID} in all, not {suffix!r}."
    if len(issuers) > 1:
        yield "The object and its class have two issuer ids; an issuer's objects need a class of its own."


def _enums(resource: Resource) -> Iterator[str]:
    for name, allowed in ENUMS.items():
        if name in resource and not any(same_enum(resource[name], each) for each in allowed):
            yield f"{name} must be one of {', '.join(allowed)}, not {resource[name]!r}."


def _colour(resource: Resource) -> Iterator[str]:
    colour = resource.get("hexBackgroundColor")
    if colour is not None and not COLOUR.fullmatch(str(colour)):
        yield f"hexBackgroundColor must be a colour like #14283c, not {colour!r}."


def _balances(resource: Resource) -> Iterator[str]:
    for name in ("loyaltyPoints", "secondaryLoyaltyPoints"):
        if name not in resource:
            continue
        balance = resource[name].get("balance") or {}
        if len(balance) != 1 or not balance.keys() <= set(BALANCES):
            yield f"{name} must have one kind of balance ({', '.join(BALANCES)}), not {', '.join(balance) or 'none'}."
        elif "int" in balance and not (type(balance["int"]) is int and -(2**31) <= balance["int"] < 2**31):
            yield f"{name}: Google counts whole numbers up to 2,147,483,647."


def _lists(resource: Resource) -> Iterator[str]:
    for name, most in MOST.items():
        if len(resource.get(name, ())) > most:
            yield f"{name} has {len(resource[name])} entries; Google takes {most}."


def _places(resource: Resource) -> Iterator[str]:
    for place in resource.get("merchantLocations", ()):
        if not (abs(place.get("latitude", 999)) <= 90 and abs(place.get("longitude", 999)) <= 180):
            yield f"merchantLocations: {place.get('latitude')}, {place.get('longitude')} is no place on Earth (latitude, longitude)."


def _modules(resource: Resource) -> Iterator[str]:
    ids = Counter(str(module["id"]) for module in resource.get("textModulesData", ()) if "id" in module)
    for id, times in ids.items():
        if not MODULE.fullmatch(id):
            yield f"textModulesData: the id {id!r} must be letters, digits, '_' and '-'; a dot would separate the parts of a field path."
        if times > 1:
            yield f"textModulesData: the id {id!r} is there {times} times."
    homepage = [resource["homepageUri"]] if "homepageUri" in resource else []
    for link in [*resource.get("linksModuleData", {}).get("uris", ()), *homepage]:
        if not SCHEME.fullmatch(str(link.get("uri", ""))):
            yield f"A link needs its scheme (https:, tel:, mailto:): {link.get('uri')!r}."


def _rows(resource: Resource) -> Iterator[str]:
    rows = resource.get("classTemplateInfo", {}).get("cardTemplateOverride", {}).get("cardRowTemplateInfos", ())
    if len(rows) > 3:
        yield f"A card has at most three rows, not {len(rows)}."
    for row in rows:
        if len(row) != 1 or not row.keys() <= ROWS.keys() or any(len(items) != ROWS[name] for name, items in row.items()):
            yield "Each row of a card has one, two or three items."


def _addresses(resource: Resource) -> Iterator[str]:
    named = [
        (name, value["sourceUri"].get("uri", "")) for name, value in resource.items() if isinstance(value, dict) and "sourceUri" in value
    ]
    if "callbackOptions" in resource:
        named.append(("callbackOptions", resource["callbackOptions"].get("url", "")))
    for name, address in named:
        if not _reachable(str(address)):
            yield f"{name}: Google only comes to https, not to {address!r}. Set WALLETPASS_BASE_URL to the address that the world knows."


def _reachable(address: str) -> bool:
    """Plain http is for a sandbox on this machine."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")))
    except ValueError:
        return False


def _codes(resource: Resource) -> Iterator[str]:
    code, rotating = resource.get("barcode"), resource.get("rotatingBarcode")
    if code and not any(same_enum(code.get("type"), each) for each in CODES):
        yield f"barcode: the type must be one of {', '.join(CODES)}, not {code.get('type')!r}."
    if rotating is None:
        return
    totp = rotating.get("totpDetails", {})
    keys = totp.get("parameters", ())
    if code:
        yield "A card whose code changes must not show one that does not."
    if not any(same_enum(rotating.get("type"), each) for each in ROTATING_CODES):
        yield f"rotatingBarcode: only {' and '.join(ROTATING_CODES)} can change, not {rotating.get('type')!r}."
    if not re.fullmatch(r"[1-9][0-9]*", str(totp.get("periodMillis", ""))) or type(totp.get("periodMillis")) is not str:
        yield "rotatingBarcode: periodMillis must be milliseconds in a string."
    if not keys or not all(KEY.fullmatch(str(each.get("key", ""))) and 6 <= each.get("valueLength", 0) <= 10 for each in keys):
        yield "rotatingBarcode: each parameter needs a key in Base16 and a valueLength from 6 to 10."
    if "{totp_value_0}" not in rotating.get("valuePattern", ""):
        yield "rotatingBarcode: the valuePattern must say where {totp_value_0} stands."


def _texts(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        default = value.get("defaultValue")
        if ("defaultValue" in value or "translatedValues" in value) and not (
            default and default.get("value") and all(LANGUAGE.fullmatch(str(each.get("language"))) for each in _said(value))
        ):
            yield f"{path}: a text in several languages needs a default, and each a language like uk or pt-BR."
        yield from _length(value, path)
        for key, child in value.items():
            yield from _texts(child, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for place, child in enumerate(value):
            yield from _texts(child, f"{path}[{place}]")


def _length(value: Resource, path: str) -> Iterator[str]:
    for key, child in value.items():
        plain = key[9].lower() + key[10:] if key.startswith("localized") and len(key) > 10 else key
        texts = [child] if isinstance(child, str) else [each.get("value") for each in _said(child)] if isinstance(child, Mapping) else []
        longest = max((len(text) for text in texts if isinstance(text, str)), default=0)
        if longest > LONGEST.get(plain, longest):
            yield f"{f'{path}.{key}'.lstrip('.')} has {longest} letters; there is room for {LONGEST[plain]}."


def _said(text: Resource) -> list[Resource]:
    return [text.get("defaultValue") or {}, *text.get("translatedValues", ())]


RULES: tuple[Callable[[Resource], Iterator[str]], ...] = (
    _ids, _enums, _colour, _balances, _lists, _places, _modules, _rows, _addresses, _codes, _texts,
)  # fmt: skip
