"""A card as the two wallets draw it, for pages of our own: read from what Apple and Google are really sent."""

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import qrcode
from babel.numbers import format_decimal
from qrcode.constants import ERROR_CORRECT_M

from walletpass.apple.pass_json import pass_dict
from walletpass.cards import CardFace, Contact, Design, Place, artwork_path, stamped_path
from walletpass.google import loyalty_class, loyalty_object

View = dict[str, Any]

SAMPLES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "holder": "Ana",
        "tier": "Gold",
        "next_reward": "Tiramisu",
        "venue": "By the river",
        "message": "Fresh truffles have come. See you tonight?",
    },
    "uk": {
        "holder": "Олена",
        "tier": "Золотий",
        "next_reward": "Тирамісу",
        "venue": "Біля річки",
        "message": "Привезли свіжі трюфелі. Побачимося ввечері?",
    },
    "ru": {
        "holder": "Елена",
        "tier": "Золотой",
        "next_reward": "Тирамису",
        "venue": "У реки",
        "message": "Привезли свежие трюфели. Увидимся вечером?",
    },
}
CONTACT = Contact(
    "+49 30 1234567", "ciao@example.com", "https://example.com", "One point for every euro. Points live for a year.", "Am Kanal 1, Berlin"
)  # fmt: skip


def sample(design: Design, palette: str, language: str, count: int, organization: str, contact: Contact = CONTACT) -> CardFace:
    """A card that nobody has, saying something in every field. Its addresses are of this server."""
    return CardFace(
        program_id="preview",
        organization=organization,
        pass_type_identifier="pass.example.preview",
        team_identifier="PREVIEW000",
        google_issuer_id="0",
        card_id="preview",
        serial_number="preview",
        authentication_token="",
        version=1,
        changed_at=datetime(2026, 1, 1, tzinfo=UTC),
        voided=False,
        code="1042553188620457193301864520917736",
        number="1042 5531",
        currency="EUR",
        language=language,
        values={"points": 1240, "stamps": count, "visits": 12, "coat": "A17", "items": 2, **SAMPLES.get(language, SAMPLES["en"])},
        contact=contact,
        places=(Place(organization, 52.5, 13.4),),
        design=design,
        palette=design.palettes[palette],
        base_url="",
        web_url="",
    )


def drawn(face: CardFace, language: str) -> View:
    """Everything that `preview.html` draws for one language; ``ticket`` is there for a design that has one."""
    ticket = replace(face, design=face.design.ticket, kind="ticket") if face.design.ticket else None
    return {
        "language": language,
        "apple": apple_view(face, language),
        "google": google_view(face, language),
        "ticket": apple_view(ticket, language) if ticket else None,
    }


def apple_view(face: CardFace, language: str) -> View:
    """Slots with their fields in the words of the language, and the addresses of the images."""
    said, words = pass_dict(face), face.design.strings.get(language, face.design.strings["en"])
    slots = said[face.design.style]
    view: View = {
        slot: [_field(field, words, language) for field in slots.get(f"{slot}Fields", [])] for slot in ("header", "primary", "back")
    }
    # A store card has one row for both; a generic pass gives each its own.
    rows = [[_field(field, words, language) for field in slots.get(f"{slot}Fields", [])] for slot in ("secondary", "auxiliary")]
    view["rows"] = [row for row in (rows if face.design.style == "generic" else [rows[0] + rows[1]]) if row]
    return view | {
        "style": face.design.style,
        "logo_text": said["logoText"],
        "alt": said["barcodes"][0]["altText"],
        "code": face.design.barcode,
        "logo": artwork_path(face.palette, "logo@3x.png"),
        "strip": stamped_path(face.design, face.palette, "strip@3x.png", face.stamp_count) if face.design.style == "storeCard" else None,
        "thumbnail": artwork_path(face.palette, "thumbnail@3x.png") if face.design.style == "generic" else None,
    }


