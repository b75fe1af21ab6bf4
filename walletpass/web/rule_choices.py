"""The other words of the owner's page: groups, choices, units, faults, and who changed what."""

from typing import Any

from flask_babel import gettext as _

from walletpass.programs import Fault, Rule, typed
from walletpass.web.rule_words import DINNER, Words


def titles() -> dict[str, str]:
    return {
        "kind": _("Kind of card"),
        "earns": _("What earns"),
        "pays": _("What points pay"),
        "time": _("When they can be spent, and how long"),
        "back": _("What goes back"),
        "tiers": _("Tiers"),
        "else": _("Points for something else"),
        "limits": _("Limits"),
        "known": _("Who is known"),
        "coats": _("Coats"),
    }


def choices() -> dict[str, dict[str, tuple[str, str]]]:
    """Of each rule its choices in words, and what each means."""
    return {
        "kind": {
            "points": (_("Points"), _("For every visit, and worth money at the next.")),
            "cashback": (_("Cashback"), _("A percentage comes back as money for the next visit.")),
            "stamps": (_("Stamps"), _("Buy some, get one: for coffee, lunch, pizza.")),
            "discount": (_("Discount by tier"), _("Who comes often pays less, at once.")),
        },
        "pending": {
            "none": (_("At once"), _("As soon as the check is closed.")),
            "days": (_("After some days"), _("When a refund has become unlikely.")),
            "action": (_("When staff say so"), _("A manager or the till’s system sets them free.")),
        },
        "expiry": {
            "never": (_("Never"), _("Guests may save as long as they like.")),
            "earned": (_("Some days after earning"), _("Each visit’s points for themselves.")),
            "activity": (_("Some days after the last visit"), _("Who keeps coming loses nothing.")),
            "date": (_("On a day of the year"), _("All at once, as a date on a poster.")),
            "anniversary": (_("On the card’s anniversary"), _("A year after joining, and every year.")),
        },
        "refund_policy": {
            "only_pending": (_("Take waiting points only"), _("What can be spent stays; the house bears it.")),
            "within_balance": (_("Take what is there"), _("Down to 0, and never below.")),
            "debt": (_("Remember the rest"), _("The next visits make it good.")),
        },
        "tier_by": {
            "none": (_("No tiers"), _("Everybody is the same.")),
            "spend": (_("What they spend"), _("Money paid, after discounts.")),
            "visits": (_("How often they come"), _("Checks that were paid.")),
        },
        "tier_window": {
            "rolling": (_("The last days"), _("A window that moves along.")),
            "year": (_("The calendar year"), _("Everybody starts anew in January.")),
        },
    }


def unit(rule: Rule, words: Words) -> str:
    """What stands beside a field."""
    if rule.kind == "money":
        return words.currency
    if rule.kind == "percent" or (rule.kind == "rate" and words.values["kind"] == "cashback"):
        return "%"
    named = {
        "stamps": _("stamps"), "points": _("points"), "minutes": _("minutes"), "hours": _("hours"), "days": _("days"), "visits": "",
    }  # fmt: skip
    return str(named.get(rule.unit or ("points" if rule.kind == "rate" else ""), ""))


def fault(found: Fault) -> str:
    """The sentence beside the field."""
    said = {
        "not_bool": _("This is on or off."),
        "not_choice": _("Choose one of these."),
        "not_whole": _("Write a whole number, like 15."),
        "not_money": _("Write an amount, like 12.50."),
        "not_rate": _("Write a number with two decimals at most, like 10 or 2.5."),
        "too_low": _("Not less than %(bound)s.", bound=found.bound),
        "too_high": _("Not more than %(bound)s.", bound=found.bound),
        "not_words": _("Write words with commas between them."),
        "many_words": _("There is room for %(bound)s words.", bound=found.bound),
        "long_word": _("A word has %(bound)s letters at most.", bound=found.bound),
        "odd_word": _("One of these words has letters that cannot be seen."),
        "twice": _("One of these words stands there twice."),
        "no_such_day": _("That month has only %(bound)s days.", bound=found.bound),
        "warned_too_early": _("Guests would be warned before they earn. Choose fewer days than points last."),
        "ends_before": _("Points would end before they can be spent."),
        "no_sites": _("Switch a site on below, or set this to 0."),
        "needs_tiers": _("A discount goes by tier: choose whether spend or visits lift a guest."),
        "many_tiers": _("There are %(bound)s tiers at most.", bound=found.bound),
        "tier_name": _("A tier needs a name, of 40 letters at most."),
        "tier_twice": _("Another tier has this name."),
        "tier_rises": _("Each tier begins above the one before it."),
        "tier_rate": _("Write a number with two decimals at most, like 10 or 2.5."),
        "tier_discount": _("From 0 to 100."),
    }
    return str(said.get(found.code, found.sentence))


def summary(group: str, words: Words, steps: int) -> str:
    """A group in one sentence, as it stands."""
    values, kind = words.values, words.values["kind"]
    dinner = words.money(DINNER)
    if group == "kind":
        return choices()["kind"][kind][1]
    if group == "earns":
        if kind == "stamps":
            return str(_("%(goal)s stamps make a reward.", goal=words.number(values["stamp_goal"])))
        return str(_("A check of %(amount)s earns %(points)s.", amount=dinner, points=words.earned())) if kind != "discount" else ""
    if group == "pays":
        return str(_("Up to %(percent)s %% of a check; %(points)s pay %(money)s.", percent=values["cap_percent"], points=words.points(100), money=words.worth(100))) if kind == "points" else ""  # fmt: skip
    if group == "time":
        return " · ".join(f"{words.label(name)}: {choices()[name][values[name]][0]}" for name in ("pending", "expiry"))
    if group == "back":
        return choices()["refund_policy"][values["refund_policy"]][0]
    if group == "tiers":
        return choices()["tier_by"][values["tier_by"]][0] + (f" · {steps}" if values["tier_by"] != "none" else "")
    if group == "else":
        return _others(words)
    return ""


def _others(words: Words) -> str:
    given = [
        name for name in ("welcome_points", "birthday_points", "referral_points", "survey_points", "review_points") if words.values[name]
    ]
    return ", ".join(f"{words.label(name)} {words.number(words.values[name])}" for name in given) or str(_("Nothing yet."))


def value(rule: Rule, held: Any, words: Words) -> str:
    """A value as the history tells it."""
    if rule.kind == "bool":
        return str(_("on")) if held else str(_("off"))
    if rule.kind == "choice":
        return choices()[rule.name].get(held, (str(held), ""))[0]
    if rule.kind == "money":
        return words.money(held)
    if rule.kind == "words":
        return ", ".join(held) or str(_("nothing"))
    written, beside = typed.write(rule, held, words.currency), unit(rule, words)
    return f"{written} {beside}".strip()
