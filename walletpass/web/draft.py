"""A design while somebody edits it: both wallets, front and back, as the files are at this moment, and what is wrong with them."""

import hashlib
import threading
from pathlib import Path

from flask import Flask, Response, render_template, request, url_for
from flask_babel import Babel
from werkzeug.exceptions import NotFound
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards
from walletpass.cards import Design
from walletpass.cards.designs import Reading, read_design, state_of
from walletpass.web import style
from walletpass.web.language import language
from walletpass.web.mount import POLICY
from walletpass.web.preview import Choice, code_image

HERE = Path(__file__).parent


class Draft:
    """A folder that somebody is editing: its last sound state, and the faults of the present one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.design: Design | None = None
        self.reading = Reading(None, ())
        self._state: object = None
        self._lock = threading.Lock()

    def look(self) -> None:
        with self._lock:
            state = state_of(self.folder)
            if state != self._state:
                self._state, self.reading = state, read_design(self.folder)
                self.design = self.reading.design or self.design

    @property
    def tag(self) -> str:
        return hashlib.sha256(repr(self._state).encode()).hexdigest()[:16]


def make_preview_server(folder: Path, port: int) -> BaseWSGIServer:
    """For this machine only. Raises OSError or SystemExit for a port that is taken."""
    return make_server("127.0.0.1", port, make_preview_app(folder), threaded=True)


def make_preview_app(folder: Path) -> Flask:
    """The page at /, the changing part of it at /cards, and what it is drawn with. No database, no keys, no cookies."""
    app = Flask("walletpass.web", static_folder="static", static_url_path="/static", template_folder=str(HERE / "templates"))
    app.config.update(BABEL_TRANSLATION_DIRECTORIES=str(HERE / "translations"), TRUSTED_HOSTS=["127.0.0.1", "localhost"])
    Babel(app, locale_selector=language)
    app.context_processor(lambda: {"lang": language()})
    app.after_request(_headers)
    draft = Draft(folder)
    app.before_request(draft.look)
    app.add_url_rule("/", "page", lambda: _draft_page(draft, "preview.html"))
    app.add_url_rule("/cards", "cards", lambda: _changed(draft))
    app.add_url_rule("/code/<kind>.svg", "code", code_image)
    app.add_url_rule("/colours/<palette>.css", "colours", lambda palette: _colours(draft, palette))
    app.add_url_rule("/artwork/<digest>/<filename>", "artwork", lambda digest, filename: _artwork(draft, digest, filename))
    return app


def _draft_page(draft: Draft, template: str) -> str:
    shown: dict[str, object] = {"views": [], "choice": None}
    if draft.design is not None:
        choice = Choice(draft.design)
        colours = url_for("colours", palette=choice.palette, v=draft.tag)
        shown = {**choice.page(draft.design.name), "colours_url": colours, "code_url": lambda kind: url_for("code", kind=kind)}
    return render_template(template, **shown, live=True, name=draft.folder.name, faults=draft.reading.faults)


def _changed(draft: Draft) -> BaseResponse:
    """The part of the page that changes, for a browser that asks every second; mostly 304."""
    answer = Response(_draft_page(draft, "_preview_cards.html"))
    answer.set_etag(draft.tag)
    answer.headers["Cache-Control"] = "no-cache"
    return answer.make_conditional(request)


def _colours(draft: Draft, palette: str) -> Response:
    if draft.design is None or palette not in draft.design.palettes:
        raise NotFound
    return Response(style.SHEET.format(palette=draft.design.palettes[palette]), mimetype="text/css")


def _artwork(draft: Draft, digest: str, filename: str) -> Response:
    image = cards.find_artwork(iter([draft.design] if draft.design else []), digest, filename)
    if image is None:
        raise NotFound
    return Response(image, mimetype="image/png", headers={"Cache-Control": "max-age=31536000, immutable"})


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Cache-Control", "no-store")
    return response
