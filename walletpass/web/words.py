"""Refusals in the reader's language, and names as short as they may be."""

from flask_babel import gettext as _

from walletpass.errors import Refusal


def sentence(error: Refusal) -> str:
    """What a person at a till should do, by the error's code."""
    said = {
        "malformed": _("This does not fit. Look at what you typed."),
        "not_found": _("This is not on the check any more."),
        "not_our_code": _("This is not one of our cards. Check the number."),
        "coat_ticket": _("This is a coat ticket. It has no points."),
        "not_allowed": _("A manager has to do this."),
        "already_earned": _("This check has earned its points already."),
        "already_reversed": _("This was given back already."),
        "key_reused": _("This form was used already. Look at the check as it stands now."),
        "missing_key": _("This form was used already. Look at the check as it stands now."),
        "code_used": _("This code was read before. Scan the one that the phone shows now."),
        "code_expired": _("This code was read before. Scan the one that the phone shows now."),
        "conflict": _("The check stands otherwise now: somebody closed or changed it, or points are still held for it."),
    }
    return str(said.get(error.code, _("This did not work. Look at the check as it stands now.")))


def short_name(name: str) -> str:
    """``Ana K.``: enough to know whom it is about."""
    first, *rest = name.split() or [""]
    return f"{first} {rest[-1][0]}." if rest else first
