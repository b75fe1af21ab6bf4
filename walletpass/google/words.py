"""Texts of a card in all languages of its design (Google: "LocalizedString"), the program's own first."""

from typing import Any

from walletpass.cards import CardFace, FieldSpec

Resource = dict[str, Any]

# Wallet shows so much of a text module; what a card says of its own accord is cut there.
LONGEST_BODY = 500
# A figure stands on the front, beside another.
LONGEST_FIGURE = 40


def said(text: str, language: str) -> Resource:
    """A text that has no translations."""
    return {"defaultValue": {"language": language, "value": text}}


def translated(face: CardFace, key: str) -> Resource:
    strings = face.design.strings
    own = face.language if face.language in strings else "en"
    return {
        **said(strings[own][key], own),
        "translatedValues": [{"language": language, "value": strings[language][key]} for language in sorted(strings) if language != own],
    }


def both(face: CardFace, name: str, key: str) -> Resource:
    """A string of the design as ``name`` and, in every language, as ``localizedName``; nothing for an empty key."""
    if not key:
        return {}
    return {name: face.design.text(key, face.language), f"localized{name[0].upper()}{name[1:]}": translated(face, key)}


def label_of(face: CardFace, *values: str) -> str:
    """The string key by which the design calls the first of these values that it shows; "" for none."""
    return next((spec.label for value in values if (spec := spec_of(face, value)) and spec.label), "")


def spec_of(face: CardFace, value: str) -> FieldSpec | None:
    return next((field for field in face.design.fields if field.value == value and field.label), None)


def clipped(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
