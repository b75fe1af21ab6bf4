"""Where a design's fields go on Google's card (Google: "ClassTemplateInfo").

The points come first, then a second figure, then what else stands on the front; the holder only where Google may know the
name, the number not at all, as it stands under the code. A row whose fields are empty is not shown, so the coat has one
of its own: it is there while the coat is.
"""

from typing import Any

from walletpass.cards import CardFace, Design, FieldSpec
from walletpass.cards.designs.model import CARD_VALUES, SLOTS

Resource = dict[str, Any]

FRONT = tuple(slot for slot in SLOTS if slot != "back")
POINTS, SECOND = "object.loyaltyPoints", "object.secondaryLoyaltyPoints"
# The second figure is the first of these that a design shows. Of a tier the text, for a tier of the class is everybody's.
FIGURES = ("tier", "visits", "points")
ITEMS = ((), ("item",), ("startItem", "endItem"), ("startItem", "middleItem", "endItem"))
ROWS = ("", "oneItem", "twoItems", "threeItems")


def counted(design: Design) -> tuple[str, ...]:
    """The names of what the card counts: its points, or its stamps."""
    return ("points",) if design.stamps is None else ("stamps_text", "stamps", design.stamps.value)


def second(design: Design) -> str:
    """The value that stands beside what the card counts; "" for a design without one."""
    shown = {field.value for field in design.fields if field.slot in FRONT} - set(counted(design))
    return next((name for name in FIGURES if name in shown), "")


def card_texts(design: Design) -> list[FieldSpec]:
    """The fields that are text modules of the card's own, one for each value: those that have no other place."""
    return _texts(design, {"holder", "number", "page", *counted(design), second(design)})


def ticket_texts(design: Design) -> list[FieldSpec]:
    return _texts(design, {"holder", "number", "page", "coat"})


def _texts(design: Design, elsewhere: set[str]) -> list[FieldSpec]:
    found: dict[str, FieldSpec] = {}
    for field in design.fields:
        if field.value in CARD_VALUES and field.value not in elsewhere:
            found.setdefault(field.value, field)
    return list(found.values())


def card_template(face: CardFace) -> Resource:
    design = face.design
    figures = [POINTS, *([SECOND] if second(design) else [])]
    front = figures + [path for path in _front(face) if path not in figures]
    rows = [front] if len(front) <= 3 else [front[:2], front[2:5]]
    if any(field.value == "coat" for field in design.fields):
        rows.append([module("coat")])
    return template(rows)


def ticket_template(face: CardFace) -> Resource:
    """The hook is the title of a ticket; below it stand the things that hang there."""
    return template([[module(field.value) for field in ticket_texts(face.design) if field.slot in FRONT][:3]])


def template(rows: list[list[str]]) -> Resource:
    infos = [{ROWS[len(row)]: dict(zip(ITEMS[len(row)], map(_item, row), strict=True))} for row in rows if row]
    return {"cardTemplateOverride": {"cardRowTemplateInfos": infos}}


def module(id: str, owner: str = "object") -> str:
    return f"{owner}.textModulesData['{id}']"


def _item(path: str) -> Resource:
    return {"firstValue": {"fields": [{"fieldPath": path}]}}


def _front(face: CardFace) -> list[str]:
    paths = [_path(face, field) for slot in FRONT for field in face.design.fields if field.slot == slot and field.value != "coat"]
    return list(dict.fromkeys(path for path in paths if path))


def _path(face: CardFace, field: FieldSpec) -> str:
    room, _, key = field.value.partition(".")
    if room == "text":
        return module(key, "class")
    if field.value == "holder":
        return "object.accountName" if face.google_names else ""
    if field.value in counted(face.design):
        return POINTS
    if field.value == second(face.design):
        return SECOND
    return module(field.value) if field.value in CARD_VALUES and field.value not in ("number", "page", "coat") else ""
