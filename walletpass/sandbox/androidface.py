"""A loyalty or generic object as Google Wallet lays it out, in one language."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

Resource = Mapping[str, Any]
MODULE = re.compile(r"object\.textModulesData\['([A-Za-z0-9_-]+)'\]")
DEFAULT_COLOUR = "#3c4043"


def card(object: Resource, group: Resource, language: str) -> dict[str, Any]:
    """What the screen draws. ``group`` is the object's class; pictures are addresses."""
    barcode = object.get("barcode") or {}
    return {
        "id": object["id"],
        "state": str(object.get("state", "ACTIVE")).upper(),
        "issuer": localized(group, "issuerName", language) or text(object.get("cardTitle"), language),
        "program": localized(group, "programName", language) or text(object.get("header"), language),
        "background": group.get("hexBackgroundColor") or object.get("hexBackgroundColor") or DEFAULT_COLOUR,
        "logo": picture(group.get("programLogo") or object.get("logo")),
        "hero": picture(object.get("heroImage") or group.get("heroImage")),
        "points": [line for name in ("loyaltyPoints", "secondaryLoyaltyPoints") if (line := points(object.get(name), language))],
        "rows": rows(object, group, language),
        "barcode": {"message": barcode["value"], "alt": barcode.get("alternateText", ""), "version": short(barcode["value"])}
        if barcode.get("value")
        else None,
        "details": details(object, group, language),
        "links": links(object, group, language),
        "messages": [
            {"header": localized(one, "header", language), "body": localized(one, "body", language)}
            for one in [*object.get("messages", []), *group.get("messages", [])]
        ],
    }


def points(value: Resource | None, language: str) -> dict[str, str] | None:
    if not value:
        return None
    return {"label": localized(value, "label", language), "value": balance(value.get("balance", {}))}


def balance(value: Resource) -> str:
    if "money" in value:
        amount = int(value["money"].get("micros", 0)) / 1_000_000
        return f"{amount:.2f} {value['money'].get('currencyCode', '')}"
    return str(next(iter(value.values()), ""))


def rows(object: Resource, group: Resource, language: str) -> list[list[dict[str, str]]]:
    """The rows of the class's template; empty items and empty rows are not shown."""
    infos = group.get("classTemplateInfo", {}).get("cardTemplateOverride", {}).get("cardRowTemplateInfos", [])
    drawn = []
    for info in infos:
        items = [item for part in info.values() for key, item in part.items() if key.endswith("tem")]
        line = [found for item in items if (found := field(item, object, group, language))]
        if line:
            drawn.append(line)
    return drawn


def field(item: Resource, object: Resource, group: Resource, language: str) -> dict[str, str] | None:
    for selector in item.get("firstValue", {}).get("fields", []):
        found = resolve(str(selector.get("fieldPath", "")), object, group, language)
        if found and found["value"]:
            return found
    return None


def resolve(path: str, object: Resource, group: Resource, language: str) -> dict[str, str] | None:
    """(label, value) of a ``fieldPath``, for the paths a loyalty card uses."""
    if match := MODULE.match(path):
        module = next((one for one in object.get("textModulesData", []) if one.get("id") == match[1]), None)
        return module and {"label": localized(module, "header", language), "value": localized(module, "body", language)}
    owner, _, name = path.partition(".")
    name = name.partition(".")[0]
    if name in ("loyaltyPoints", "secondaryLoyaltyPoints"):
        return points(object.get(name), language)
    if name == "accountName":
        return {"label": localized(group, "accountNameLabel", language), "value": str(object.get(name, ""))}
    if name == "accountId":
        return {"label": localized(group, "accountIdLabel", language), "value": str(object.get(name, ""))}
    if name == "rewardsTier":
        return {"label": localized(group, "rewardsTierLabel", language), "value": localized(group, "rewardsTier", language)}
    return {"label": "", "value": localized(group if owner == "class" else object, name, language)}


def details(object: Resource, group: Resource, language: str) -> list[dict[str, str]]:
    lines = [resolve(f"object.{name}", object, group, language) for name in ("accountName", "accountId")]
    lines.append(resolve("class.rewardsTier", object, group, language))
    modules = [*object.get("textModulesData", []), *group.get("textModulesData", [])]
    lines += [{"label": localized(one, "header", language), "value": localized(one, "body", language)} for one in modules]
    return [line for line in lines if line and line["value"]]


def links(object: Resource, group: Resource, language: str) -> list[dict[str, str]]:
    uris = [uri for owner in (object, group) for uri in owner.get("linksModuleData", {}).get("uris", [])]
    if "homepageUri" in group:
        uris.append(group["homepageUri"])
    return [{"uri": str(uri.get("uri", "")), "text": localized(uri, "description", language) or str(uri.get("uri", ""))} for uri in uris]


def localized(owner: Resource, name: str, language: str) -> str:
    """The localized field where there is one, else the plain one."""
    both = owner.get(f"localized{name[0].upper()}{name[1:]}")
    return text(both, language) or str(owner.get(name) or "")


def text(value: Resource | None, language: str) -> str:
    """A LocalizedString in ``language``, else its default."""
    if not value:
        return ""
    for translation in value.get("translatedValues", []):
        if str(translation.get("language", "")).split("-")[0] == language:
            return str(translation.get("value", ""))
    return str(value.get("defaultValue", {}).get("value", ""))


def picture(image: Resource | None) -> str:
    return str(((image or {}).get("sourceUri") or {}).get("uri", ""))


def short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
