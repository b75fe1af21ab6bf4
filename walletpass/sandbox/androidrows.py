"""What stands on the front of a Google card under its banner, and on its page of details."""

import re
from collections.abc import Mapping
from typing import Any

from walletpass.sandbox.androidwords import localized, points

Resource = Mapping[str, Any]
Line = dict[str, str]
MODULE = re.compile(r"(object|class)\.textModulesData\['([A-Za-z0-9_-]+)'\]")


def rows(object: Resource, group: Resource, language: str) -> list[list[Line]]:
    """The rows of the class's template; empty items and empty rows are not shown. A generic card without one shows its modules."""
    override = group.get("classTemplateInfo", {}).get("cardTemplateOverride", {})
    if "cardRowTemplateInfos" not in override and "cardTitle" in object:
        modules = [_module(one, language) for one in object.get("textModulesData", [])]
        return [line for start in range(0, len(modules), 2) if (line := [one for one in modules[start : start + 2] if one["value"]])]
    drawn = []
    for info in override.get("cardRowTemplateInfos", []):
        items = [item for part in info.values() for key, item in part.items() if key.endswith("tem")]
        line = [found for item in items if (found := _item(item, object, group, language))]
        if line:
            drawn.append(line)
    return drawn


def details(object: Resource, group: Resource, language: str) -> list[Line]:
    override = group.get("classTemplateInfo", {}).get("detailsTemplateOverride", {})
    if "detailsItemInfos" in override:
        lines = [_item(info.get("item", {}), object, group, language) for info in override["detailsItemInfos"]]
    else:
        paths = ("object.accountName", "object.accountId", "class.rewardsTier", "class.secondaryRewardsTier")
        modules = [*object.get("textModulesData", []), *group.get("textModulesData", [])]
        lines = [_resolved(path, object, group, language) for path in paths] + [_module(one, language) for one in modules]
    return [line for line in lines if line and line["value"]]


def links(object: Resource, group: Resource, language: str) -> list[Line]:
    uris = [uri for owner in (object, group) for uri in owner.get("linksModuleData", {}).get("uris", [])]
    if "homepageUri" in group:
        uris.insert(0, group["homepageUri"])
    return [{"uri": str(uri.get("uri", "")), "text": localized(uri, "description", language) or str(uri.get("uri", ""))} for uri in uris]


def _item(item: Resource, object: Resource, group: Resource, language: str) -> Line | None:
    """The first field that is not empty; of two values both, with a stroke between them."""
    halves = [_first(item.get(name, {}), object, group, language) for name in ("firstValue", "secondValue")]
    said = [half for half in halves if half]
    if not said:
        return None
    return {
        "key": said[0]["key"],
        "label": " / ".join(half["label"] for half in said if half["label"]),
        "value": " / ".join(half["value"] for half in said),
    }


def _first(selector: Resource, object: Resource, group: Resource, language: str) -> Line | None:
    for one in selector.get("fields", []):
        found = _resolved(str(one.get("fieldPath", "")), object, group, language)
        if found and found["value"]:
            return found
    return None


def _resolved(path: str, object: Resource, group: Resource, language: str) -> Line | None:
    """(label, value) of a ``fieldPath``, for the paths that a card of ours uses."""
    if match := MODULE.fullmatch(path):
        modules = (group if match[1] == "class" else object).get("textModulesData", [])
        module = next((one for one in modules if one.get("id") == match[2]), None)
        return module and _module(module, language)
    owner, _, name = path.partition(".")
    name = name.partition(".")[0]
    source = group if owner == "class" else object
    if name in ("loyaltyPoints", "secondaryLoyaltyPoints"):
        return points(object.get(name), name, language)
    return {"key": name, "label": localized(group, f"{name}Label", language), "value": localized(source, name, language)}


def _module(module: Resource, language: str) -> Line:
    return {"key": str(module.get("id", "")), "label": localized(module, "header", language), "value": localized(module, "body", language)}
