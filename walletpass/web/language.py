from flask import request

from walletpass.cards.designs import LANGUAGES


def language() -> str:
    """``?lang=`` or the form's own choice, else the phone's languages, else English. Remembered nowhere."""
    wanted = request.values.get("lang") or (request.form.get("language") if request.method == "POST" else None)
    if wanted in LANGUAGES:
        return str(wanted)
    return request.accept_languages.best_match(LANGUAGES) or "en"
