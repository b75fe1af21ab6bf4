"""A pass as Wallet shows it in one language: labels looked up, numbers and dates formatted, changes put into words."""

import hashlib
import html
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from walletpass.sandbox.contents import SLOTS, fields_of, style_of
from walletpass.sandbox.verify import Opened

CURRENCIES = {"EUR": "€", "USD": "$", "GBP": "£", "UAH": "₴", "PLN": "zł"}
ANCHOR, ADDRESS = re.compile(r'<a href="([^"]+)">'), re.compile(r"https?://\S+")
LINKS = "PKDataDetectorTypeLink"
IMAGES = ("logo", "strip", "icon", "thumbnail")


def words(opened: Opened, language: str) -> Mapping[str, str]:
    """The strings of the phone's language; without it, of English; without that, of the first language there is."""
    for wanted in (language, "en", *sorted(opened.strings)):
        if wanted in opened.strings:
            return opened.strings[wanted]
    return {}


def face(opened: Opened, language: str) -> dict[str, Any]:
    """Everything the screen draws. Images are names to ask the phone for."""
    content, text = opened.content, words(opened, language)
    look = text.get
    groups: dict[str, list[dict[str, str]]] = {slot: [] for slot in SLOTS}
    for slot, field in fields_of(content):
        label = str(field.get("label", ""))
        drawn = {"key": field["key"], "label": look(label, label), "value": value(field, text, language)}
        if leads := link(slot, field):
            drawn["link"] = leads
        groups[slot].append(drawn)
    code = next(iter(content.get("barcodes", [])), None)
    return {
        "serial": content["serialNumber"],
        "type": content["passTypeIdentifier"],
        "style": style_of(content),
        "organization": look(content["organizationName"], content["organizationName"]),
        "description": look(content["description"], content["description"]),
        "logoText": look(content.get("logoText", ""), content.get("logoText", "")),
        "background": content.get("backgroundColor", "rgb(60, 60, 67)"),
        "foreground": content.get("foregroundColor", "rgb(255, 255, 255)"),
        "label": content.get("labelColor", content.get("foregroundColor", "rgb(255, 255, 255)")),
        "voided": bool(content.get("voided", False)) or expired(content),
        "barcode": {"message": code["message"], "alt": code.get("altText", ""), "version": short_hash(code["message"].encode())}
        if code
        else None,
        "images": images(opened, language),
        **{slot: groups[slot] for slot in SLOTS},
    }


def value(field: Mapping[str, Any], text: Mapping[str, str], language: str) -> str:
    """The field's value as read on the phone."""
    raw = field["value"]
    if isinstance(raw, str):
        return date(raw, language) if "dateStyle" in field or "timeStyle" in field else text.get(raw, raw)
    if "currencyCode" in field:
        return money(raw, field["currencyCode"], language)
    if field.get("numberStyle") == "PKNumberStylePercent":
        return f"{raw * 100:g}%"
    return grouped(raw, language) if field.get("numberStyle") == "PKNumberStyleDecimal" else f"{raw}"


def link(slot: str, field: Mapping[str, Any]) -> str:
    """Where a tap on this field leads: the anchor that the pass gives it, or an address that Wallet finds; on the back alone."""
    if slot != "backFields":
        return ""
    if anchor := ANCHOR.search(field.get("attributedValue", "")):
        return html.unescape(anchor[1])
    said = str(field["value"])
    finds = LINKS in field.get("dataDetectorTypes", (LINKS,))
    return said if finds and ADDRESS.fullmatch(said) else ""


def grouped(number: float, language: str) -> str:
    text = f"{number:,}" if isinstance(number, int) else f"{number:,.2f}"
    return text if language == "en" else text.replace(",", "\u00a0").replace(".", ",")


def money(amount: float, currency: str, language: str) -> str:
    sign, number = CURRENCIES.get(currency, currency), grouped(float(amount), language)
    return f"{sign}{number}" if language == "en" else f"{number}\u00a0{sign}"


def date(text: str, language: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment:%d/%m/%Y, %H:%M}" if language == "en" else f"{moment:%d.%m.%Y, %H:%M}"


def changes(old: Opened, new: Opened, language: str) -> list[str]:
    """The banners: one per field whose value changed and that has a change message (the new version's)."""
    before = {field["key"]: field["value"] for _, field in fields_of(old.content)}
    text, banners = words(new, language), []
    for _, field in fields_of(new.content):
        message = field.get("changeMessage")
        if message and field["key"] in before and before[field["key"]] != field["value"]:
            banners.append(text.get(message, message).replace("%@", value(field, text, language)))
    return banners


def differences(old: Opened, new: Opened) -> list[str]:
    """What changed, for the log: ``points 120 -> 130``."""
    before = {field["key"]: field["value"] for _, field in fields_of(old.content)}
    after = {field["key"]: field["value"] for _, field in fields_of(new.content)}
    return [
        f"{key} {before.get(key, 'nothing')} → {after.get(key, 'nothing')}"
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    ]


def expired(content: Mapping[str, Any]) -> bool:
    end = content.get("expirationDate")
    if end is None:
        return False
    moment = datetime.fromisoformat(end)
    return moment < datetime.now(moment.tzinfo)


def images(opened: Opened, language: str) -> dict[str, dict[str, str]]:
    """Per picture of the style the sharpest file there is; a picture at the root wins over a translated one."""
    found = {}
    for picture in IMAGES:
        for folder in ("", f"{language}.lproj/", "en.lproj/"):
            present = [name for scale in ("@3x", "@2x", "") if (name := f"{folder}{picture}{scale}.png") in opened.files]
            if present:
                name = present[0]
                found[picture] = {"name": name, "version": short_hash(opened.files[name])}
                break
    return found


def short_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]