def google_view(face: CardFace, language: str) -> View:
    shared, own = loyalty_class(face), loyalty_object(face)
    return {
        "issuer": shared["issuerName"],
        "program": _in(shared["localizedProgramName"], language),
        "logo": shared["programLogo"]["sourceUri"]["uri"],
        "hero": (own.get("heroImage") or shared["heroImage"])["sourceUri"]["uri"],
        "rows": _google_rows(shared, own, language),
        "account": {"label": _in(shared.get("localizedAccountIdLabel"), language), "value": own["accountId"]},
        "alt": own["barcode"]["alternateText"],
        "code": face.design.barcode,
        "light": _is_light(face.palette.background),
        "texts": [_google_text(text, language) for text in [*own["textModulesData"], *shared["textModulesData"]]],
        "links": [
            {"label": _in(link.get("localizedDescription"), language) or link["uri"], "value": link["uri"].partition(":")[2].lstrip("/")}
            for link in [*([shared["homepageUri"]] if "homepageUri" in shared else []), *shared["linksModuleData"]["uris"]]
        ],
    }


def _google_rows(shared: View, own: View, language: str) -> list[list[View]]:
    """The rows of the class's template, of what the card knows."""
    parts = {f"object.{name}": _google_figure(own[name], language) for name in ("loyaltyPoints", "secondaryLoyaltyPoints") if name in own}
    for owner, resource in (("object", own), ("class", shared)):
        parts |= {f"{owner}.textModulesData['{text['id']}']": _google_text(text, language) for text in resource["textModulesData"]}
    infos = shared["classTemplateInfo"]["cardTemplateOverride"]["cardRowTemplateInfos"]
    rows = [[item["firstValue"]["fields"][0]["fieldPath"] for items in info.values() for item in items.values()] for info in infos]
    return [known for row in rows if (known := [parts[path] for path in row if path in parts])]


def _google_figure(figure: View, language: str) -> View:
    balance = figure["balance"]
    value = balance["string"] if "string" in balance else format_decimal(balance["int"], locale=language)
    return {"label": _in(figure.get("localizedLabel"), language), "value": value}


def _google_text(text: View, language: str) -> View:
    return {"label": _in(text.get("localizedHeader"), language), "value": _in(text.get("localizedBody"), language) or text["body"]}


def code_svg(kind: str, text: str) -> str:
    """A picture of the code. Only QR is the real one; of the others it has the shape and the size, and is not for scanners."""
    if kind == "QR":
        code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=2)
        code.add_data(text)
        modules = [[bool(module) for module in row] for row in code.get_matrix()]
        return _svg(modules, 1, 1)
    chance = _chance(text)
    if kind == "Aztec":
        side, middle = 27, 13
        rings = [[max(abs(x - middle), abs(y - middle)) for x in range(side)] for y in range(side)]
        return _svg([[ring % 2 == 0 if ring <= 4 else next(chance) for ring in row] for row in rings], 1, 1)
    guard = [True] * 6 + [False, True, False, True, False, False, True]
    if kind == "PDF417":
        return _svg([guard + [next(chance) for _ in range(68)] + guard[::-1] for _ in range(16)], 1, 3)
    return _svg([[True, False, True] + [next(chance) for _ in range(84)] + [True, False, True]], 1, 28)


def _svg(modules: list[list[bool]], width: int, height: int) -> str:
    out = io.StringIO()
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                out.write(f"M{x * width},{y * height}h{width}v{height}h-{width}z")
    size = f"{len(modules[0]) * width} {len(modules) * height}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" shape-rendering="crispEdges"><path d="{out.getvalue()}"/></svg>'


def _chance(text: str) -> Iterator[bool]:
    """The same bits for the same text."""
    for block in range(1000):
        for byte in hashlib.sha256(f"{block}{text}".encode()).digest():
            yield from (bool(byte >> bit & 1) for bit in range(8))


def _field(field: Mapping[str, Any], words: Mapping[str, str], language: str) -> View:
    value = field["value"]
    shown = words.get(value, value) if isinstance(value, str) else format_decimal(value, locale=language)
    link = "attributedValue" in field or field.get("dataDetectorTypes")
    return {"label": words.get(field.get("label", ""), ""), "value": shown, "link": bool(link)}


def _in(text: Mapping[str, Any] | None, language: str) -> str:
    """A localised string of Google's in the language, else its default."""
    if text is None:
        return ""
    values = {each["language"]: each["value"] for each in text.get("translatedValues", [])}
    return str(values.get(language, text["defaultValue"]["value"]))


def _is_light(colour: str) -> bool:
    red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    return red * 299 + green * 587 + blue * 114 > 150_000
