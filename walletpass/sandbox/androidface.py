"""A loyalty or generic object as Google Wallet lays it out, in one language."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from walletpass.sandbox import androidrows
from walletpass.sandbox.androidwords import localized, points, text
from walletpass.sandbox.googletotp import period

Resource = Mapping[str, Any]
DEFAULT_COLOUR = "#3c4043"
TEST = "[TEST ONLY]"
OVER = ("COMPLETED", "EXPIRED", "INACTIVE")


def card(object: Resource, group: Resource, language: str, *, test: bool = False) -> dict[str, Any]:
    """What the screen draws. ``group`` is the object's class; pictures are addresses. ``test``: the issuer is in demo mode."""
    program = localized(group, "programName", language) or text(object.get("header"), language)
    state = str(object.get("state", "ACTIVE")).upper()
    background = str(group.get("hexBackgroundColor") or object.get("hexBackgroundColor") or DEFAULT_COLOUR)
    return {
        "id": object["id"],
        "state": state,
        "over": state in OVER or ended(object),
        "generic": "cardTitle" in object,
        "issuer": localized(group, "issuerName", language) or text(object.get("cardTitle"), language),
        "program": f"{TEST} {program}" if test else program,
        "subheader": text(object.get("subheader"), language),
        "background": background,
        "ink": ink(background),
        "logo": picture(group.get("programLogo") or object.get("logo")),
        "hero": picture(object.get("heroImage") or group.get("heroImage")),
        "points": [line for name in ("loyaltyPoints", "secondaryLoyaltyPoints") if (line := points(object.get(name), name, language))],
        "rows": androidrows.rows(object, group, language),
        "barcode": barcode(object),
        "details": androidrows.details(object, group, language),
        "links": androidrows.links(object, group, language),
        "messages": messages(object, group, language),
        "group": object.get("groupingInfo", {}).get("groupingId", ""),
        "order": object.get("groupingInfo", {}).get("sortIndex", 2**31 - 1),
    }


def barcode(object: Resource) -> dict[str, Any] | None:
    """The code under the card; one that changes by itself outranks one that does not."""
    if rotating := object.get("rotatingBarcode"):
        alt = rotating.get("alternateText", "")
        return {"type": rotating["type"], "message": "", "alt": alt, "version": short(str(rotating)), "period": period(rotating)}
    static = object.get("barcode") or {}
    if not static.get("value") and not static.get("alternateText"):
        return None
    value = str(static.get("value", ""))
    return {"type": static["type"], "message": value, "alt": static.get("alternateText", ""), "version": short(value), "period": 0}


def messages(object: Resource, group: Resource, language: str) -> list[dict[str, str]]:
    """Those of the card, then those to everybody, the newest of each first; one whose time is over is not shown."""
    shown = [
        one
        for owner in (object, group)
        for one in reversed(owner.get("messages", []))
        if not passed(one.get("displayInterval", {})) and not ahead(one.get("displayInterval", {}))
    ]
    return [
        {"id": str(one.get("id", "")), "header": localized(one, "header", language), "body": localized(one, "body", language)}
        for one in shown
    ]


def ended(object: Resource) -> bool:
    return passed(object.get("validTimeInterval", {}))


def passed(interval: Resource) -> bool:
    end = moment(interval.get("end"))
    return end is not None and end < datetime.now(end.tzinfo)


def ahead(interval: Resource) -> bool:
    start = moment(interval.get("start"))
    return start is not None and start > datetime.now(start.tzinfo)


def moment(date: Resource | None) -> datetime | None:
    try:
        return datetime.fromisoformat(str((date or {}).get("date", "")))
    except ValueError:
        return None


def ink(background: str) -> str:
    """Black or white, whichever is read better on a colour (WCAG 2.2, relative luminance)."""
    digits = background.lstrip("#")
    wide = digits if len(digits) == 6 else "".join(one * 2 for one in digits)
    parts = [int(wide[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return "#16181c" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.3 else "#ffffff"


def picture(image: Resource | None) -> str:
    return str(((image or {}).get("sourceUri") or {}).get("uri", ""))


def short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
