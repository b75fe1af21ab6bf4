"""The fields on both sides of the card."""

import re
from collections.abc import Mapping

from walletpass.apple.inspection import moments, shapes
from walletpass.apple.inspection.findings import Findings, advice, ignored, refused, said
from walletpass.apple.inspection.jsontext import Object

Words = Mapping[str, Mapping[str, str]]

OPTIONS = {
    "numberStyle": tuple(f"PKNumberStyle{kind}" for kind in ("Decimal", "Percent", "Scientific", "SpellOut")),
    "dateStyle": tuple(f"PKDateStyle{kind}" for kind in ("None", "Short", "Medium", "Long", "Full")),
    "timeStyle": tuple(f"PKDateStyle{kind}" for kind in ("None", "Short", "Medium", "Long", "Full")),
    "textAlignment": tuple(f"PKTextAlignment{kind}" for kind in ("Left", "Center", "Right", "Natural")),
}
DETECTORS = tuple(f"PKDataDetectorType{kind}" for kind in ("PhoneNumber", "Link", "Address", "CalendarEvent"))
MARKUP = re.compile(r"</?\s*([A-Za-z][A-Za-z0-9]*)([^<>]*)>")
LINK = re.compile(r"\s+href\s*=\s*(\"[^\"]*\"|'[^']*')\s*", re.IGNORECASE)
CURRENCY = re.compile(r"[A-Z]{3}")
ONE_ROW, ROW, HEADERS = ("storeCard", "generic", "coupon"), 4, 3


def check(content: Object, words: Words) -> Findings:
    yield from _groups(content)
    seen: set[tuple[str, str]] = set()
    for path, slot, field in shapes.fields_of(content):
        yield from shapes.keys(path, field, shapes.FIELD)
        yield from _key(path, field, seen)
        yield from _value(path, field)
        yield from _options(path, slot, field)
        yield from _message(path, field, words)


def _groups(content: Object) -> Findings:
    for style in (*shapes.STYLES, shapes.POSTER):
        groups = content.get(style)
        if not isinstance(groups, dict):
            continue
        yield from shapes.keys(style, groups, shapes.GROUPS)
        for slot in shapes.SLOTS:
            yield from shapes.all_objects(f"{style}.{slot}", groups.get(slot))
        allowed = {"additionalInfoFields": ("eventTicket", shapes.POSTER), "footerFields": (shapes.POSTER,)}
        for slot, styles in allowed.items():
            if slot in groups and style not in styles:
                yield ignored(
                    "slot-not-for-style",
                    f"pass.json: {style} has {slot}, which Wallet shows on {' and '.join(styles)} only. Move the fields.",
                )
        if style in ONE_ROW:
            yield from _room(style, groups)


def _room(style: str, groups: Object) -> Findings:
    sizes = {slot: len(group) if isinstance(group := groups.get(slot), list) else 0 for slot in shapes.SLOTS}
    row = sizes["secondaryFields"] + sizes["auxiliaryFields"]
    if row > ROW:
        yield advice(
            "row-full", f"pass.json: {style} has {row} secondary and auxiliary fields; one row shows {ROW} together. Move some to the back."
        )
    if sizes["headerFields"] > HEADERS:
        yield advice(
            "header-full",
            f"pass.json: {style} has {sizes['headerFields']} header fields; there is room for {HEADERS}. Move some to the back.",
        )
    if sizes["primaryFields"] > 1:
        yield advice("primary-full", f"pass.json: {style} has {sizes['primaryFields']} primary fields; count on one being shown.")


def _key(path: str, field: Object, seen: set[tuple[str, str]]) -> Findings:
    """Keys are unique in the pass; a poster beside the style shows the same fields again."""
    key, face = field.get("key"), path.partition(".")[0]
    if key is None or key == "":
        yield refused("field-key-missing", f"pass.json: {path} has no key. Give it one that never changes.")
    elif isinstance(key, str):
        if (face, key) in seen:
            yield refused(
                "field-key-twice", f"pass.json: the field key {said(key)} is used twice ({path}). Keys are unique in the whole pass."
            )
        seen.add((face, key))


def _value(path: str, field: Object) -> Findings:
    value = field.get("value")
    if value is None:
        yield refused("field-value-missing", f"pass.json: {path} has no value. Leave the field out, or give it text or a number.")
        return
    number = shapes.is_a("a number", value)
    for option in ("currencyCode", "numberStyle"):
        if option in field and isinstance(value, str):
            yield refused("field-number-needed", f"pass.json: {path} has {option}, so its value has to be a number, not {said(value)}.")
    if number and {"currencyCode", "numberStyle"} <= set(field):
        yield advice("field-currency-and-style", f"pass.json: {path} has both currencyCode and numberStyle. Keep one.")
    currency = field.get("currencyCode")
    if isinstance(currency, str) and not CURRENCY.fullmatch(currency):
        yield ignored("field-currency-unknown", f"pass.json: {path}.currencyCode {said(currency)} is no ISO 4217 code such as EUR.")
    styled = [key for key in ("dateStyle", "timeStyle") if key in field]
    if styled and isinstance(value, str | int | float):
        yield from moments.silently(f"{path}.value (shown by {styled[0]})", value)
        if len(styled) == 1:
            yield advice(
                "field-date-style-alone", f"pass.json: {path} has {styled[0]} without its sister. Give dateStyle and timeStyle together."
            )
    attributed = field.get("attributedValue")
    if isinstance(attributed, str):
        yield from _markup(path, attributed)


def _markup(path: str, text: str) -> Findings:
    for tag in MARKUP.finditer(text):
        closing, named = tag[0].startswith("</"), tag[1].lower() == "a"
        if not named or (not closing and not LINK.fullmatch(tag[2])):
            yield ignored("markup-not-a-link", f"pass.json: {path}.attributedValue has {said(tag[0])}; only <a href='...'> is understood.")
            return


def _options(path: str, slot: str, field: Object) -> Findings:
    for option, known in OPTIONS.items():
        value = field.get(option)
        if isinstance(value, str) and value not in known:
            yield ignored("option-unknown", f"pass.json: {path}.{option} is {said(value)}. Known are {', '.join(known)}.")
    if "textAlignment" in field and slot in ("primaryFields", "backFields"):
        yield ignored("alignment-not-here", f"pass.json: {path}.textAlignment does nothing in {slot}. Take it out.")
    detectors = field.get("dataDetectorTypes")
    if isinstance(detectors, list):
        if slot != "backFields":
            yield ignored("detectors-not-here", f"pass.json: {path}.dataDetectorTypes works in backFields only. Take it out.")
        for one in detectors:
            if one is not None and one not in DETECTORS:
                yield ignored("option-unknown", f"pass.json: {path}.dataDetectorTypes has {said(one)}. Known are {', '.join(DETECTORS)}.")
    if "row" in field and not (slot == "auxiliaryFields" and path.startswith("eventTicket.")):
        yield ignored("row-not-here", f"pass.json: {path}.row works in the auxiliaryFields of an eventTicket only. Take it out.")


def _message(path: str, field: Object, words: Words) -> Findings:
    message = field.get("changeMessage")
    if not isinstance(message, str):
        return
    translated = {language: strings[message] for language, strings in words.items() if message in strings}
    for language, text in (translated or {"": message}).items():
        if "%@" not in text:
            where = f"{language}.lproj translates {path}.changeMessage" if language else f"pass.json: {path}.changeMessage is"
            yield ignored("change-message-without-value", f"{where} {said(text)}, which lacks %@, the place of the new value. Put it in.")
