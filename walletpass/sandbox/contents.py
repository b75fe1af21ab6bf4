"""What pass.json has to say before a phone shows it."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from walletpass.sandbox.refusal import WontOpen

Content = dict[str, Any]

STYLES = ("storeCard", "generic", "coupon", "eventTicket", "boardingPass")
SLOTS = ("headerFields", "primaryFields", "secondaryFields", "auxiliaryFields", "backFields")
COLOURS = ("backgroundColor", "foregroundColor", "labelColor")
COLOUR = re.compile(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)")
BARCODES = tuple(f"PKBarcodeFormat{kind}" for kind in ("QR", "PDF417", "Aztec", "Code128", "Code39", "Codabar", "EAN13", "I2of5"))
NEEDED = ("passTypeIdentifier", "teamIdentifier", "serialNumber", "organizationName", "description")


def check(content: Content) -> None:
    """WontOpen on the first thing a phone would not accept."""
    for rule in RULES:
        rule(content)


def style_of(content: Content) -> str:
    return next(style for style in STYLES if style in content)


def fields_of(content: Content) -> Iterator[tuple[str, Content]]:
    """(slot, field) of every field, in the order of the slots."""
    for slot in SLOTS:
        for field in content[style_of(content)].get(slot, []):
            yield slot, field


def no_nulls(content: Content) -> None:
    if path := _null(content, ""):
        raise WontOpen(f"pass.json has null at {path}; leave the key out instead.")


def _null(value: Any, path: str) -> str:
    children: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        children = [(f"{path}.{key}".lstrip("."), child) for key, child in value.items()]
    if isinstance(value, list):
        children = [(f"{path}[{index}]", child) for index, child in enumerate(value)]
    return next((found for name, child in children if (found := name if child is None else _null(child, name))), "")


def required_keys(content: Content) -> None:
    if content.get("formatVersion") != 1 or isinstance(content.get("formatVersion"), bool):
        raise WontOpen("formatVersion has to be the number 1.")
    for key in NEEDED:
        if not isinstance(content.get(key), str) or not content[key].strip():
            raise WontOpen(f"pass.json needs {key}, as text that is not empty.")
    if not content["passTypeIdentifier"].startswith("pass."):
        raise WontOpen(f"passTypeIdentifier has to begin with 'pass.', not {content['passTypeIdentifier']!r}.")


def one_style(content: Content) -> None:
    found = [style for style in STYLES if style in content]
    if len(found) != 1:
        raise WontOpen(f"pass.json needs exactly one style ({', '.join(STYLES)}); it has {', '.join(found) or 'none'}.")
    if not isinstance(content[found[0]], dict):
        raise WontOpen(f"{found[0]} has to be an object with lists of fields.")


def colours(content: Content) -> None:
    for name in COLOURS:
        if name not in content:
            continue
        match = COLOUR.fullmatch(str(content[name]))
        if match is None or any(int(part) > 255 for part in match.groups()):
            raise WontOpen(f"{name} has to look like 'rgb(176, 83, 52)', not {content[name]!r}.")


def field_shapes(content: Content) -> None:
    for slot in SLOTS:
        group = content[style_of(content)].get(slot, [])
        if not isinstance(group, list) or not all(isinstance(field, dict) for field in group):
            raise WontOpen(f"{slot} has to be a list of fields.")
    seen: set[str] = set()
    for slot, field in fields_of(content):
        key = field.get("key")
        if not isinstance(key, str) or not key:
            raise WontOpen(f"A field in {slot} has no key.")
        if key in seen:
            raise WontOpen(f"The field key {key!r} is used twice; changes are found by key.")
        seen.add(key)
        _field(slot, field)


def _field(slot: str, field: Content) -> None:
    key, value = field["key"], field.get("value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise WontOpen(f"The field {key!r} needs a value that is text or a number.")
    for name in ("currencyCode", "numberStyle"):
        if name in field and isinstance(value, str):
            raise WontOpen(f"The field {key!r} has {name}, so its value has to be a number, not text.")
    if ("dateStyle" in field or "timeStyle" in field) and not _has_zone(value):
        raise WontOpen(f"The field {key!r} is shown as a date, so its value needs a date, a time and a zone.")
    if "textAlignment" in field and slot in ("primaryFields", "backFields"):
        raise WontOpen(f"The field {key!r} in {slot} may not have textAlignment.")


def check_change_messages(content: Content, strings: Mapping[str, Mapping[str, str]]) -> None:
    """Every change message, in every language, has a place for the new value."""
    for _, field in fields_of(content):
        message = str(field.get("changeMessage", "%@"))
        texts = [words[message] for words in strings.values() if message in words] or [message]
        if not all("%@" in text for text in texts):
            raise WontOpen(f"The changeMessage of the field {field['key']!r} lacks %@, the place of the new value.")


def room_on_the_front(content: Content) -> None:
    groups = content[style_of(content)]
    if len(groups.get("headerFields", [])) > 3:
        raise WontOpen("There is room for three header fields.")
    row = len(groups.get("secondaryFields", [])) + len(groups.get("auxiliaryFields", []))
    if row > 4:
        raise WontOpen(f"Secondary and auxiliary fields share one row with room for four; this pass has {row}.")


def barcodes(content: Content) -> None:
    listed = content.get("barcodes", [])
    if not isinstance(listed, list):
        raise WontOpen("barcodes has to be a list, even for one barcode.")
    for code in listed:
        if not isinstance(code, dict) or code.get("format") not in BARCODES:
            raise WontOpen("A barcode needs a format this phone can draw, such as PKBarcodeFormatQR.")
        if not isinstance(code.get("message"), str) or not code["message"]:
            raise WontOpen("A barcode needs a message.")
        _encodable(code)


def _encodable(code: Content) -> None:
    encoding = code.get("messageEncoding")
    if not isinstance(encoding, str) or not encoding:
        raise WontOpen("A barcode needs its messageEncoding, usually iso-8859-1.")
    try:
        code["message"].encode(encoding)
    except LookupError as error:
        raise WontOpen(f"Nobody knows the messageEncoding {encoding!r}.") from error
    except UnicodeEncodeError as error:
        raise WontOpen(f"The message of the barcode cannot be written in {encoding}.") from error


def web_service(content: Content) -> None:
    url, token = content.get("webServiceURL"), content.get("authenticationToken")
    if url is None and token is None:
        return
    if not isinstance(url, str) or not isinstance(token, str):
        raise WontOpen("webServiceURL and authenticationToken belong together; the pass has only one of them.")
    if len(token) < 16:
        raise WontOpen(f"authenticationToken has {len(token)} characters; it needs at least 16.")
    check_service_url(url)


def check_service_url(url: str) -> None:
    parts = urlsplit(url)
    if url != url.strip() or " " in url or parts.scheme not in ("https", "http") or not parts.hostname:
        raise WontOpen(f"webServiceURL is not an address: {url!r}.")
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise WontOpen("webServiceURL has to be https; plain http works on this machine only.")
    if "v1" in parts.path.split("/"):
        raise WontOpen("webServiceURL must not contain /v1: the phone adds it, and would ask for /v1/v1.")


def _loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def places(content: Content) -> None:
    locations = content.get("locations", [])
    if not isinstance(locations, list) or len(locations) > 10:
        raise WontOpen("locations has to be a list of at most ten places.")
    for place in locations:
        if not isinstance(place, dict) or not _within(place.get("latitude"), 90) or not _within(place.get("longitude"), 180):
            raise WontOpen("A place in locations needs latitude and longitude, as numbers on this planet.")


def _within(value: Any, limit: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -limit <= value <= limit


def dates(content: Content) -> None:
    if "expirationDate" in content and not _has_zone(content["expirationDate"]):
        raise WontOpen("expirationDate needs a date, a time and a zone, such as 2026-11-22T19:30:00Z.")


def _has_zone(value: Any) -> bool:
    if not isinstance(value, str) or "T" not in value:
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def no_nfc(content: Content) -> None:
    if "nfc" in content:
        raise WontOpen("The pass has nfc, which needs a certificate that Apple issues for NFC only.")


RULES: tuple[Callable[[Content], None], ...] = (
    no_nulls,
    required_keys,
    one_style,
    colours,
    field_shapes,
    room_on_the_front,
    barcodes,
    web_service,
    places,
    dates,
    no_nfc,
)
