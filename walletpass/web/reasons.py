"""Why a line of a file made no guest, in the reader's language; and what the columns are called."""

from collections.abc import Callable

from flask_babel import format_number
from flask_babel import gettext as _

from walletpass.guestbook import MOST_POINTS, Fault


def reason() -> Callable[[Fault], str]:
    """The sentence for a fault, in words that were looked up while there was a request to say the language."""
    plain, of_cell = _reasons(), _unreadable()
    return lambda fault: of_cell.get(fault.field, plain["malformed"]) if fault.reason == "malformed" else plain[fault.reason]


def _reasons() -> dict[str, str]:
    return {
        "too_long": str(_("The line is far too long.")),
        "zero_byte": str(_("There is a zero byte in the line.")),
        "unreadable": str(_("There are characters that cannot be read in this encoding.")),
        "quote": str(_("A quotation mark is not closed, or something stands behind it.")),
        "short": str(_("There are fewer cells than columns.")),
        "wide": str(_("There are more cells than columns: a cell with the delimiter in it needs quotation marks.")),
        "missing": str(_("There is no phone number.")),
        "malformed": str(_("This cannot be read.")),
        "ended": str(_("These points have expired already.")),
        "same_number": str(_("The same phone number stood further up in this file.")),
        "known": str(_("A guest with this phone number is known already.")),
        "taken": str(_("Another guest has this card number.")),
        "negative": str(_("Points cannot be less than zero.")),
        "fraction": str(_("Points are whole numbers: nothing stands behind a comma or a point.")),
        "too_many": str(_("Nobody brings more than %(most)s points.", most=format_number(MOST_POINTS))),
    }


def _unreadable() -> dict[str, str]:
    return {
        "name": str(_("A name has letters or digits, 80 at most.")),
        "phone": str(_("This is no phone number.")),
        "email": str(_("This is no e-mail address.")),
        "birthday": str(_("On this day nobody can be born, or it is no date like 17.05.1990 or 1990-05-17.")),
        "city": str(_("The name of a town has 80 letters at most.")),
        "points": str(_("This is no number.")),
        "expires": str(_("This is no date like 31.12.2027 or 2027-12-31.")),
        "old_number": str(_("A card number has letters and digits, 40 at most.")),
    }


def fields() -> dict[str, str]:
    return {
        "name": str(_("Guest’s name")),
        "surname": str(_("Family name")),
        "phone": str(_("Phone")),
        "email": str(_("E-mail")),
        "birthday": str(_("Birthday")),
        "city": str(_("City")),
        "language": str(_("Language")),
        "points": str(_("Points")),
        "expires": str(_("Points expire on")),
        "old_number": str(_("Number of the old card")),
    }
