"""Invented guests to train with. Their numbers begin with 0, as no card's does, and their codes are none of ours: scanned at a till
that is not training, they find nobody."""

from typing import Any, TypedDict

from flask_babel import gettext as _

from walletpass.cards import codes
from walletpass.programs import Program

FOREIGN = "4006381333931"  # an EAN-13, as any bottle has one
CHANGED = "21" + "0" * codes.TOKEN_DIGITS + "00000000"
NUMBERS = {
    name: digits + codes.check_digit(digits)
    for name, digits in (("maria", "0000101"), ("artem", "0000102"), ("sofia", "0000103"), ("ivan", "0000104"))
}
CODES = {**NUMBERS, "foreign": FOREIGN, "changed": CHANGED}


class PracticeCard(TypedDict):
    slug: str
    name: str
    lesson: str
    code: str
    number: str
    guest: dict[str, Any] | None


def practice_cards(program: Program) -> list[PracticeCard]:
    """What a waiter meets in a week. The points of the one with many are above what a second look at the guest is asked for."""
    many = max(program.second_factor_above, 1_000) * 2
    return [
        _guest("maria", "Maria Kovalenko", _("A regular. Greet her by name, add the check, and let 500 points pay."),
               points=1_240, visits=14, average=6_230, days=9, dishes=[_("Risotto with mushrooms"), _("Tiramisu")], drinks=[_("Lemonade")]),
        _guest("artem", "Artem", _("The first time here. Say welcome, and add the check."), points=0, visits=0, average=None, days=None),
        _guest("sofia", "Sofia Lysenko", _("Owes 120 points. She earns as always, and cannot pay with points."),
               points=0, visits=5, average=3_180, days=40, debt=120),
        _guest("ivan", "Ivan Petrenko", _("Has many points. Let most of them pay: the till asks for proof, and the practice code is 1234."),
               points=many, visits=31, average=11_400, days=3, drinks=[_("Espresso")]),
        _nobody("foreign", _("A bottle’s barcode"), _("Not our card: the till says so, and nothing happens.")),
        _nobody("changed", _("A code that has run out"), _("A picture of a code that changes. Ask the guest to open the card once more.")),
    ]  # fmt: skip


def _guest(
    slug: str, name: str, lesson: str, *, points: int, visits: int, average: int | None, days: int | None, debt: int = 0,
    dishes: list[str] | None = None, drinks: list[str] | None = None,
) -> PracticeCard:  # fmt: skip
    number = NUMBERS[slug]
    favourites = {"dishes": dishes or [], "drinks": drinks or []}
    guest = {"points": points, "debt": debt, "visits": visits, "average_check": average, "days": days, "favourites": favourites}
    return {"slug": slug, "name": name, "lesson": lesson, "code": number, "number": f"{number[:4]} {number[4:]}", "guest": guest}


def _nobody(slug: str, name: str, lesson: str) -> PracticeCard:
    return {"slug": slug, "name": name, "lesson": lesson, "code": CODES[slug], "number": "", "guest": None}


def practice(program: Program) -> dict[str, Any]:
    """What the till's training mode works with."""
    rules = {
        name: getattr(program, name)
        for name in (
            "kind",
            "stamp_goal",
            "currency",
            "earn_bps",
            "point_value",
            "cap_percent",
            "minimum_points",
            "minimum_money",
            "max_amount",
        )
    }
    return {"cards": practice_cards(program), "rules": rules, "above": program.second_factor_above, "code": "1234"}
