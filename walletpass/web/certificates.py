"""The owner's page of the certificate that signs the cards: how long it lasts, and taking in the next one."""

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from walletpass.apple import guardian
from walletpass.apple.guardian import Offer
from walletpass.errors import CertificateError, Malformed, NotFound, Unavailable
from walletpass.web.managing import manager, screen_for_manager
from walletpass.web.till import Place

bp = Blueprint("certificates", __name__)

Answer = str | tuple[str, int] | BaseResponse


@bp.get("/t/<program_id>/certificates")
def screen(program_id: str) -> Answer:
    return screen_for_manager(program_id, _page)


@bp.post("/t/<program_id>/certificates")
def act(program_id: str) -> Answer:
    here = manager(program_id)
    try:
        shown = _request(here) if request.form.get("action") == "request" else _install(here)
    except (Malformed, CertificateError, Unavailable) as error:
        status = Malformed.status if isinstance(error, CertificateError) else error.status
        return _page(here, wrong=error.details.get("sentences") or [error.message]), status
    return _page(here, **shown)


@bp.get("/t/<program_id>/certificates/pass.csr")
def signing_request(program_id: str) -> Response:
    waiting, _fault = _waiting(manager(program_id))
    if waiting is None:
        raise NotFound("No signing request waits here.")
    response = Response(waiting.request_pem, mimetype="application/pkcs10")
    response.headers["Content-Disposition"] = f'attachment; filename="{program_id}.csr"'
    return response


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Answer:
    here = manager((request.view_args or {})["program_id"])
    return _page(here, wrong=[_("That is far larger than a certificate. Choose the pass.cer from Apple's portal, or the .p12 file.")]), 413


def _request(here: Place) -> dict[str, Any]:
    guardian.request(here.program)
    return {"notice": _("The signing request is ready. Download it and follow the steps.")}


def _install(here: Place) -> dict[str, Any]:
    # One byte more than is taken: enough to say that it is too much.
    files = [Offer(part.filename, part.stream.read(guardian.LARGEST + 1)) for part in request.files.getlist("files") if part.filename]
    done = guardian.install(here.program, files, request.form.get("password", ""))
    notice = (
        _("The certificate is in use. Guests and their cards notice nothing.")
        if done.changed
        else _("This certificate was in use already.")
    )
    return {"notice": notice, "notes": done.notes}


def _waiting(here: Place) -> tuple[guardian.Pending | None, str]:
    try:
        return guardian.pending(here.program), ""
    except CertificateError as error:
        return None, error.message


def _page(here: Place, **shown: Any) -> str:
    waiting, fault = _waiting(here)
    shown.setdefault("wrong", [fault] if fault else [])
    state = guardian.state(here.program)
    return render_template("certificates.html", program=here.program, venue=here.venue, state=state, waiting=waiting, **shown)
