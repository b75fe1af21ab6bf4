"""What is wrong with a form of a check, said beside its field."""

from collections.abc import Mapping

from flask_babel import gettext as _

from walletpass.checks.money import minor, written
from walletpass.errors import Malformed, NotFound, Refusal
from walletpass.programs import Program
from walletpass.programs.money import decimals
from walletpass.web.language import language


def amount(form: Mapping[str, str], field: str, program: Program) -> int:
    """Raises Malformed, with the ``field``."""
    try:
        return minor(form.get(field, ""), program.currency)
    except Malformed as error:
        raise Malformed(error.message, field=field) from None


def faults(error: Refusal, form: Mapping[str, str], program: Program) -> dict[str, str]:
    """A sentence for the field that is wrong; nothing where it is no field of the form."""
    action = form.get("action", "")
    if isinstance(error, NotFound):
        return {"card": _("This is not one of our cards. Check the number.")} if action == "attach" else {}
    if not isinstance(error, Malformed):
        return {}
    field = str(error.details.get("field") or _limited(action, form))
    said = {
        "reason": _("Say why, in three letters at least."),
        "quantity": _("How many is a whole number, from 1 to 9999."),
        "amount": _of_amount(error, action, program),
        "discount": _of_amount(error, action, program),
    }
    return {field: said[field]} if field in said and field in form else {}


def _limited(action: str, form: Mapping[str, str]) -> str:
    """The field that a limit of the check speaks of."""
    return "discount" if action == "close" and "discount" in form else "amount"


def _of_amount(error: Malformed, action: str, program: Program) -> str:
    most = error.details.get("maximum")
    if not isinstance(most, int) or most < 1:
        said = _("Type the amount like this: %(example)s", example=_money(program, 125 * 10 ** decimals(program.currency) // 10))
    elif action == "line":
        said = _("One check may be %(most)s at most.", most=_money(program, most))
    else:
        said = _("From %(least)s to %(most)s.", least=_money(program, 1), most=_money(program, most))
    return str(said)


def _money(program: Program, amount: int) -> str:
    return written(amount, program.currency, language())
