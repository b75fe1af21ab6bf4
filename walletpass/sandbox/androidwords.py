"""Texts and figures of a card in the phone's language."""

from collections.abc import Mapping
from typing import Any

Resource = Mapping[str, Any]


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


def points(value: Resource | None, name: str, language: str) -> dict[str, str] | None:
    if not value:
        return None
    return {"key": name, "label": localized(value, "label", language), "value": balance(value.get("balance", {}))}


def balance(value: Resource) -> str:
    if "money" in value:
        amount = int(value["money"].get("micros", 0)) / 1_000_000
        return f"{amount:.2f} {value['money'].get('currencyCode', '')}"
    return str(next(iter(value.values()), ""))


def news(before: Resource, after: Resource, language: str) -> str:
    """``Points: 120 → 130`` for the first figure, or name of a class, that a notice may be about."""
    for name in ("loyaltyPoints", "secondaryLoyaltyPoints"):
        old, new = points(before.get(name), name, language), points(after.get(name), name, language)
        if new and old and old["value"] != new["value"]:
            return f"{new['label']}: {old['value']} → {new['value']}".removeprefix(": ")
    for name in ("programName", "rewardsTier", "secondaryRewardsTier"):
        said = localized(after, name, language)
        if said and localized(before, name, language) != said:
            return said
    return ""
