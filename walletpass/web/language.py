from flask import request
from werkzeug.exceptions import HTTPException

from walletpass.cards.designs import LANGUAGES


def language() -> str:
    """``?lang=`` or the form's own choice, else the phone's languages, else English. Remembered nowhere."""
    wanted = request.args.get("lang") or _of_form()
    if wanted in LANGUAGES:
        return str(wanted)
    return request.accept_languages.best_match(LANGUAGES) or "en"


def _of_form() -> str | None:
    """None for a form that cannot be read: the page that says so needs a language as well."""
    try:
        return request.form.get("language") if request.method == "POST" else None
    except HTTPException:
        return None
