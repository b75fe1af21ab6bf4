from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from walletpass.errors import Gone, NotAllowed, NotFound, SignInRequired, Unavailable, WalletpassError


def error_page(error: WalletpassError) -> Response:
    """One sentence on what is wrong and one on what to do now."""
    title, sentence = _words(error)
    page = render_template(
        "error.html",
        status=error.status,
        title=title,
        sentence=sentence,
        program=None,
        next_url=_back(error),
        next_text=_("Back to the till"),
    )
    response = make_response(page, error.status)
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = "2"
    return response


def _back(error: WalletpassError) -> str | None:
    """The way out of a page of the staff that is not for this person: the till, where somebody else can sign in."""
    program_id = (request.view_args or {}).get("program_id")
    if not isinstance(error, NotAllowed | SignInRequired) or not program_id or not request.path.startswith("/t/"):
        return None
    return url_for("till.screen", program_id=program_id, lang=request.args.get("lang"))


def _words(error: WalletpassError) -> tuple[str, str]:
    if isinstance(error, NotFound):
        return _("Nothing is here"), _("The link may be mistyped or old. Please ask the staff for a new one.")
    if isinstance(error, Gone):
        return _("This link has done its work"), _("It was used already or has expired. Ask a manager for a new one.")
    if isinstance(error, NotAllowed):
        return _("A manager has to do this"), _("Ask a manager to sign in on this till.")
    if isinstance(error, SignInRequired):
        return _("Please sign in"), _("You were signed out. Sign in on the till and try again.")
    if isinstance(error, Unavailable):
        return _("One moment, please"), _("This cannot be done right now. Nothing was lost; please try again.")
    if error.status < 500:
        return _("This did not work"), _("The page was sent something that it cannot read. Please go back and try again.")
    return _("Something broke on our side"), _("It was written down, and nothing was changed. Please try again.")
