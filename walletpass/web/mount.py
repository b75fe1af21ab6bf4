from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask_babel import Babel
from flask_wtf import CSRFProtect

from walletpass import cards
from walletpass.programs import Program
from walletpass.web import (
    api_docs,
    artwork,
    board,
    board_rules,
    book,
    card_page,
    card_proofs,
    certificates,
    checks,
    coats,
    coats_labels,
    coats_rooms,
    deliveries,
    enrol_till,
    forms,
    guest_base,
    guest_points,
    home,
    importing,
    join,
    keys,
    late,
    leaving,
    manage,
    practice,
    preview,
    prove,
    referrals,
    report,
    rules,
    sign_in,
    simulate,
    style,
    survey,
    till,
    till_app,
    webhooks,
)
from walletpass.web.language import language
from walletpass.web.zone import zone

HERE = Path(__file__).parent
SCREENS = (
    home.bp,
    join.bp,
    card_page.bp,
    prove.bp,
    card_proofs.bp,
    till.bp,
    sign_in.bp,
    enrol_till.bp,
    manage.bp,
    certificates.bp,
    deliveries.bp,
    preview.bp,
    guest_base.bp,
    guest_points.bp,
    importing.bp,
    forms.bp,
    style.bp,
    artwork.bp,
    api_docs.bp,
    webhooks.bp,
    report.bp,
    checks.bp,
    late.bp,
    referrals.bp,
    leaving.bp,
    keys.bp,
    rules.bp,
    simulate.bp,
    survey.bp,
    survey.team_bp,
    till_app.bp,
    coats.bp,
    coats_rooms.bp,
    coats_labels.bp,
    practice.bp,
    board.bp,
    board_rules.bp,
    book.bp,
)

# Scripts and styles are files of ours; 'wasm-unsafe-eval' is the barcode decoder. Nobody may frame a till.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def mount(app: Flask) -> None:
    app.template_folder = str(HERE / "templates")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(HERE / "translations")
    Babel(app, locale_selector=language, timezone_selector=zone)
    csrf = CSRFProtect(app)
    for screen in SCREENS:
        app.register_blueprint(screen)
    # A join and a code have no session to ride on, and set no cookie.
    csrf.exempt(join.bp)
    # The address of a card is the key to it; there is no cookie to ride on.
    csrf.exempt(prove.bp)
    csrf.exempt(card_proofs.bp)
    csrf.exempt(survey.bp)
    csrf.exempt(leaving.bp)
    for name, blueprint in app.blueprints.items():
        if name.startswith(("api_", "apple", "google")):
            csrf.exempt(blueprint)
    app.context_processor(_globals)
    app.after_request(_headers)


def _globals() -> dict[str, Any]:
    return {"lang": language(), "artwork": _artwork}


def _artwork(program: Program, filename: str) -> str:
    design = cards.load_design(program.design)
    return cards.artwork_path(design.palettes[program.palette], filename)


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    response.headers.setdefault("Cache-Control", "no-store")
    return response
