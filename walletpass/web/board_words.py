"""The words of the board's set-up, in the reader's language."""

from collections.abc import Mapping

from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import gettext as _

from walletpass.errors import Malformed
from walletpass.hostess.words import SENTENCES


def occasions() -> dict[str, str]:
    return {
        "review": _("A review to thank for"),
        "absence": _("Back after a long time"),
        "coat_here": _("The coat is still here"),
        "coat_kept": _("A coat was kept for them"),
        "birthday": _("Birthday"),
        "first_visit": _("First visit"),
        "booking_note": _("A wish with the booking"),
        "usual_waiter": _("The usual waiter is here"),
        "vip": _("VIP"),
        "regular": _("Regular"),
        "again": _("Has been here before"),
    }


def explained() -> dict[str, str]:
    """When each of them is there, where its name does not say so."""
    return {
        "review": _("A public review that nobody has thanked for yet."),
        "absence": _("After this many days without a visit."),
        "coat_here": _("When the check is paid and something of theirs still hangs."),
        "coat_kept": _("It stayed behind when a shift was closed."),
        "birthday": _("This many days before and after it."),
        "usual_waiter": _("Whoever served them most is signed in on a till."),
    }


def ours() -> dict[str, Mapping[str, str]]:
    """What is said where the restaurant has no words of its own."""
    return {**SENTENCES}


def weekdays() -> list[str]:
    """Short names, Monday first."""
    names = get_day_names("abbreviated", context="stand-alone", locale=get_locale())
    return [names[day] for day in range(7)]


def fault(error: Malformed) -> str:
    """What to do about it, by the field that it is about."""
    field = str(error.details.get("field", ""))
    said = {
        "words": _("A sentence has 160 letters at most, and in braces only the words that stand beside it."),
        "days": _("Write a whole number of days, 3650 at most."),
        "weekdays": _("Tick at least one day."),
        "begins": _("Say from when to when: the evening ends at five in the morning."),
        "ends": _("Say from when to when: the evening ends at five in the morning."),
        "tables": _("Keep 1 to 100 tables."),
        "venue": _("Say which venue."),
        "booking_page": _("An address begins with https:// and may have {name}, {phone}, {party} and {notes} after the site’s name."),
    }
    return str(said.get(field, _("This does not fit. Look at it once more.")))


def done(action: str) -> str:
    said = {
        "order": _("Saved. The board speaks like this from now on."),
        "up": _("Saved. The board speaks like this from now on."),
        "down": _("Saved. The board speaks like this from now on."),
        "keep": _("These tables are kept."),
        "release": _("These tables are kept no more."),
        "book": _("Saved. The cards’ pages lead there."),
    }
    return str(said.get(action, ""))
