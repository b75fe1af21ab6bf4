"""What makes an app of the till: its manifest and icons, the worker that keeps the page without a network, and who is signed in."""

import io
import json
from functools import lru_cache

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from PIL import Image

from walletpass import cards, config, programs
from walletpass.api.schemas import EarnIn
from walletpass.cards.designs import LANGUAGES
from walletpass.database import now, reading
from walletpass.errors import NotFound
from walletpass.programs import Program
from walletpass.web import qr
from walletpass.web.kept import ICON_SIZES, files, icon_path, version
from walletpass.web.language import language
from walletpass.web.till import place

bp = Blueprint("till_app", __name__)

# What a till looks like before its page is drawn: the paper of the house.
PAPER = "#f4eee3"
LONGEST_LINK = 300


@bp.get("/t/<program_id>/manifest.webmanifest")
def manifest(program_id: str) -> Response:
    program = _program(program_id)
    chosen = language()
    palette = cards.load_design(program.design).palettes[program.palette]
    described = {
        "id": f"/t/{program.id}",
        "name": _("%(restaurant)s - till", restaurant=program.name),
        "short_name": program.name,
        "description": _("Scan loyalty cards, add points, and go on without a network."),
        "lang": chosen,
        "dir": "ltr",
        "start_url": f"/t/{program.id}?lang={chosen}" if request.args.get("lang") in LANGUAGES else f"/t/{program.id}",
        "scope": f"/t/{program.id}",
        "display": "standalone",
        "orientation": "any",
        "background_color": PAPER,
        "theme_color": palette.accent,
        "categories": ["business", "food"],
        "icons": [
            {"src": icon_path(program, size), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for size in ICON_SIZES[1:]
            for purpose in ("any", "maskable")
        ],
    }
    response = Response(json.dumps(described, ensure_ascii=False), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/t/<program_id>/icon-<int:size>.png")
def icon(program_id: str, size: int) -> Response:
    """The card's own picture, which fills its square to the edge: any mask leaves its middle."""
    if size not in ICON_SIZES:
        raise NotFound("There is no icon of that size.")
    program = _program(program_id)
    picture = cards.load_design(program.design).palettes[program.palette].images["google_logo.png"]
    response = Response(_scaled(picture, size), mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@bp.get("/t/<program_id>/worker.js")
def worker(program_id: str) -> Response:
    """Other bytes are another worker: a browser looks for them at each start and then once a day."""
    program = _program(program_id)
    config = {
        "program": program.id,
        "version": version(program),
        "page": f"/t/{program.id}",
        "screens": [f"/t/{program.id}", f"/t/{program.id}/coats"],
        "files": files(program),
    }
    body = f'import {{ serve }} from "{url_for("static", filename="till/worker.js")}";\nserve({json.dumps(config)});\n'
    response = Response(body, mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = f"/t/{program.id}"
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/t/<program_id>/who")
def who(program_id: str) -> Response:
    """Whether the server answers, in whose name, and what it can do; asked before a queue is sent."""
    here = place(program_id)
    actor = here.actor
    return jsonify(
        staff=actor.staff_id if actor else None,
        name=actor.name if actor else None,
        version=version(here.program),
        now=now().isoformat(),
        times="at" in EarnIn.model_fields,
    )


@bp.get("/t/<program_id>/join-code.svg")
def join_code(program_id: str) -> Response:
    """An invitation of ours as a QR, for the guest of a table who has no card yet."""
    link = request.args.get("link", "")
    if place(program_id).actor is None or not link.startswith(f"{config.current().base_url}/j/") or len(link) > LONGEST_LINK:
        raise NotFound("There is no such invitation.")
    return qr.svg(link)


@bp.get("/t/<program_id>/offline")
def offline(program_id: str) -> str:
    """Kept by the worker for the moments without a network in which there is no till to show. Knows nobody."""
    return render_template("till_offline.html", program=_program(program_id))


@lru_cache(maxsize=60)
def _scaled(picture: bytes, size: int) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture), formats=["PNG"]) as opened:
        opened.convert("RGB").resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _program(program_id: str) -> Program:
    with reading() as session:
        return programs.get(session, program_id)
